"""Group manners: spoken to, it answers who spoke; other people's photos and buttons are theirs."""

from pathlib import Path
from typing import Any

import pytest
from support.faults import FaultyHistory
from support.sittings import WORDS, Sitting, photo
from support.telegram_phone import ANN, BOB, BOT, CLUB, HOME, Phone, phone
from support.telegram_server import USERNAME, Refusal

from bot.core.guests import Guests
from bot.core.replies import Posted, Say

MINE = "telegram:-100:7"


def mention(text: str) -> dict[str, Any]:
    name = f"@{USERNAME}"
    entity = {"type": "mention", "offset": text.index(name), "length": len(name)}
    return {"text": text, "entities": [entity]}


def said_by(sender: Any, chat: Any = CLUB, message_id: int = 900, **content: Any) -> dict[str, Any]:
    """A message that is answered, as Telegram quotes it."""
    message = {"message_id": message_id, "date": 1, "chat": chat, "from": sender, **content}
    return {"reply_to_message": message}


def photo_of(sender: Any, chat: Any = CLUB) -> dict[str, Any]:
    size = {"file_id": "big", "file_unique_id": "b", "width": 90, "height": 120}
    return said_by(sender, chat, photo=[size])


@pytest.mark.parametrize(
    "content",
    [
        {"text": "/help"},
        {"text": f"/help@{USERNAME}"},
        mention(f"hey @{USERNAME} help"),
        mention(f"@{USERNAME}"),
        {"text": "help", **said_by(BOT, text="Welcome")},
        {
            "text": "Northlight help",
            "entities": [{"type": "text_mention", "offset": 0, "length": 10, "user": BOT}],
        },
    ],
)
async def test_a_command_a_mention_and_an_answer_are_for_us(ann: Phone, content: Any) -> None:
    """Whoever speaks to it is answered, under their own message."""
    await ann.message(content, CLUB)
    (answer,) = await ann.heard()
    assert answer.params["chat_id"] == CLUB["id"]
    assert answer.params["reply_parameters"]["message_id"] == ann.last_message


@pytest.mark.parametrize(
    "content",
    [
        {"text": "help"},
        {"text": "/dance"},
        {"text": "/help@other_bot"},
        {
            "text": "ask @somebody_else",
            "entities": [{"type": "mention", "offset": 4, "length": 14}],
        },
        {"text": "help", **said_by(BOB, text="who helps?")},
        {"text": "help", **said_by(BOT, forum_topic_created={"name": "x", "icon_color": 1})},
        {"text": "/help@other_bot", **said_by(BOT, text="Welcome")},
    ],
)
async def test_what_is_said_to_others_is_left_alone(ann: Phone, content: Any) -> None:
    """No answer, no typing, nothing."""
    await ann.message(content, CLUB)
    assert await ann.heard() == []
    assert not ann.server.said("sendChatAction")


async def test_nobodys_photo_is_taken_without_being_asked(ann: Phone) -> None:
    """Photos in a group are talk among people, albums too."""
    await ann.photo(photo(), chat=CLUB, sender=BOB)
    await ann.album(photo(), photo(), chat=CLUB, sender=BOB)
    assert await ann.heard() == []
    assert not ann.server.said("getFile")


async def test_a_photo_with_our_name_is_for_us(ann: Phone, studio: Sitting) -> None:
    """The caption calls, and is the instruction."""
    caption = f"@{USERNAME} blue"
    entity = {"type": "mention", "offset": 0, "length": len(USERNAME) + 1}
    await ann.photo(photo(), chat=CLUB, caption=caption, caption_entities=[entity])
    assert (await ann.heard())[-1].text == WORDS.say("consent_ask")
    session = await studio.history.session(MINE, MINE)
    assert session.draft.spec.said("backdrop")


async def test_an_album_is_for_us_when_its_caption_says_so(ann: Phone, studio: Sitting) -> None:
    """The other parts of an album carry no words."""
    await ann.album(photo(), photo(), chat=CLUB, caption=f"/backdrop@{USERNAME} blue")
    await ann.heard()
    assert (await studio.history.session(MINE, MINE)).photo


async def test_ones_own_photo_can_be_pointed_at(ann: Phone, studio: Sitting) -> None:
    """A command that answers one's own photo is about that photo."""
    ann.server.downloads["big"] = photo()
    await ann.message({"text": f"/backdrop@{USERNAME} blue", **photo_of(ANN)}, CLUB)
    assert (await ann.heard())[-1].text == WORDS.say("consent_ask")
    assert (await studio.history.session(MINE, MINE)).photo


async def test_somebody_elses_photo_is_not_touched(ann: Phone, studio: Sitting) -> None:
    """Not even when asked to: it is said why, and nothing is downloaded."""
    await ann.message({"text": f"/backdrop@{USERNAME} blue", **photo_of(BOB)}, CLUB)
    assert [c.text for c in await ann.heard()] == [WORDS.say("not_your_photo")]
    assert not ann.server.said("getFile")
    assert not (await studio.history.session(MINE, MINE)).photo


