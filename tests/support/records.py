"""What a history is given to keep: jobs, pictures, briefs."""

from collections.abc import Awaitable, Callable

from bot.core.ports import History
from bot.core.session import JobRecord, RenderRecord, Session
from bot.core.spec import Draft, SetSlot, SpecPatch, merge
from engine.base import Box, Photo
from engine.jobs import Check, Job, Render
from engine.shots import Series, Shot

Reopen = Callable[[], Awaitable[History]]


def job(name: str, session: str = "web:1", person: str = "ann") -> JobRecord:
    shots = (Shot("generate", seed=7, spec={"age": 30, "aperture": 1.8, "look": "linkedin"}),)
    return JobRecord(Job(name, person, Series(shots)), session, person, seq=1, spec_version=2)


def picture(name: str, job: str = "j1", session: str = "web:1", blob: str = "") -> RenderRecord:
    blob = blob or f"{name}.png"
    render = Render(
        blob, blob.replace("png", "jpg"), 1024, 1365, 7, "face-sampler", {"engine": "1"},
        checks=(Check("sharpness", 0.5, ">= 0.4", True),), timings={"sample": 1.5},
    )  # fmt: skip
    return RenderRecord(name, session, job, Shot("generate", 7, prompt="a portrait"), render)


def brief(person: str = "ann") -> Session:
    patch = SpecPatch((SetSlot("look", "linkedin", "LinkedIn"), SetSlot("aperture", 2.0, "f/2")))
    return Session("web:1", person, merge(Draft(), patch), Photo("p.png", 9, 9, (Box(1, 2, 3, 4),)))


async def with_job(history: History, name: str = "j1", session: str = "web:1") -> None:
    await history.session(session, "ann")
    await history.add_job(job(name, session))
