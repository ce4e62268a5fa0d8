"""The whole conversation in one call: read a brief, assume the rest, shoot, save the files."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct, structs

from bot.app import App
from bot.core.brief import brief_card
from bot.core.director import HINT
from bot.core.outside import sent
from bot.core.plan import plan
from bot.core.policy import AskSlot, next_step
from bot.core.ports import History, Reading
from bot.core.replies import Heard
from bot.core.session import RenderRecord, Session, leaves_of
from bot.core.spec import PortraitSpec, SetSlot, SpecPatch, merge
from bot.core.ways import completed, gains, operation_of
from bot.core.wishes import wish_in
from bot.errors import NorthlightError
from bot.frontends import chat_cards
from bot.replay import PERSON, shoot_and_keep
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected
from engine.jobs import JobEvent, Render
from engine.shots import Series


class Refused(NorthlightError):
    """The words ask for something the studio does not do; `code` names the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Brief(Struct, frozen=True):
    """What was read, completed, and what would be asked next."""

    session: Session
    spec: PortraitSpec
    series: Series
    not_honoured: tuple[str, ...]
    reader: str
    asks: str


class Shooting(Struct, frozen=True):
    """The finished pictures of one call, in order, as history keeps them."""

    brief: Brief
    records: tuple[RenderRecord, ...]

    @property
    def renders(self) -> tuple[Render, ...]:
        """The pictures themselves."""
        return tuple(record.render for record in self.records)


async def read_brief(
    app: App,
    text: str,
    *,
    seed: int,
    count: int | None = None,
    photo: str | None = None,
    outside: bool = False,
) -> Brief:
    """Read `text` (with the blob of a received `photo`, if any) into a completed brief.

    `outside` says that pictures may be made on a server, if the studio has one; else they stay.

    Raises `Refused` when the words ask for what the studio does not do.
    """
    session = Session(PERSON, PERSON)
    reading = await app.interviewer.read(session, text)
    if reading.refused:
        raise Refused(reading.refused)
    swap = bool(photo) or reading.wants_photo
    session = structs.replace(session, mode="swap" if swap else "generate")
    if (heard := wish_in(text)) and heard.wish == "portrait":
        session = structs.replace(session, then="portrait")
    session = structs.replace(session, draft=merge(session.draft, _patch(reading, count)))
    can = app.engine.capabilities()
    can = can if outside else can.here()
    operation = operation_of(session, can)
    spec = completed(session, app.prompts, can)
    series = plan(spec, app.prompts, seed=seed, operation=operation, source=photo)
    series = sent(series, can) if outside else series
    missed = can.not_honoured(operation, spec.values())
    return Brief(session, spec, series, missed, reading.reader, _asks(app, session))


async def shoot(
    app: App,
    text: str,
    photo: Path | None,
    on_event: Callable[[JobEvent], None],
    *,
    outside: bool = False,
    **options: int,
) -> Shooting:
    """Read the brief, shoot it, and return the renders. Raises an `EngineError` on failure."""
    if not text.strip():
        raise Refused("not_understood")
    blob = await _received(app, photo) if photo else None
    if blob:
        # Written down, so that it can be erased, be there a picture made of it or not.
        await app.history.session(PERSON, PERSON)
        await app.history.post(PERSON, Heard(text, blob))
    brief = await read_brief(app, text, photo=blob, outside=outside, **options)
    if brief.session.mode == "swap" and not blob:
        raise Refused("swap_needs_photo")
    return Shooting(brief, tuple(await shoot_and_keep(app, brief.series, on_event)))


def would_add(app: App, brief: Brief) -> str:
    """What a picture model would add to this brief, in a sentence; "" where it adds nothing."""
    said = [slot for slot in brief.not_honoured if brief.spec.said(slot)]
    return app.prompts.say(HINT) if gains(said, app.engine.capabilities()) else ""