async def test_only_the_persons_own_taps_count(ann: Phone, studio: Sitting) -> None:
    """Bob gets a notice that only he can see; Ann's brief is untouched and goes on."""
    await ann.write(f"/portrait@{USERNAME} a woman", CLUB)
    button = await ann.button(WORDS.say("btn_just_shoot"))
    before = len(await ann.heard())
    await ann.tap(button, CLUB, BOB)
    assert len(await ann.heard()) == before
    (notice,) = ann.server.said("answerCallbackQuery")
    assert notice.params["show_alert"]
    assert notice.text == WORDS.say("not_your_button")
    assert not await studio.history.jobs()
    await ann.tap(button, CLUB)
    await ann.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))
    assert not ann.server.said("answerCallbackQuery")[-1].params.get("show_alert")


async def test_an_unknown_button_in_a_group_is_explained_in_private(ann: Phone) -> None:
    """A forged or forgotten id does not make the bot talk to everybody."""
    await ann.tap("neverheardof", CLUB, BOB)
    assert await ann.heard() == []
    (notice,) = ann.server.said("answerCallbackQuery")
    assert notice.text == WORDS.say("unknown_choice")


async def test_a_forwarded_button_shows_its_new_owner_how_things_stand(ann: Phone) -> None:
    """In another chat the same button explains itself and does nothing to its owner."""
    await ann.write("a woman")
    button = await ann.button(WORDS.say("btn_just_shoot"))
    bobs = {"id": 8, "type": "private", "first_name": "Bob"}
    await ann.tap(button, bobs, BOB)
    last = (await ann.heard())[-1]
    assert (last.params["chat_id"], last.text) == (8, WORDS.say("foreign_choice"))


async def test_answers_stay_in_their_topic_and_after_a_restart(
    studio: Sitting, tmp_path: Path
) -> None:
    """In a forum, also when the process that heard the question is gone."""
    async with phone(studio, tmp_path) as before:
        topic = {"message_thread_id": 55, "is_topic_message": True}
        await before.message({"text": f"/portrait@{USERNAME} a woman", **topic}, CLUB)
        assert (await before.heard())[0].params["message_thread_id"] == 55
        asked = before.last_message
        button = await before.button(WORDS.say("btn_just_shoot"))
    async with phone(studio, tmp_path) as after:
        await after.tap(button, CLUB)
        await after.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))
        sent = after.server.said("sendDocument")[0].params
        assert sent["message_thread_id"] == 55
        assert sent["reply_parameters"]["message_id"] == asked


async def test_in_private_nothing_hangs_on_a_message(ann: Phone) -> None:
    """There is nobody else to tell apart."""
    await ann.write("/help", HOME)
    assert "reply_parameters" not in (await ann.heard())[0].params


async def test_who_is_not_let_in_leaves_no_trace(ann: Phone, studio: Sitting) -> None:
    """Nothing is fetched or noted for them; they hear why."""
    studio.conversation._guests = Guests(frozenset({"telegram:8"}))
    await ann.photo(photo(), chat=CLUB, caption=f"/backdrop@{USERNAME} blue")
    (answer,) = await ann.heard()
    assert answer.text == WORDS.say("not_admitted", person="telegram:7")
    assert not ann.server.said("getFile")
    assert await studio.conversation.place(MINE) == ""


async def test_a_tap_is_answered_where_telegram_no_longer_knows_it(ann: Phone) -> None:
    """After some minutes the little clock cannot be stopped any more; the tap counts anyway."""
    await ann.write("a woman")
    button = await ann.button(WORDS.say("btn_just_shoot"))
    ann.server.refuse = lambda call: (
        Refusal(400, "Bad Request: query is too old and response timeout expired")
        if call.method == "answerCallbackQuery"
        else None
    )
    await ann.tap(button)
    await ann.server.until(lambda calls: any(c.method == "sendDocument" for c in calls))


async def test_in_a_group_a_history_that_cannot_answer_is_no_silence(
    ann: Phone, studio: Sitting
) -> None:
    """Whoever asks hears that it did not work, under their message; also after /start."""
    studio.rewire(FaultyHistory("note", "noted", "first_time", "transcript", code="history_locked"))
    sorry = WORDS.say("history_locked")
    async with phone(studio, ann.folder) as locked:
        for text in (f"/help@{USERNAME}", f"/start@{USERNAME}"):
            await locked.write(text, CLUB)
            answer = (await locked.heard())[-1]
            assert answer.text.startswith(sorry)
            assert answer.params["reply_parameters"]["message_id"] == locked.last_message


async def test_where_to_answer_is_not_worth_a_failure(studio: Sitting, tmp_path: Path) -> None:
    """A place that cannot be looked up after a restart costs the thread, not the answer."""
    studio.rewire(FaultyHistory("noted"))
    async with phone(studio, tmp_path) as ann:
        await ann.app.channel(MINE).send(Posted(1, Say("hello")))
        assert [c.text for c in await ann.heard()] == ["hello"]


async def test_albums_that_nobody_opens_are_not_kept(ann: Phone, studio: Sitting) -> None:
    """Whoever is not let in, or points at another's photo, fills no memory with theirs."""
    studio.conversation._guests = Guests(frozenset({"telegram:1"}))
    await ann.album(photo(), photo())
    assert [c.text for c in await ann.heard()] == [WORDS.say("not_admitted", person="telegram:7")]
    studio.conversation._guests = Guests()
    await ann.album(photo(), photo(), chat=CLUB, caption="/start")
    await ann.album(photo(), photo(), **photo_of(BOB, HOME))
    assert ann.app._albums._open == {}
