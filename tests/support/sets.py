"""What tests of sets share: the sentences, the table, the frames made, the album that comes."""

import asyncio

from bot.core.replies import Ask, Gallery
from engine.shots import Shot
from support.set_studio import SetStudio
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, reading

SAID = SCRIPT | {
    "a set of eight for my site": reading("series"),
    "a set of eight on navy": reading("series", backdrop="seamless-navy"),
    "six pictures in two setups": reading("series", count=6),
    "3 on navy": reading(backdrop="seamless-navy"),
    "all in black and white": reading(film="tri-x-400"),
    "2 warmer": reading("correct", warmth=1),
    "waist up headshot": reading(
        look="linkedin", gender="woman", age="30s", backdrop="seamless-grey", shot="medium"
    ),
}


def card(guest: Sitting) -> str:
    """The latest table, as it stands now."""
    title = WORDS.say("table_title", count="").split("{")[0].split()[0:3]
    cards = [e.text for e in guest.channel.entries if isinstance(e, Ask)]
    return [text for text in cards if text.startswith(" ".join(title))][-1]


def rows(guest: Sitting) -> list[str]:
    """The table's lines, one per frame."""
    return [line for line in card(guest).splitlines() if line[:1].isdigit()]


def frames(studio: SetStudio) -> list[Shot]:
    """The frames made so far, without contact sheets."""
    return [shot for shot in studio.shots if shot.operation != "contact-sheet"]


async def album(guest: Sitting) -> Gallery:
    """The set's own reply; the ZIP that follows it has one picture."""
    await guest.until(lambda entries: any(is_album(e) for e in entries))
    return [e for e in guest.channel.entries if is_album(e)][-1]  # type: ignore[return-value]


def is_album(entry: object, count: int = 0) -> bool:
    """Whether an entry shows several pictures, `count` of them if that is given."""
    if not isinstance(entry, Gallery) or len(entry.pictures) < 2:
        return False
    return count in (0, len(entry.pictures))


async def eight(guest: Sitting) -> None:
    """Lay out a set of eight."""
    await guest.say("headshot")
    await guest.say("a set of eight for my site")


async def frames_done(guest: Sitting, count: int) -> None:
    """Wait until so many pictures are in history."""
    async with asyncio.timeout(15):
        while len(await guest.history.renders(PERSON)) < count:  # noqa: ASYNC110 - history has no events
            await asyncio.sleep(0.005)
