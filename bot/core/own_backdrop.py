"""A picture of the sitter's own as their backdrop: offered, hung, or thrown away."""

from msgspec import structs

from bot.core.desk import Desk, Discard, Offer
from bot.core.director import Director
from bot.core.plan import OWN_PICTURE
from bot.core.ports import Channel
from bot.core.session import Action, Session
from bot.core.spec import SetSlot, SpecPatch, merge
from engine.base import Photo


class OwnBackdrop:
    """Hangs a second picture behind the sitter of the first."""

    def __init__(self, desk: Desk, director: Director, discard: Discard) -> None:
        self._desk, self._director, self._discard = desk, director, discard

    def keep(self, session: Session, photo: Photo) -> Session:
        """Put a picture aside until its owner says whether to hang it."""
        return structs.replace(session, backdrop_photo=photo.blob, pending="own_backdrop")

    async def offer(self, session: Session, channel: Channel) -> Session:
        """Ask whether the picture put aside is the backdrop."""
        blob = session.backdrop_photo
        yes = Offer("btn_as_backdrop", Action("own_backdrop", value=blob), "primary")
        no = Offer("btn_not_backdrop", Action("no_backdrop", value=blob))
        await self._desk.say(session.id, channel, "ask_own_picture", yes, no)
        return session

    async def answer(self, session: Session, action: Action, channel: Channel) -> Session:
        """The owner's yes or no; an old tap finds the picture gone."""
        if session.backdrop_photo != action.value:
            await self._desk.say(session.id, channel, "photo_gone")
            return session
        if action.kind == "own_backdrop":
            return await self.hang(session, channel)
        session = structs.replace(session, backdrop_photo="", pending="")
        await self._desk.history.save(session)
        blob = str(action.value)
        await self._discard(await self._desk.history.forget_photo(session.id, blob))
        await self._desk.say(session.id, channel, "own_picture_dropped")
        return session

    async def asked(self, session: Session, channel: Channel) -> Session:
        """ "Use this as the backdrop": the latest picture, or else the next one."""
        if session.pending != "own_backdrop" and session.before and session.photo:
            session = structs.replace(
                session, backdrop_photo=session.photo.blob, photo=session.before, before=None
            )
        if session.backdrop_photo:
            return await self.hang(session, channel)
        known = session.photo is not None
        await self._desk.say(
            session.id, channel, "own_picture_send" if known else "swap_needs_photo"
        )
        return structs.replace(session, then="backdrop") if known else session

    async def hang(self, session: Session, channel: Channel) -> Session:
        """Make the picture the backdrop and shoot."""
        draft = merge(session.draft, SpecPatch((SetSlot("backdrop", OWN_PICTURE),)))
        session = structs.replace(
            session, draft=draft, mode="swap", current="", pending="", then=""
        )
        return await self._director.advance(session, channel, "now")
