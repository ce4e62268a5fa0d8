"""A person's own photo: received, asked about once, kept or thrown away."""

from msgspec import structs

from bot.core.desk import Desk, Discard
from bot.core.director import Director
from bot.core.ports import Channel
from bot.core.replies import Heard
from bot.core.session import Action, Session
from bot.core.spec import SpecPatch, merge
from bot.core.turns import Turn, Upload
from engine.base import Engine, Photo
from engine.errors import PhotoRejected


class Photos:
    """Takes uploads in. Nothing is done with a face before its owner agrees."""

    def __init__(self, desk: Desk, engine: Engine, director: Director, discard: Discard) -> None:
        self._desk, self._engine = desk, engine
        self._director, self._discard = director, discard

    async def receive(
        self, session: Session, turn: Turn, upload: Upload, channel: Channel
    ) -> Session:
        """Store the upload and make it the session's photo; raises `PhotoRejected`."""
        photo = await self._engine.receive(upload.data)
        if not photo.faces:
            await self._discard([photo.blob])
            raise PhotoRejected("no face found", code="photo_no_person")
        await self._desk.post(session.id, Heard(turn.text, photo.blob), channel)
        # What stood behind an earlier picture was not said about this one.
        draft = merge(session.draft, SpecPatch(clear=("backdrop",)))
        session = structs.replace(
            session, photo=photo, mode="swap", current="", draft=draft, asked=()
        )
        await self._desk.history.save(session)
        return session

    async def greet(self, session: Session, channel: Channel) -> Session:
        """Ask for consent when this face is new, else go on."""
        return await self._director.advance(session, channel)

    async def answer(self, session: Session, action: Action, channel: Channel) -> Session:
        """The owner's yes or no to using a face."""
        blob = str(action.value)
        if action.kind == "refuse":
            return await self._throw_away(session, blob, channel)
        photo = session.photo
        if photo is None or photo.blob != blob:
            await self._desk.say(session.id, channel, "photo_gone")
            return session
        return await self._agreed(session, photo, channel)

    def typed_answer(self, session: Session, text: str) -> Action | None:
        """What a typed yes or no means while consent is asked for; None for anything else."""
        if session.pending != "consent" or session.photo is None:
            return None
        words = " ".join(text.casefold().strip(" .!").split())
        lexicon = self._desk.prompts.lexicon
        if words in lexicon.agreement:
            return Action("consent", value=session.photo.blob)
        return Action("refuse", value=session.photo.blob) if words in lexicon.refusal else None

    async def _agreed(self, session: Session, photo: Photo, channel: Channel) -> Session:
        consented = tuple(dict.fromkeys((*session.consented, photo.blob)))
        session = structs.replace(session, consented=consented, pending="", mode="swap")
        ready = session.draft.spec.said("backdrop")
        return await self._director.advance(session, channel, "now" if ready else "ask")

    async def _throw_away(self, session: Session, blob: str, channel: Channel) -> Session:
        if session.photo and session.photo.blob == blob:
            session = structs.replace(session, photo=None, pending="", mode="generate")
        consented = tuple(b for b in session.consented if b != blob)
        session = structs.replace(session, consented=consented)
        await self._desk.history.save(session)
        await self._discard(await self._desk.history.forget_photo(session.id, blob))
        await self._desk.say(session.id, channel, "consent_no")
        return session
