"""Telegram promises: every turn is heard, every reply fits, every old button still works."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from support.interviewers import ScriptedInterviewer
from support.sittings import PERSON, WORDS, Sitting, photo, sitting
from support.telegram_phone import (
    ANN,
    BOB,
    CLUB,
    HOME,
    READINGS,
    SESSION,
    TOKEN,
    Phone,
    phone,
)
from support.telegram_server import USERNAME, Refusal, TelegramServer
from telegram.error import NetworkError

from bot.core.desk import explain
from bot.core.replies import Choice, Gallery, Picture, Posted, Progress, Say
from bot.frontends.telegram_app import TelegramApp
from engine.blobs import DiskBlobs

PATIENCE_S = 15
SHOOT = WORDS.say("btn_shoot")


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, READINGS) as guest:
        yield guest


@pytest.fixture
async def ann(guest: Sitting, tmp_path: Path) -> AsyncIterator[Phone]:
    async with phone(guest, tmp_path) as ann:
        yield ann


async def test_a_newcomer_is_welcomed_and_a_regular_helped(ann: Phone) -> None:
    """/start greets once; the second time it explains."""
    await ann.write("/start")
    await ann.write("/start")
    first, second = await ann.heard()
    assert first.text == WORDS.say("welcome")
    assert second.text == WORDS.say("help")


async def test_words_become_a_picture_and_a_file(ann: Phone) -> None:
    """A portrait arrives to look at and as the lossless file, buttons on the last message."""
    await ann.write("a woman")
    await ann.write("shoot")
    await ann.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))
    shown, file = ann.server.said("sendPhoto", "sendDocument")
    assert file.files
    assert next(iter(file.files.values())).startswith(b"\x89PNG")
    assert "90 by 120" in shown.text
    assert not shown.buttons
    assert WORDS.say("btn_again") in file.buttons


async def test_the_tapped_button_shoots(ann: Phone) -> None:
    """What is on the keyboard is what the conversation offered."""
    await ann.write("a woman")
    await ann.tap(await ann.button(WORDS.say("btn_just_shoot")))
    await ann.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))
    assert ann.server.said("answerCallbackQuery")


async def test_buttons_work_after_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """An old keyboard meets a new process."""
    async with phone(guest, tmp_path) as before:
        await before.write("a woman")
        button = await before.button(WORDS.say("btn_just_shoot"))
    await guest.conversation.close()
    guest.rewire(guest.history)
    async with phone(guest, tmp_path) as after:
        await after.tap(button)
        await after.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))


async def test_progress_is_one_message_that_changes(guest: Sitting, tmp_path: Path) -> None:
    """Nobody is flooded: a job has one message, edited no faster than the pace allows."""
    async with phone(guest, tmp_path, edit_s=0.2) as ann:
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


async def test_a_reply_is_not_held_up_by_progress(guest: Sitting, tmp_path: Path) -> None:
    """Only edits wait for their time."""
    async with phone(guest, tmp_path, edit_s=60) as ann:
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


async def test_a_photo_with_words_is_one_turn(ann: Phone, guest: Sitting) -> None:
    """The caption is the instruction, and the largest size is taken."""
    await ann.photo(photo(), caption="blue")
    heard = await ann.heard()
    assert heard[-1].text == WORDS.say("consent_ask")
    session = await guest.history.session(SESSION, SESSION)
    assert session.photo
    assert session.draft.spec.said("backdrop")
    assert [c.params["file_id"] for c in ann.server.said("getFile")] == ["big"]


async def test_a_photo_sent_as_a_file_is_taken(ann: Phone, guest: Sitting) -> None:
    """Those who care for pixels send documents."""
    await ann.document(photo(), "image/png")
    await ann.heard()
    assert (await guest.history.session(SESSION, SESSION)).photo


async def test_what_came_first_is_heard_first(ann: Phone, guest: Sitting) -> None:
    """Words written while a photo is still arriving are about that photo."""
    arrived = asyncio.Event()
    ann.server.downloads_begin = arrived
    sending = asyncio.create_task(ann.photo(photo()))
    await ann.server.until(lambda calls: any(c.method == "getFile" for c in calls))
    writing = asyncio.create_task(ann.write("blue"))
    await asyncio.sleep(0.02)
    arrived.set()
    await asyncio.gather(sending, writing)
    session = await guest.history.session(SESSION, SESSION)
    assert session.mode == "swap"
    assert session.draft.spec.said("backdrop")


@pytest.mark.parametrize(
    ("kind", "size", "code"),
    [
        ("image/png", 21 * 1024 * 1024, "photo_too_heavy"),
        ("application/pdf", None, "photo_not_an_image"),
    ],
)
async def test_what_cannot_be_used_is_explained(
    ann: Phone, kind: str, size: int | None, code: str
) -> None:
    """No silence, and nothing is downloaded."""
    await ann.document(b"%PDF", kind, size)
    assert [c.text for c in await ann.heard()] == [WORDS.say(code)]
    assert not ann.server.said("getFile")


async def test_a_voice_message_is_answered(ann: Phone) -> None:
    """The studio says what it understands."""
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    await ann.message({"voice": voice})
    assert [c.text for c in await ann.heard()] == [WORDS.say("only_words_and_photos")]


async def test_a_download_that_fails_is_explained(ann: Phone) -> None:
    """The sentence carries the id that stands in the log."""
    ann.server.refuse = lambda call: (
        Refusal(400, "Bad Request: wrong file_id") if call.method == "getFile" else None
    )
    await ann.photo(photo())
    (answer,) = await ann.heard()
    assert answer.text.startswith(WORDS.say("internal", error_id="")[:30])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (f"/portrait@{USERNAME} a woman", "a woman"),
        ("/backdrop blue", "blue backdrop behind me"),
        ("@Northlight_Bot a woman", "a woman"),
    ],
)
async def test_a_brief_in_a_command_is_read(tmp_path: Path, command: str, words: str) -> None:
    """Whoever reads it hears neither slashes nor names."""
    script = ScriptedInterviewer()
    async with sitting(tmp_path, interviewer=script) as guest, phone(guest, tmp_path) as ann:
        await ann.write(command)
        assert script.heard == [words]


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("/cancel", "nothing_to_cancel"),
        ("/undo", "nothing_to_undo"),
        ("/help", "help"),
        ("/history", "no_picture_yet"),
        ("/upscale", "no_picture_yet"),
        ("/print", "no_picture_yet"),
        ("/privacy", "privacy"),
        ("/forget", "forget_ask"),
        ("/portrait", "restarted"),
        ("/series", "ask_series"),
    ],
)
async def test_a_command_needs_nobody_to_read_it(tmp_path: Path, command: str, key: str) -> None:
    """A language model that is down cannot misread it; the answer is a sentence, at once."""
    script = ScriptedInterviewer()
    async with sitting(tmp_path, interviewer=script) as guest, phone(guest, tmp_path) as ann:
        await ann.write(command)
        assert (await ann.heard())[0].text == WORDS.say(key)
        assert script.heard == []


async def test_in_a_group_only_those_who_call_are_answered(ann: Phone) -> None:
    """It never reacts to talk, to others' commands, or to somebody's photo."""
    await ann.write("a woman", CLUB)
    await ann.write("/dance", CLUB)
    await ann.write("/help@other_bot", CLUB)
    await ann.photo(photo(), chat=CLUB, sender=BOB)
    assert await ann.heard() == []
    await ann.write(f"/help@{USERNAME}", CLUB)
    (answer,) = await ann.heard()
    assert answer.params["chat_id"] == CLUB["id"]


async def test_in_a_group_everybody_has_a_session_of_their_own(ann: Phone, guest: Sitting) -> None:
    """What Bob asks to forget is Bob's."""
    await ann.write(f"/portrait@{USERNAME} a woman", CLUB)
    await ann.write(f"/forget@{USERNAME}", CLUB, BOB)
    assert await guest.conversation.transcript("telegram:-100:7")
    await ann.tap(await ann.button(WORDS.say("btn_forget")), CLUB, BOB)
    await ann.heard()
    assert await guest.conversation.transcript("telegram:-100:7")


