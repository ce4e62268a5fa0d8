"""Carries out wishes that only a picture model can: variations, more room, a whole portrait."""

from typing import Literal

from msgspec import structs

from bot.core.darkroom import Darkroom
from bot.core.desk import Desk
from bot.core.director import Director
from bot.core.enlarging import times_in
from bot.core.ports import Channel, Reading
from bot.core.replies import Say
from bot.core.session import Action, Session
from bot.core.spec import SpecPatch, held, merge
from bot.core.touching import Touch, as_slot, touch_in, touched
from bot.core.wishes import Heard, wish_in

ALWAYS = ("made", "larger")
"""What no model is needed for."""
KINDS: dict[str, Literal["vary", "outpaint"]] = {"vary": "vary", "room": "outpaint"}


class Wishing:
    """Hears such a wish before an interviewer does, who need not know of models."""

    def __init__(self, desk: Desk, director: Director, darkroom: Darkroom) -> None:
        self._desk, self._director, self._darkroom = desk, director, darkroom

    async def hear(self, session: Session, text: str, channel: Channel) -> tuple[Session, bool]:
        """The session after the wish, and whether that was all; the rest is for the reader.

        Without a model, what one would add is said once, and the words are read as ever.
        """
        heard, can = wish_in(text), self._director.can(session)
        if heard is None or session.plan:
            return session, False
        if heard.wish == "portrait":
            return structs.replace(session, then="portrait" if "edit" in can.honours else ""), False
        if heard.wish == "larger" and session.photo and not session.current:
            return await self._director.advance(photo_larger(session, text), channel), True
        if not session.current:
            return session, False
        if heard.wish in ALWAYS or KINDS[heard.wish] in can.honours:
            action = _action(heard, session, text)
            return await self._darkroom.work(session, action, channel), True
        session, hint = self._director.hint(session, ("pose",))
        for sentence in hint:
            await self._desk.post(session.id, Say(sentence), channel)
        return session, False

    async def repaint(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """What no slot means and a model can repaint in its place ("put a hat on").

        None where it is nothing of that kind, and is for others to answer.
        """
        touch = touch_in(text) if session.current and not session.plan else None
        if touch is None or not _left_over(reading, touch):
            return None
        record = await self._desk.history.render(session.current)
        if record is None:
            return None
        if change := as_slot(touch, record.shot, self._desk.prompts):
            patch = SpecPatch((change,))
            if held(session.draft, patch):
                return None
            session = structs.replace(session, draft=merge(session.draft, patch))
            return await self._darkroom.revise(session, patch, channel)
        if "inpaint" in self._director.can(session).honours:
            taken = len(await self._desk.history.renders(session.id))
            await self._desk.say(
                session.id, channel, "edit_inpaint", what=touch.words or touch.noun
            )
            await self._director.submit(session, touched(record, touch, taken), channel)
            return session
        session, hint = self._director.hint(session, ("wardrobe",))
        said = hint or [self._desk.words("cannot_honour")]
        await self._desk.post(session.id, Say(" ".join(said)), channel)
        return session


def _left_over(reading: Reading, touch: Touch) -> bool:
    """Whether a reader found nothing, or took something small for all that is worn."""
    if reading.intent not in ("brief", "correct"):
        return False
    slots = {change.slot for change in reading.patch.set}
    return not reading.patch or (touch.region == "wardrobe" and slots == {"wardrobe"})


def photo_larger(session: Session, text: str) -> Session:
    """The session in which their own photo is enlarged as soon as they agree to its use."""
    return structs.replace(session, mode="swap", then="upscale", times=times_in(text))


def unless_other(session: Session, text: str, wants_photo: bool) -> Session:
    """The session without its wish for a whole portrait, once the photo is wanted otherwise."""
    heard = wish_in(text)
    again = heard is not None and heard.wish == "portrait"
    if session.then == "portrait" and wants_photo and not again:
        return structs.replace(session, then="")
    return session


def _action(heard: Heard, session: Session, text: str) -> Action:
    if heard.wish == "larger":
        return Action("upscale", value=times_in(text), render=session.current)
    kind = "made" if heard.wish == "made" else KINDS[heard.wish]
    return Action(kind, value=heard.change, render=session.current)
