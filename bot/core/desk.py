"""The front desk: every entry goes to the transcript first, then to the channel."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct, structs

from bot.core.apologies import apology
from bot.core.locks import Locks
from bot.core.ports import Channel, History
from bot.core.preferences import Preferences
from bot.core.replies import Choice, Entry, Posted, Say, Style
from bot.core.session import Action, RenderRecord, Session
from prompts import Prompts

log = logging.getLogger(__name__)
Discard = Callable[[Sequence[str]], Awaitable[None]]
"""Deletes blobs that nothing refers to any more."""


def explain(prompts: Prompts, code: str, **facts: object) -> str:
    """The sentence for an error's code, with those facts it has room for; total."""
    key = code if code in prompts.phrases else "internal"
    wanted = prompts.phrases.vars(key)
    return prompts.say(key, **{name: facts.get(name, "") for name in wanted})


class Offer(Struct, frozen=True):
    """A tap about to be offered: its words (or a replies key) and what it means."""

    label: str
    action: Action
    style: Style = "plain"


class Desk:
    """Says things, offers taps, apologises. A channel that fails never loses an entry."""

    def __init__(self, history: History, prompts: Prompts) -> None:
        self.history = history
        self.prompts = prompts
        self._persons = Locks()

    def words(self, key: str, **facts: object) -> str:
        """A sentence from the replies."""
        return self.prompts.say(key, **facts)

    def step_words(self, step: str) -> str:
        """What a studio's step is called; a studio may have steps that have no name yet."""
        return self.words(step if step in self.prompts.phrases else "shooting")

    def explain(self, code: str, **facts: object) -> str:
        """The sentence for an error's code, with those facts it has room for."""
        return explain(self.prompts, code, **facts)

    async def prefer(
        self, person: str, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        """Change what a person likes, as it is now: they may be settling more in another chat."""
        async with self._persons(person):
            before = await self.history.preferences(person)
            likes = change(before)
            if likes != before:
                await self.history.prefer(person, likes)
        return likes

    async def theirs(self, session: Session, render: str) -> RenderRecord | None:
        """A picture of this session's person, wherever it was made; None when it is not theirs."""
        record = await self.history.render(render)
        if record is None or record.session == session.id:
            return record
        job = await self.history.job(record.job)
        return record if job and job.person == session.person else None

    async def say(
        self, session: str, channel: Channel, key: str, *offers: Offer, **facts: object
    ) -> None:
        """Post a sentence with taps."""
        choices = await self.offer(session, offers)
        await self.post(session, Say(self.words(key, **facts), choices), channel)

    async def post(self, session: str, entry: Entry, channel: Channel) -> int:
        """Append to the transcript, then deliver; returns the entry's place."""
        seq = await self.history.post(session, entry)
        await self.show(seq, entry, channel)
        return seq

    async def amend(self, session: str, seq: int, entry: Entry, channel: Channel) -> None:
        """Replace an entry in the transcript and on the screen."""
        await self.history.amend(session, seq, entry)
        await self.show(seq, entry, channel)

    async def show(self, seq: int, entry: Entry, channel: Channel) -> None:
        """Deliver only; what fails here is still in the transcript."""
        try:
            await channel.send(Posted(seq, entry))
        except Exception:
            log.exception("delivery failed", extra={"seq": seq})

    async def offer(self, session: str, offers: Sequence[Offer]) -> tuple[Choice, ...]:
        """Make taps that history knows."""
        if not offers:
            return ()
        choices = [Choice(secrets.token_urlsafe(9), self._label(o.label), o.style) for o in offers]
        meanings = {
            choice.id: structs.replace(offer.action, label=choice.label)
            for choice, offer in zip(choices, offers, strict=True)
        }
        await self.history.offer(session, meanings)
        return tuple(choices)

    async def apologise(self, session: str, error: BaseException, channel: Channel) -> None:
        """Turn an exception into a sentence; the log line carries the same id as the apology."""
        await self._post_anyway(session, apology(self.explain, error), channel)

    async def _post_anyway(self, session: str, entry: Entry, channel: Channel) -> None:
        try:
            await self.post(session, entry, channel)
        except Exception:
            log.exception("the transcript could not keep an apology")
            await self.show(0, entry, channel)

    def _label(self, label: str) -> str:
        # Anything else is a value, perhaps in the sitter's own words.
        known = label.startswith("btn_") and label in self.prompts.phrases
        return self.words(label) if known else label
