"""What can be done to a finished picture: again, another backdrop, warmer, softer, larger, gone."""

from msgspec import structs

from bot.core.desk import Desk, Discard
from bot.core.director import Director
from bot.core.plan import again, changed, larger, warmer_by
from bot.core.ports import Channel
from bot.core.replies import Gallery
from bot.core.session import Action, RenderRecord, Session
from bot.core.spec import Field, PortraitSpec, SetSlot, SpecPatch, merge
from engine.shots import Scalar, Shot
from prompts import Prompts

SOFTER = {"crisp": "soft", "soft": "very-soft", "None": "very-soft"}
SEED_STRIDE = 1009
"""A prime: seeds of "again" never meet the seeds of a series, which are consecutive."""


class Darkroom:
    """Works on the picture a tap or a sentence is about."""

    def __init__(self, desk: Desk, director: Director, discard: Discard) -> None:
        self._desk = desk
        self._director = director
        self._discard = discard

    async def work(self, session: Session, action: Action, channel: Channel) -> Session:
        """Carry out a picture's action; says so when the picture is gone."""
        record = await self._desk.history.render(action.render)
        if record is None or record.session != session.id:
            await self._desk.say(session.id, channel, "picture_gone")
            return session
        session = structs.replace(session, current=record.id)
        if action.kind == "delete":
            return await self._delete(session, record, channel)
        if action.kind == "other_backdrop" and not action.value:
            await self._director.ask_backdrop(session, record, channel)
            return session
        return await self._reshoot(session, record, action, channel)

    async def revise(self, session: Session, patch: SpecPatch, channel: Channel) -> Session:
        """Shoot the current picture again with what the person just changed."""
        record = await self._desk.history.render(session.current)
        if record is None:
            return await self._director.advance(session, channel, "now")
        changes = {change.slot: change.value for change in patch.set}
        shot = _with(record.shot, changes, self._desk.prompts)
        await self._director.submit(session, shot, channel)
        return session

    async def _reshoot(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        if action.kind == "again":
            taken = len(await self._desk.history.renders(session.id))
            shot = again(record.shot, record.shot.seed + SEED_STRIDE * taken)
        elif action.kind == "upscale":
            shot = larger(record.shot)
        else:
            slot, value = _change(record.shot, action)
            session = _remember(session, slot, value)
            shot = _with(record.shot, {slot: value}, self._desk.prompts)
        await self._director.submit(session, shot, channel)
        return session

    async def _delete(self, session: Session, record: RenderRecord, channel: Channel) -> Session:
        await self._discard(await self._desk.history.delete_render(record.id))
        await self._take_down(session.id, record.id, channel)
        await self._desk.say(session.id, channel, "deleted")
        return structs.replace(session, current="")

    async def _take_down(self, session_id: str, render: str, channel: Channel) -> None:
        for posted in await self._desk.history.transcript(session_id):
            entry = posted.entry
            if isinstance(entry, Gallery) and any(p.render == render for p in entry.pictures):
                left = tuple(p for p in entry.pictures if p.render != render)
                kept = structs.replace(entry, pictures=left, choices=entry.choices if left else ())
                await self._desk.amend(session_id, posted.seq, kept, channel)


def _change(shot: Shot, action: Action) -> tuple[str, Scalar]:
    if action.kind == "warmer":
        return "warmth", warmer_by(shot.spec.get("warmth"), 1)
    if action.kind == "softer":
        return "softness", SOFTER[str(shot.spec.get("softness"))]
    return "backdrop", action.value


def _remember(session: Session, slot: str, value: Scalar) -> Session:
    patch = SpecPatch((SetSlot(slot, value),))
    return structs.replace(session, draft=merge(session.draft, patch))


def _with(shot: Shot, changes: dict[str, Scalar], prompts: Prompts) -> Shot:
    fields = {slot: Field(value) for slot, value in (shot.spec | changes).items()}
    return changed(shot, PortraitSpec(fields), prompts)
