"""The whole sitting in a terminal."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sittings import PERSON as SOMEBODY
from support.sittings import WORDS, Sitting, photo, reading, sitting

from bot.core.replies import Choice, Posted, Say
from bot.frontends.console_app import ConsoleChannel, run_console
from engine.blobs import DiskBlobs

SCRIPT = {"headshot": reading(gender="woman", backdrop="seamless-grey", expression="smile")}


async def talk(guest: Sitting, lines: list[str], until: str = "") -> str:
    """Type the lines one by one, wait for a text, and end the input."""
    heard: list[str] = []
    typed: Iterator[str] = iter(lines)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read_line() -> str:
        line = next(typed, None)
        if line is None:
            asyncio.run_coroutine_threadsafe(done.wait(), loop).result(15)
            raise EOFError
        return line

    def write(text: str) -> None:
        heard.append(text)
        if until in "".join(heard):
            done.set()

    await run_console(guest.conversation, guest.blobs, WORDS.say, read_line, write)
    return "".join(heard)


async def test_a_portrait_by_typing_and_tapping_numbers(tmp_path: Path) -> None:
    """Words, the card, [1] Shoot, and the path of the picture."""
    async with sitting(tmp_path, SCRIPT) as guest:
        said = await talk(guest, ["headshot", "1"], until=".png")
    assert WORDS.say("welcome") in said
    assert WORDS.say("brief_title") in said
    assert "[1] Shoot" in said


async def test_a_spoken_reply_is_typed_out_once(tmp_path: Path) -> None:
    """Words are added as they come; a last word that differs is written below."""
    written: list[str] = []
    channel = ConsoleChannel(DiskBlobs(tmp_path), WORDS.say, written.append)
    for text in ("A calm", "A calm light"):
        await channel.send(Posted(4, Say(text, more=True)))
    await channel.send(Posted(4, Say("A calm light.", (Choice("x", "Shoot"),))))
    assert "".join(written) == "\nA calm light.\n[1] Shoot\n"
    written.clear()
    await channel.send(Posted(5, Say("A secret", more=True)))
    await channel.send(Posted(5, Say("Noted.")))
    assert "".join(written) == "\nA secret\nNoted.\n"


async def test_a_photo_is_sent_by_its_path(tmp_path: Path) -> None:
    """The consent question comes back."""
    selfie = tmp_path / "me.png"
    selfie.write_bytes(photo())
    async with sitting(tmp_path) as guest:
        said = await talk(guest, [f"/photo {selfie}"])
    assert WORDS.say("consent_ask") in said


@pytest.mark.parametrize("path", ["nowhere.jpg", ".", "~nobody-here/me.jpg", "a\0b", "x" * 300])
async def test_a_photo_that_is_not_there_is_a_sentence(tmp_path: Path, path: str) -> None:
    """A wrong path never ends the sitting."""
    async with sitting(tmp_path) as guest:
        said = await talk(guest, [f"/photo {path}"])
    assert WORDS.say("photo_not_an_image") in said


async def test_what_was_under_way_when_it_ended_is_taken_up_at_the_next_start(
    tmp_path: Path,
) -> None:
    """Of this terminal's session; what others wait for is their front-end's."""
    async with sitting(tmp_path, SCRIPT, delay=5) as before:
        await before.say("headshot")
        await before.tap("Shoot")
        await talk(before, ["headshot", "1"])
        history = before.history
    assert len(await history.jobs()) == 2
    async with sitting(tmp_path, SCRIPT) as after:
        after.rewire(history)
        said = await talk(after, [], until=".png")
        assert WORDS.say("resumed") in said
        assert [r.session for r in await history.jobs()] == [SOMEBODY]
