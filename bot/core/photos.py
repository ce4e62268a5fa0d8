"""A person's own photo: received, asked about once, kept or thrown away."""

from collections.abc import Sequence

from msgspec import structs

from bot.core.coaching import advise, tell_light
from bot.core.desk import Desk, Discard
from bot.core.director import Director
from bot.core.own_backdrop import OwnBackdrop
from bot.core.plan import OWN_PICTURE
from bot.core.ports import Channel
from bot.core.replies import Heard
from bot.core.series import SeriesMaker
from bot.core.session import Action, Session, leaves_of
from bot.core.spec import SpecPatch, merge
from bot.core.turns import Turn, Upload
from bot.core.typed import agrees, answer, refuses
from engine.base import Engine, Photo
from engine.errors import PhotoRejected
from engine.shots import EVERYONE

EVERYONE_WORDS = (
    "everyone",
    "everybody",
    "keep everyone",
    "all",
    "all of us",
    "both",
    "all of them",
)


class Photos:
    """Takes uploads in. Nothing is done with a face before its owner agrees."""

    def __init__(
        self, desk: Desk, engine: Engine, director: Director, own: OwnBackdrop, discard: Discard
    ) -> None:
        self._desk, self._engine, self._own = desk, engine, own
        self._director, self._discard = director, discard
        self.replan = SeriesMaker(desk, director).replan

    async def receive(
        self, session: Session, turn: Turn, upload: Upload, channel: Channel
    ) -> Session:
        """Store the upload and make it the session's photo; raises `PhotoRejected`.

        After their own photo, one without a face (or one announced so) may be their backdrop.
        """
        photo = await self._engine.receive(upload.data)
        agreed = session.photo is not None and session.photo.blob in session.consented
        if not photo.faces and not agreed:
            await self._discard(leaves_of(photo))
            raise PhotoRejected("no face found", code="photo_no_person")
        await self._desk.post(session.id, Heard(turn.text, photo.blob), channel)
        if agreed and (session.then == "backdrop" or not photo.faces):
            session = self._own.keep(session, photo)
        else:
            session = self._theirs(session, photo, agreed)
        await self._desk.history.save(session)
        return session

    def take(self, session: Session, photo: Photo) -> Session:
        """Make a stored photo the session's."""
        agreed = session.photo is not None and session.photo.blob in session.consented
        return self._theirs(session, photo, agreed)

    @staticmethod
    def _theirs(session: Session, photo: Photo, agreed: bool) -> Session:
        # What stood behind an earlier picture was not said about this one.
        draft = merge(session.draft, SpecPatch(clear=("backdrop",)))
        other = session.photo if session.photo and session.photo.blob != photo.blob else None
        return structs.replace(
            session, photo=photo, mode="swap", current="", draft=draft, asked=(), pending="",
            sitter=None if other else session.sitter, before=other if agreed else session.before,
            backdrop_photo="", album=(),
        )  # fmt: skip

    async def greet(self, session: Session, channel: Channel) -> Session:
        """Ask for consent when this face is new, or about their own backdrop, else go on."""
        if session.pending == "own_backdrop":
            announced = session.then == "backdrop"
            return await (self._own.hang if announced else self._own.offer)(session, channel)
        return await self._director.advance(session, channel)

    async def answer(self, session: Session, action: Action, channel: Channel) -> Session:
        """The owner's yes or no to using a face, to the coach's advice, or whom to portray."""
        blob = str(action.value)
        if action.kind == "refuse":
            return await self._throw_away(session, blob, action.slot.split(), channel)
        photo = session.photo
        if photo is None or photo.blob != blob:
            await self._desk.say(session.id, channel, "photo_gone")
            return session
        if action.kind == "resend":
            await self._desk.say(session.id, channel, "photo_resend")
            return structs.replace(session, pending="")
        if action.kind == "consent":
            return await self._agreed(session, photo, channel)
        if action.kind == "sitter":
            session = structs.replace(session, sitter=int(action.slot), current="")
        return await self._go_on(session, channel)

    def typed_answer(self, session: Session, text: str) -> Action | None:
        """What a typed yes or no means while consent is asked for; None for anything else."""
        if session.photo is None or session.pending not in ("consent", "hints", "sitter"):
            return None
        words = " ".join(text.casefold().strip(" .!").split())
        if session.pending == "sitter":
            return _whom(words, session.photo)
        prompts = self._desk.prompts
        if session.pending == "hints":
            label = answer(self._desk.words("btn_use_anyway"))
            taken = answer(text) == label or prompts.smalltalk.takes_anyway(text)
            agreed = taken or agrees(prompts, text)
            return Action("use_anyway", value=session.photo.blob) if agreed else None
        if agrees(prompts, text):
            return Action("consent", value=session.photo.blob)
        return Action("refuse", value=session.photo.blob) if refuses(prompts, text) else None

    async def _agreed(self, session: Session, photo: Photo, channel: Channel) -> Session:
        consented = tuple(dict.fromkeys((*session.consented, photo.blob)))
        session = structs.replace(session, consented=consented, pending="", mode="swap")
        session, plan = await self._director.card.own_light(session)
        await tell_light(self._desk, session, photo, channel, plan)
        if photo.hints:
            await advise(self._desk, session, photo, channel)
            return structs.replace(session, pending="hints")
        return await self._go_on(session, channel)

    async def _go_on(self, session: Session, channel: Channel) -> Session:
        session = structs.replace(session, pending="", mode="swap")
        if session.plan:
            return await self.replan(session, channel)
        ready = session.draft.spec.said("backdrop")
        return await self._director.advance(session, channel, "now" if ready else "ask")

    async def _throw_away(
        self, session: Session, blob: str, drawn: Sequence[str], channel: Channel
    ) -> Session:
        """Delete a photo, be it an earlier one, with what was `drawn` of it."""
        leaves = (blob, *drawn)
        if session.photo and session.photo.blob == blob:
            leaves = tuple(b for p in (session.photo, *session.album) for b in leaves_of(p))
            session = structs.replace(
                session, photo=None, pending="", mode="generate", then="", album=()
            )
        session = _without(session, blob)
        await self._desk.history.save(session)
        for leaf in leaves:
            await self._discard(await self._desk.history.forget_photo(session.id, leaf))
        await self._desk.say(session.id, channel, "consent_no")
        return session


def _without(session: Session, blob: str) -> Session:
    """The session without a photo that was sent before the latest one, or along with it."""
    before, plan = session.before, session.plan
    session = structs.replace(
        session,
        consented=tuple(b for b in session.consented if b != blob),
        album=tuple(p for p in session.album if p.blob != blob),
        before=None if before and before.blob == blob else before,
        plan=None if plan and blob in (plan.source, plan.picture) else plan,
    )
    if session.backdrop_photo != blob:
        return session
    draft = session.draft
    if draft.spec.value("backdrop") == OWN_PICTURE:
        draft = merge(draft, SpecPatch(clear=("backdrop",)))
    return structs.replace(session, backdrop_photo="", draft=draft)


def _whom(words: str, photo: Photo) -> Action | None:
    if words in EVERYONE_WORDS:
        return Action("sitter", slot=str(EVERYONE), value=photo.blob)
    number = words.removeprefix("number ").removeprefix("no ").strip("# ")
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(photo.faces)):
        return None
    return Action("sitter", slot=str(int(number) - 1), value=photo.blob)
