"""A series: several pictures of one brief that share light, backdrop and film, sent as one."""

import re

from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.plan import LOCKED, SEED_STRIDE, plan
from bot.core.ports import Channel
from bot.core.session import Action, RenderRecord, Session
from bot.core.spec import SetSlot, SpecPatch, merge
from engine.shots import Series, Shot

COUNTS = (2, 3, 4, 6)
LEAST, MOST = 2, 12
"""As many as the count slot knows (prompts/vocabulary/count.toml)."""

_NUMBER = re.compile(r"(?<![\d.:/])(\d{1,3})(?![\d.:/]|\s*mm)")


class SeriesMaker:
    """Makes several pictures where one was spoken of."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director = desk, director

    async def ask(self, session: Session, render: str, channel: Channel) -> Session:
        """How many pictures it shall be."""
        counts = self._backdrops(session) if session.mode == "swap" else MOST
        taps = [
            Offer(str(n), Action("series", value=n, render=render)) for n in COUNTS if n <= counts
        ]
        key = "ask_series_backdrops" if session.mode == "swap" else "ask_series"
        await self._desk.say(session.id, channel, key, *taps)
        return session

    async def make(
        self, session: Session, count: int, channel: Channel, render: str = ""
    ) -> Session:
        """`count` pictures: of the picture named, of the photo, or of the brief so far."""
        count = min(max(count, LEAST), MOST)
        record = await self._desk.history.render(render or session.current)
        if record and record.session == session.id and record.shot.operation == "generate":
            taken = len(await self._desk.history.renders(session.id))
            await self._director.submit_series(session, siblings(record, count, taken), channel)
            return session
        if session.mode == "swap":
            return await self._before_backdrops(session, count, channel)
        draft = merge(session.draft, SpecPatch((SetSlot("count", count),)))
        return await self._director.advance(structs.replace(session, draft=draft), channel)

    async def _before_backdrops(self, session: Session, count: int, channel: Channel) -> Session:
        """One photo before several backdrops, the one spoken of first."""
        ready, session = await self._director.photo_ready(session, channel)
        if ready is None:
            return session
        spec = self._director.completed(session)
        values = [spec.value("backdrop"), *(v for v, _ in self._director.values("backdrop"))]
        shots = [
            self._shot(session, ready, str(value)) for value in list(dict.fromkeys(values))[:count]
        ]
        await self._director.submit_series(session, Series(tuple(shots), LOCKED[1:]), channel)
        return session

    def _shot(self, session: Session, source: str, backdrop: str) -> Shot:
        draft = merge(session.draft, SpecPatch((SetSlot("backdrop", backdrop),)))
        spec = self._director.completed(structs.replace(session, draft=draft))
        shot = plan(
            spec, self._desk.prompts, seed=1, operation="swap", source=source,
            picture=session.backdrop_photo,
        ).shots[0]  # fmt: skip
        return structs.replace(shot, sitter=session.sitter or 0)

    def _backdrops(self, session: Session) -> int:
        return len(self._director.values("backdrop", session.mode))


def siblings(record: RenderRecord, count: int, taken: int) -> Series:
    """Another `count` pictures of the same brief, unlike the `taken` ones before."""
    shot = structs.replace(record.shot, scale=min(record.shot.scale, Shot("generate", 0).scale))
    first = record.shot.seed + SEED_STRIDE * taken
    return Series(tuple(structs.replace(shot, seed=first + n) for n in range(count)), LOCKED)


def count_in(text: str) -> int:
    """How many pictures a sentence asks for; 0 when it does not say.

    >>> count_in("4"), count_in("a series of 6 pictures"), count_in("a series at 85mm")
    (4, 6, 0)
    """
    found = _NUMBER.search(text)
    return min(int(found[1]), MOST) if found and int(found[1]) >= 1 else 0
