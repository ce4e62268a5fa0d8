"""What Telegram shows: every reply fits, what grows is edited in place and at its pace."""

import asyncio
from pathlib import Path

import pytest
from support.sittings import WORDS, Sitting, photo
from support.telegram_phone import (
    SESSION,
    Phone,
    phone,
)
from support.telegram_server import Refusal

from bot.core.replies import Choice, Gallery, Picture, Posted, Progress, Say
from engine.blobs import DiskBlobs

SHOOT = WORDS.say("btn_shoot")


async def test_progress_is_one_message_that_changes(studio: Sitting, tmp_path: Path) -> None:
    """Nobody is flooded: a job has one message, edited no faster than the pace allows."""
    async with phone(studio, tmp_path, edit_s=0.2) as ann:
        began = asyncio.get_running_loop().time()
        for step in range(100):
            bar = Progress("job", "Developing", fraction=step / 100, state="working")
            await ann.app.channel(SESSION).send(Posted(5, bar))
            await asyncio.sleep(0.005)
        await ann.app.channel(SESSION).send(Posted(5, Progress("job", "Finished.", state="done")))
        await ann.app.outboxes.drained()
        took = asyncio.get_running_loop().time() - began
        edits = ann.server.said("editMessageText")
        assert len(ann.server.said("sendMessage")) == 1
        assert 1 <= len(edits) <= took / 0.2 + 1
        assert edits[-1].text == "Finished."


async def test_a_reply_is_not_held_up_by_progress(studio: Sitting, tmp_path: Path) -> None:
    """Only edits wait for their time."""
    async with phone(studio, tmp_path, edit_s=60) as ann:
        channel = ann.app.channel(SESSION)
        for fraction in (0.1, 0.2):
            bar = Progress("job", "Developing", fraction=fraction, state="working")
            await channel.send(Posted(5, bar))
        await channel.send(Posted(6, Say("hello")))
        await ann.server.until(lambda calls: any(c.text == "hello" for c in calls))
        assert not ann.server.said("editMessageText")


async def test_an_edit_that_changes_nothing_is_no_trouble(
    ann: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram refuses it; nobody needs to know."""
    ann.server.refuse = lambda call: (
        Refusal(400, "Bad Request: message is not modified: same content")
        if call.method == "editMessageText"
        else None
    )
    for _ in range(2):
        await ann.app.channel(SESSION).send(Posted(5, Say("same")))
        await ann.app.outboxes.drained()
    assert [c.method for c in ann.server.calls[-2:]] == ["sendMessage", "editMessageText"]
    assert not caplog.records


async def test_a_message_that_is_gone_is_written_anew(ann: Phone) -> None:
    """The person may have deleted what was to be edited."""
    ann.server.refuse = lambda call: (
        Refusal(400, "Bad Request: message to edit not found")
        if call.method == "editMessageText"
        else None
    )
    for words in ("one", "two"):
        await ann.app.channel(SESSION).send(Posted(5, Say(words)))
        await ann.app.outboxes.drained()
    assert [c.text for c in await ann.heard()] == ["one", "two"]


async def test_long_texts_arrive_whole(ann: Phone) -> None:
    """Longer than a message may be, in pieces; the buttons under the last."""
    text = " ".join(f"word{n}" for n in range(1500))
    await ann.app.channel(SESSION).send(Posted(1, Say(text, (Choice("abcdefghijkl", "Tap"),))))
    sent = await ann.heard()
    assert len(sent) > 1
    assert " ".join(c.text for c in sent) == text
    assert [bool(c.buttons) for c in sent] == [False] * (len(sent) - 1) + [True]


async def test_the_brief_is_tidy_text(ann: Phone) -> None:
    """What was said stands apart from what was assumed."""
    await ann.write("a woman")
    last = (await ann.heard())[-1]
    while WORDS.say("brief_title") not in last.text:
        await ann.tap(next(iter(last.buttons.values())))
        last = (await ann.heard())[-1]
    assert f"{WORDS.say('card_said')}\n• " in last.text
    assert f"{WORDS.say('card_assumed')}\n• " in last.text
    assert SHOOT in last.buttons


async def test_history_comes_as_albums(ann: Phone, tmp_path: Path) -> None:
    """Several pictures are one album to look at, one of files, then words with the buttons."""
    blob = DiskBlobs(tmp_path / "blobs").put(photo(), "png")
    pictures = tuple(Picture(f"job-{n}", blob, blob, 90, 120, "alt") for n in range(3))
    entry = Gallery("Your latest", pictures, (Choice("abcdefghijkl", "Tap"),))
    await ann.app.channel(SESSION).send(Posted(9, entry))
    album, files, words = await ann.heard()
    assert [len(c.params["media"]) for c in (album, files)] == [3, 3]
    assert (words.text, list(words.buttons)) == ("Your latest", ["Tap"])


async def test_a_deleted_picture_is_words_alone(ann: Phone) -> None:
    """A file that is gone does not swallow the reply."""
    gone = "0" * 64 + ".png"
    entry = Gallery("Your latest", (Picture("job-0", gone, gone, 90, 120, "alt"),))
    await ann.app.channel(SESSION).send(Posted(9, entry))
    assert [c.text for c in await ann.heard()] == ["Your latest"]
