"""Telegram promises: every turn is heard, and every old button still works."""

import asyncio
from pathlib import Path

import pytest
from support.interviewers import ScriptedInterviewer
from support.sittings import PERSON, WORDS, Sitting, photo, sitting
from support.telegram_phone import (
    ANN,
    BOB,
    CLUB,
    HOME,
    SESSION,
    Phone,
    phone,
)
from support.telegram_server import USERNAME, Refusal


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


async def test_buttons_work_after_a_restart(studio: Sitting, tmp_path: Path) -> None:
    """An old keyboard meets a new process."""
    async with phone(studio, tmp_path) as before:
        await before.write("a woman")
        button = await before.button(WORDS.say("btn_just_shoot"))
    await studio.conversation.close()
    studio.rewire(studio.history)
    async with phone(studio, tmp_path) as after:
        await after.tap(button)
        await after.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))


async def test_a_photo_with_words_is_one_turn(ann: Phone, studio: Sitting) -> None:
    """The caption is the instruction, and the largest size is taken."""
    await ann.photo(photo(), caption="blue")
    heard = await ann.heard()
    assert heard[-1].text == WORDS.say("consent_ask")
    session = await studio.history.session(SESSION, SESSION)
    assert session.photo
    assert session.draft.spec.said("backdrop")
    assert [c.params["file_id"] for c in ann.server.said("getFile")] == ["big"]


async def test_a_photo_sent_as_a_file_is_taken(ann: Phone, studio: Sitting) -> None:
    """Those who care for pixels send documents."""
    await ann.document(photo(), "image/png")
    await ann.heard()
    assert (await studio.history.session(SESSION, SESSION)).photo


async def test_what_came_first_is_heard_first(ann: Phone, studio: Sitting) -> None:
    """Words written while a photo is still arriving are about that photo."""
    arrived = asyncio.Event()
    ann.server.downloads_begin = arrived
    sending = asyncio.create_task(ann.photo(photo()))
    await ann.server.until(lambda calls: any(c.method == "getFile" for c in calls))
    writing = asyncio.create_task(ann.write("blue"))
    await asyncio.sleep(0.02)
    arrived.set()
    await asyncio.gather(sending, writing)
    session = await studio.history.session(SESSION, SESSION)
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
    async with sitting(tmp_path, interviewer=script) as studio, phone(studio, tmp_path) as ann:
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
    async with sitting(tmp_path, interviewer=script) as studio, phone(studio, tmp_path) as ann:
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


async def test_in_a_group_everybody_has_a_session_of_their_own(ann: Phone, studio: Sitting) -> None:
    """What Bob asks to forget is Bob's."""
    await ann.write(f"/portrait@{USERNAME} a woman", CLUB)
    await ann.write(f"/forget@{USERNAME}", CLUB, BOB)
    assert await studio.conversation.transcript("telegram:-100:7")
    await ann.tap(await ann.button(WORDS.say("btn_forget")), CLUB, BOB)
    await ann.heard()
    assert await studio.conversation.transcript("telegram:-100:7")


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


async def test_the_person_is_who_telegram_says(ann: Phone, studio: Sitting) -> None:
    """Ids carry their platform, so that nobody is taken for somebody else."""
    await ann.write("a woman")
    session = await studio.history.session(SESSION, "unknown")
    assert session.person == "telegram:7" != PERSON