def save(app: App, renders: Iterable[Render], out: Path) -> list[Path]:
    """Copy the lossless pictures to `out`, named by seed; a JPEG lies beside each. Blocks."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, render in enumerate(renders, 1):
        path = (out / f"northlight-{render.seed}-{number}").with_suffix(Path(render.blob).suffix)
        path.write_bytes(app.blobs.get(render.blob))
        path.with_suffix(".jpg").write_bytes(app.blobs.get(render.preview))
        paths.append(path)
    return paths


async def erase(history: History, blobs: DiskBlobs) -> int:
    """Forget what the command line made and was given; returns how many files that were."""
    gone = await history.forget(PERSON)
    await asyncio.to_thread(_delete, blobs, gone)
    return len(gone)


def _delete(blobs: DiskBlobs, ids: Iterable[str]) -> None:
    for blob in ids:
        blobs.delete(blob)


def brief_json(app: App, brief: Brief) -> dict[str, object]:
    """The brief as one JSON object: every slot with value, source and quote."""
    fields = {slot: f for slot in brief.spec.values() if (f := brief.spec.fields[slot])}
    first = brief.series.shots[0]
    return {
        "spec": {
            s: {"value": f.value, "source": f.source, "quote": f.quote} for s, f in fields.items()
        },
        "prompt": first.prompt,
        "negative": first.negative,
        "dialects": first.dialects,
        "not_honoured": list(brief.not_honoured),
        "reader": brief.reader,
        "next": {"asks": brief.asks, "text": question(app, brief)},
    }


def shoot_json(app: App, shot: Shooting, paths: list[Path]) -> dict[str, object]:
    """The result as one JSON object."""
    brief = brief_json(app, shot.brief)
    pictures = [
        {
            "path": str(path),
            "id": record.id,
            "width": render.width,
            "height": render.height,
            "seed": render.seed,
            "checks": {c.name: _check(c.value, c.bound, c.passed) for c in render.checks},
            "notes": list(render.notes),
        }
        for record, path in zip(shot.records, paths, strict=True)
        for render in (record.render,)
    ]
    return {
        **{k: brief[k] for k in ("spec", "prompt", "negative", "not_honoured")},
        "seed": shot.brief.series.shots[0].seed,
        "renders": pictures,
        "timings": _timings(shot.renders),
    }


def brief_text(app: App, brief: Brief) -> str:
    """The brief card as text."""
    can = app.engine.capabilities()
    card = brief_card(brief.spec, 0, operation_of(brief.session, can), can, app.prompts)
    return chat_cards.brief_text(card, app.prompts.say)


async def _received(app: App, photo: Path) -> str:
    try:
        data = await asyncio.to_thread(photo.read_bytes)
    except OSError as error:
        raise PhotoRejected(f"{photo}: {error.strerror}", code="photo_missing") from error
    received = await app.engine.receive(data)
    if not received.faces:
        gone = await app.history.orphans(leaves_of(received))
        await asyncio.to_thread(_delete, app.blobs, gone)
        raise PhotoRejected(str(photo), code="photo_no_person")
    return received.blob


def _patch(reading: Reading, count: int | None) -> SpecPatch:
    wanted = (SetSlot("count", count),) if count else ()
    return SpecPatch((*reading.patch.set, *wanted), reading.patch.clear)


def _asks(app: App, session: Session) -> str:
    step = next_step(session, app.engine.capabilities(), app.prompts)
    return step.slot if isinstance(step, AskSlot) else ""


def question(app: App, brief: Brief) -> str:
    """What would be asked next; empty when nothing would."""
    return app.prompts.phrases.say(f"ask_{brief.asks}") if brief.asks else ""


def _check(value: float, bound: str, passed: bool) -> dict[str, object]:
    return {"value": round(value, 4), "bound": bound, "passed": passed}


def _timings(renders: tuple[Render, ...]) -> dict[str, float]:
    names = dict.fromkeys(name for render in renders for name in render.timings)
    return {n: round(sum(r.timings.get(n, 0.0) for r in renders), 3) for n in names}