async def test_the_same_update_twice_counts_once(ann: Phone) -> None:
    """After a crash Telegram delivers again what was not confirmed."""
    body = {"message_id": 1, "date": 1, "chat": HOME, "from": ANN, "text": "help"}
    for _ in range(2):
        await ann.update({"update_id": 4711, "message": body})
    assert len(await ann.heard()) == 1


async def test_service_messages_are_left_alone(ann: Phone) -> None:
    """A pinned message is not a turn."""
    pinned = {"message_id": 1, "date": 1, "chat": HOME, "text": "x"}
    await ann.message({"pinned_message": pinned})
    assert await ann.heard() == []


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


async def test_a_lost_connection_loses_no_reply(ann: Phone) -> None:
    """What certainly did not arrive is sent again."""
    refused = NetworkError("connection refused")
    refused.__cause__ = httpx.ConnectError("as httpx has it")
    failures = iter([refused])
    ann.server.refuse = lambda call: next(failures, None)
    await ann.app.channel(SESSION).send(Posted(1, Say("hello")))
    assert [c.text for c in await ann.heard()] == ["hello", "hello"]


async def test_telegram_asks_for_patience_and_gets_it(ann: Phone) -> None:
    """`retry_after` is honoured."""
    refusals = iter([Refusal(429, "Too Many Requests", {"retry_after": 0.05})])
    ann.server.refuse = lambda call: next(refusals, None)
    await ann.app.channel(SESSION).send(Posted(1, Say("hello")))
    assert [c.text for c in await ann.heard()] == ["hello", "hello"]


async def test_a_refused_token_is_one_line_without_the_token(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The other front-ends go on: nothing is raised."""
    server = TelegramServer()
    server.refuse = lambda call: Refusal(401, "Unauthorized")
    blobs = DiskBlobs(tmp_path / "blobs")
    app = TelegramApp(TOKEN, guest.conversation, blobs, partial(explain, WORDS), request=server)
    await asyncio.wait_for(app.run(), PATIENCE_S)
    (record,) = caplog.records
    assert "TELEGRAM_BOT_TOKEN" in record.message
    assert TOKEN not in caplog.text


async def test_without_a_network_it_says_so_and_tries_on(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line, not one per attempt; and it can be stopped at any time."""
    server = TelegramServer()
    server.refuse = lambda call: NetworkError("no route")
    blobs = DiskBlobs(tmp_path / "blobs")
    app = TelegramApp(TOKEN, guest.conversation, blobs, partial(explain, WORDS), request=server)
    await app.channel(SESSION).send(Posted(1, Say("waits")))
    running = asyncio.create_task(app.run())
    while not caplog.records:  # noqa: ASYNC110 - a log has no event to wait for
        await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.wait([running], timeout=PATIENCE_S)
    assert running.cancelled()
    assert ["cannot be reached" in r.message for r in caplog.records] == [True]
    assert not server.said()


async def test_the_person_is_who_telegram_says(ann: Phone, guest: Sitting) -> None:
    """Ids carry their platform, so that nobody is taken for somebody else."""
    await ann.write("a woman")
    session = await guest.history.session(SESSION, "unknown")
    assert session.person == "telegram:7" != PERSON
