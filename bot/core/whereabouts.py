"""Where a person is, as far as their days depend on it: a time zone, or a place they name."""

import asyncio

from msgspec import Struct, structs

from bot.clock import cities, known_zone
from bot.core.desk import Desk
from bot.core.ports import Channel
from bot.core.recall import after
from bot.core.session import Session
from prompts.memory import Memory as Phrases

LONGEST = 40
"""Characters of the longest name of a place; what is longer says something else."""


class Place(Struct, frozen=True):
    """What a sentence says of where its speaker is; `zone` is "" where the name is not known.

    `asked` says that it spoke of a time zone, so that silence would be no answer.
    """

    name: str
    zone: str = ""
    asked: bool = False


def place_in(text: str, words: Phrases) -> Place | None:
    """The place a sentence is about, and nothing else: None where it speaks of something else.

    Looks names up in the time zone database, which it reads from disk the first time.

    >>> import prompts
    >>> words = prompts.load().memory
    >>> place_in("I'm in Berlin", words).zone, place_in("my time zone is Mars/Olympus", words).zone
    ('Europe/Berlin', '')
    >>> place_in("I'm in a library", words) is None
    True
    """
    text = text.replace("’", "'")
    if name := after(text, words.zone):
        return Place(name, _zone_of(name, words), asked=True)
    if not text.casefold().strip().startswith(words.living):
        return None
    name = after(text, words.living)
    zone = _zone_of(name, words) if len(name) <= LONGEST else ""
    return Place(name, zone) if zone else None


def _zone_of(name: str, words: Phrases) -> str:
    plain = " ".join(name.split())
    for phrase in sorted(words.now, key=len, reverse=True):
        plain = plain.removesuffix(f" {phrase}")
    if "/" in plain and known_zone(plain):
        return plain
    bare = plain.casefold().removeprefix("the ")
    return words.places.get(bare, "") or cities().get(bare, "")


class Whereabouts:
    """Hears where a person is, and keeps it for their days."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self, session: Session, text: str, channel: Channel) -> Session | None:
        """The session with its new zone; None when the sentence says nothing of the kind."""
        place = await asyncio.to_thread(place_in, text, self._desk.prompts.memory)
        if place is None:
            return None
        if not place.zone:
            await self._desk.say(session.id, channel, "zone_unknown", zone=place.name)
            return session
        likes = await self._desk.prefer(
            session.person, lambda likes: structs.replace(likes, zone=place.zone)
        )
        await self._desk.say(session.id, channel, "zone_kept", zone=place.zone)
        return structs.replace(session, likes=likes)
