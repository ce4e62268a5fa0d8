"""A picture of the history made again: what it needs, what differs from then, and the picture."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, structs

from bot.app import App
from bot.core.outside import made_outside
from bot.core.session import JobRecord, RenderRecord
from bot.core.set_jobs import frames_of
from bot.errors import CannotReplay
from engine.errors import EngineError
from engine.jobs import Failed, Job, JobEvent, Render, Rendered
from engine.shots import Series, Shot

PERSON = "cli:you"
"""Whose session the command line's pictures are kept in."""


class Replayed(Struct, frozen=True):
    """`differs` are versions by name, as (then, now); "" where one of them had none."""

    then: RenderRecord
    now: RenderRecord
    differs: dict[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether the picture is the same, byte for byte."""
        return self.then.render.blob == self.now.render.blob


async def replay(
    app: App, render_id: str, on_event: Callable[[JobEvent], None], profile: str = ""
) -> Replayed:
    """Make a picture of the history again, by `profile` where that is not the one of its record.

    Raises `CannotReplay`, or an `EngineError`.
    """
    record = await app.history.render(render_id)
    if record is None:
        raise CannotReplay("replay_unknown", render_id)
    if made_outside(record.shot):
        raise CannotReplay("replay_outside", record.render.model)
    if record.shot.operation not in app.engine.capabilities().honours:
        raise CannotReplay("replay_not_here", record.render.model)
    shot = await _as_made(app, record, profile)
    if await asyncio.to_thread(_missing, app, shot):
        raise CannotReplay("replay_source_gone", render_id)
    (made,) = await shoot_and_keep(app, Series((shot,)), on_event, await _owner(app, record))
    return Replayed(record, made, differences(record.render.versions, made.render.versions))


async def shoot_and_keep(
    app: App, series: Series, on_event: Callable[[JobEvent], None], person: str = PERSON
) -> list[RenderRecord]:
    """Make a series for the command line, and keep its pictures in the history, to be made again.

    They are `person`'s, and erased with what else is theirs. Raises an `EngineError` on failure;
    what was finished before is kept.
    """
    session = PERSON if person == PERSON else f"{PERSON}:{person}"
    await app.history.session(session, person)
    job = Job(secrets.token_hex(8), person, series)
    # Written down as done: a studio that opens later must not take a stopped command's job up.
    await app.history.add_job(JobRecord(job, session, person, 0, 0, "done"))
    made = []
    async for event in app.engine.run(job):
        on_event(event)
        if isinstance(event, Rendered):
            made.append(await _kept(app, session, job, event.shot, event.render))
        if isinstance(event, Failed):
            raise EngineError(event.detail, code=event.code, **event.facts)
    return made


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is not as it was, by name: (then, now)."""
    # "name@revision" is that model at an earlier revision, which is told of by itself.
    pairs = {
        name: (then.get(name, "").partition("@")[0], now.get(name, "").partition("@")[0])
        for name in {**then, **now}
    }
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def replay_text(app: App, replayed: Replayed, newer: str = "") -> str:
    """What came of it, in words; `newer` is the revision of then where today's was used instead."""
    if newer:
        more = app.prompts.say("replay_newer", revision=newer[:12])
        return f"{replay_text(app, replayed)} {more}"
    if replayed.same:
        return app.prompts.say("replay_same")
    changes = [
        app.prompts.say("replay_changed", name=name, then=then or "-", now=now or "-")
        for name, (then, now) in replayed.differs.items()
    ]
    if not changes:
        return app.prompts.say("replay_near")
    return app.prompts.say("replay_differs", changes="; ".join(changes))


def replay_json(replayed: Replayed, paths: Iterable[object]) -> dict[str, object]:
    """The result as one JSON object."""
    return {
        "replay": replayed.then.id,
        "id": replayed.now.id,
        "path": str(next(iter(paths))),
        "same": replayed.same,
        "differs": {name: {"then": t, "now": n} for name, (t, n) in replayed.differs.items()},
        "seed": replayed.then.shot.seed,
        "versions": replayed.now.render.versions,
    }


def listed(record: RenderRecord) -> str:
    """A picture as one line of `northlight renders`."""
    shot, render = record.shot, record.render
    look = shot.spec.get("look") or shot.backdrop.id
    size = f"{render.width}x{render.height}"
    when = record.created[:16].replace("T", " ")
    return f"{record.id:<24} {when}  {shot.operation:<13} {size:<10} seed {shot.seed:<11} {look}"


def listed_json(record: RenderRecord) -> dict[str, object]:
    """A picture as one JSON object of `northlight renders --json`."""
    shot, render = record.shot, record.render
    return {
        "id": record.id,
        "created": record.created,
        "session": record.session,
        "operation": shot.operation,
        "seed": shot.seed,
        "width": render.width,
        "height": render.height,
        "model": render.model,
        "versions": render.versions,
    }


async def _as_made(app: App, record: RenderRecord, profile: str) -> Shot:
    """The shot as the studio had it: by the same model, and with its frames' own pictures."""
    profile = profile or record.render.versions.get("profile", record.shot.profile)
    shot = structs.replace(record.shot, profile=profile)
    if not any(frame.source.startswith("#") for frame in shot.frames):
        return shot
    job = await app.history.job(record.job)
    found = await frames_of(app.history, job) if job else {}
    sources = {f"#{number}": frame.render.preview for number, frame in found.items()}
    frames = (structs.replace(f, source=sources.get(f.source, f.source)) for f in shot.frames)
    return structs.replace(shot, frames=tuple(frames))


def _missing(app: App, shot: Shot) -> list[str]:
    """Blobs the shot is made from that are not here any more."""
    frames = (frame.source for frame in shot.frames)
    needed = filter(None, (shot.source, shot.mask, shot.backdrop.source, *frames))
    return [b for b in needed if b.startswith("#") or not app.blobs.path(b).exists()]


async def _owner(app: App, record: RenderRecord) -> str:
    """Whose picture it is."""
    job = await app.history.job(record.job)
    return job.person if job else PERSON


async def _kept(app: App, session: str, job: Job, number: int, render: Render) -> RenderRecord:
    shot = job.series.shots[number]
    record = RenderRecord(f"{job.id}-{number}", session, job.id, shot, render)
    return await app.history.add_render(record)
