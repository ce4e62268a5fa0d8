"""What a tapped choice does."""

from msgspec import structs

from bot.core.albums import Albums
from bot.core.card import HERE
from bot.core.darkroom import Darkroom
from bot.core.desk import Desk
from bot.core.director import Director
from bot.core.outside import OUTSIDE_KINDS
from bot.core.photos import Photos
from bot.core.ports import Channel
from bot.core.replies import Heard
from bot.core.session import Action, Session
from bot.core.spec import SetSlot, SpecPatch, held, merge
from bot.core.typed import answered, labelled, no_longer
from bot.core.whims import surprise
from bot.core.words import Words

PICTURE_KINDS = (
    "again", "other_backdrop", "warmer", "softer", "upscale", "delete", "cutout", "print", "truth",
    "pick", "file", "revise", "vary", "outpaint", "made",
)  # fmt: skip
CARD_KINDS = ("edit", "lock", "unlock")
PHOTO_KINDS = ("consent", "refuse", "use_anyway", "resend", "sitter")


class Taps:
    """Looks a choice up in history and carries out its action."""

    def __init__(
        self,
        desk: Desk,
        director: Director,
        darkroom: Darkroom,
        photos: Photos,
        albums: Albums,
        words: Words,
    ) -> None:
        self._settings, self._series = words.settings, words.series
        self._desk, self._director, self._darkroom = desk, director, darkroom
        self._photos, self._own, self._words = photos, words.own, words
        self._albums = albums

    async def tap(self, session: Session, choice: str, channel: Channel) -> Session:
        """Answer a tap; unknown and used ones explain themselves."""
        session = structs.replace(session, offered="", lost=0)
        offered = await self._desk.history.offered(choice)
        if offered is None or offered.session != session.id:
            key = "unknown_choice" if offered is None else "foreign_choice"
            await self._desk.say(session.id, channel, key)
            return await self._director.present(session, channel)
        action = offered.action
        if not _in_place(action):  # what changes under the finger need not be said as well
            await self._desk.post(session.id, Heard(action.label), channel)
        if self._is_stale(session, action):
            return await self._stale(session, channel)
        if action.once and not await self._desk.history.claim(choice):
            await self._desk.say(session.id, channel, "choice_used")
            return await self._director.present(session, channel)
        return await self._act(session, action, channel)

    async def typed(self, session: Session, text: str, channel: Channel) -> Session | None:
        """Do what a typed answer, or the words of a tap, stand for; None for anything else."""
        prompts = self._desk.prompts
        action = answered(prompts, session, text) or labelled(prompts, session, text)
        action = action or await self._words.deliveries.typed_answer(session, text)
        if action is None:
            return None
        if action.kind == "keep":
            await self._desk.say(session.id, channel, "form_unchanged")
            return no_longer(session)
        return await self._act(no_longer(session), action, channel)

    async def _act(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind in PICTURE_KINDS:
            return await self._darkroom.work(session, action, channel)
        if action.kind in (*PHOTO_KINDS, "use_photo", "own_backdrop", "no_backdrop"):
            return await self._on_photo(session, action, channel)
        if action.kind in ("settings", "prefer"):
            return await self._settings.tap(session, action, channel)
        if action.kind == "table":
            return await self._series.tap(session, action, channel)
        if action.kind == "series":
            return await self._several(session, action, channel)
        return await self._brief(session, action, channel)

    async def _on_photo(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind == "use_photo":
            return await self._albums.use(session, action, channel)
        if action.kind in ("own_backdrop", "no_backdrop"):
            return await self._own.answer(session, action, channel)
        return await self._photos.answer(session, action, channel)

    async def _brief(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind in ("shoot", "surprise"):
            return await self._shoot(session, action, channel)
        if action.kind == "invent":
            return await self._director.begin_invented(session, channel)
        if action.kind in ("set", "skip", *CARD_KINDS):
            return await self._settle(session, action, channel)
        return await self._command(session, action, channel)

    async def _several(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.value:
            return await self._series.make(
                session, int(action.value), channel, render=action.render
            )
        return await self._series.ask(session, action.render, channel)

    async def _command(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind in ("arrived", "send_again"):
            return await self._words.deliveries.answer(session, action, channel)
        if action.kind in OUTSIDE_KINDS:
            return await self._director.answer_outside(session, action, channel)
        if action.kind == "forget":
            return await self._words.forget(session, channel)
        return await self._words.command(session, action.kind, channel)

    async def _shoot(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind == "surprise":
            session = surprise(session, self._desk.prompts, self._director.new_seed())
        return await self._director.advance(session, channel, "now")

    async def _settle(self, session: Session, action: Action, channel: Channel) -> Session:
        if action.kind in CARD_KINDS:
            return await self._director.edit(session, action, channel)
        if action.kind == "set":
            patch = SpecPatch((SetSlot(action.slot, action.value),))
            if kept := held(session.draft, patch):
                await self._director.card.say_held(session, kept, channel)
                return session
            session = structs.replace(session, draft=merge(session.draft, patch), pending="")
        return await self._director.advance(session, channel)

    @staticmethod
    def _is_stale(session: Session, action: Action) -> bool:
        return action.kind in ("shoot", "surprise") and 0 < action.version != session.draft.version

    async def _stale(self, session: Session, channel: Channel) -> Session:
        await self._desk.say(session.id, channel, "stale_choice")
        return await self._director.advance(session, channel, "confirm")


def _in_place(action: Action) -> bool:
    return action.kind in ("lock", "unlock") and action.value == HERE
