"""Pictures on Telegram: first looks, albums with buttons, files, and pictures pointed at."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from support.sittings import WORDS, Sitting, photo
from support.telegram_phone import ANN, BOT, CLUB, HOME, SESSION, Phone, phone
from support.telegram_server import USERNAME, Call, Refusal

from bot.core.preferences import Preferences
from bot.core.replies import Ask, Brief, Choice, Gallery, Picture, Posted, Progress
from engine.blobs import DiskBlobs

CANCEL = (Choice("abcdefghijkl", "Cancel"),)


@pytest.fixture
def look(tmp_path: Path) -> str:
    return DiskBlobs(tmp_path / "blobs").put(photo(), "jpg")


def working(fraction: float, look: str = "") -> Progress:
    return Progress("job", "Developing", fraction, state="working", choices=CANCEL, preview=look)


async def post(ann: Phone, *entries: Any, seq: int = 5, session: str = SESSION) -> list[Call]:
    for entry in entries:
        await ann.app.channel(session).send(Posted(seq, entry))
        await ann.app.outboxes.drained()
    return [c for c in ann.server.calls if c.method != "getMe"]


async def portrait(ann: Phone, number: int = 1) -> None:
    await ann.write("a woman")
    await ann.write("shoot")
    await files(ann, number)


async def files(ann: Phone, number: int) -> list[Call]:
    await ann.server.until(lambda c: len([x for x in c if x.method == "sendDocument"]) >= number)
    await ann.app.outboxes.drained()
    return ann.server.said("sendDocument")


async def test_a_first_look_comes_onto_the_progress_message(ann: Phone, look: str) -> None:
    """One message: words, then the picture in the making with the words below, then gone."""
    ended = Progress("job", "Finished.", state="done")
    calls = await post(ann, working(0.1), working(0.4, look), working(0.6, look), ended)
    shown = [c.method for c in calls if c.method != "sendChatAction"]
    assert shown == ["sendMessage", "editMessageMedia", "editMessageCaption", "deleteMessage"]
    media = next(c for c in calls if c.method == "editMessageMedia")
    assert "▰▰▰▰▱" in media.params["media"]["caption"]
    assert media.buttons == {"Cancel": "abcdefghijkl"}


async def test_where_a_text_takes_no_picture_one_comes_in_its_place(ann: Phone, look: str) -> None:
    """An older Bot API server: the words are replaced by the picture, once, and it goes on."""
    ann.server.refuse = lambda call: (
        Refusal(400, "Bad Request: there is no media in the message to edit")
        if call.method == "editMessageMedia"
        else None
    )
    ended = Progress("job", "Finished.", state="done")
    steps = [working(0.1), working(0.4, look), working(0.5, look), working(0.6, look), ended]
    shown = [c.method for c in await post(ann, *steps) if c.method != "sendChatAction"]
    assert shown == [
        *("sendMessage", "editMessageMedia", "sendPhoto", "deleteMessage"),
        *("editMessageCaption", "editMessageCaption", "deleteMessage"),
    ]


async def test_the_queue_has_a_place_and_a_time(ann: Phone) -> None:
    """Waiting is told in numbers."""
    waiting = Progress("job", WORDS.say("queued", position=3), remaining_s=40, position=3)
    calls = await post(ann, waiting)
    assert "3" in calls[0].text
    assert WORDS.say("left_seconds", seconds=40) in calls[0].text


async def test_in_a_group_progress_is_edited_rarely(ann: Phone) -> None:
    """Twenty messages a minute are for everybody there; the end is always told."""
    steps = [working(n / 10) for n in range(9)]
    ended = Progress("job", "Finished.", state="done")
    calls = await post(ann, *steps, ended, session="telegram:-100:7")
    assert len([c for c in calls if c.method == "editMessageText"]) <= 2
    assert calls[-1].text == "Finished."
    assert not ann.server.said("sendChatAction")


async def test_work_shows_as_an_action(ann: Phone) -> None:
    """While a picture is made, the chat says that one is on its way."""
    await post(ann, working(0.1), working(0.2), working(0.3))
    actions = ann.server.said("sendChatAction")
    assert [c.params["action"] for c in actions] == ["upload_photo"]


async def test_slow_reading_shows_as_typing(ann: Phone) -> None:
    """Somebody who waits for a photo to arrive sees that something happens."""
    ann.server.downloads_begin = asyncio.Event()
    sending = asyncio.create_task(ann.photo(photo()))
    await ann.server.until(lambda calls: any(c.method == "sendChatAction" for c in calls))
    ann.server.downloads_begin.set()
    await sending
    assert ann.server.said("sendChatAction")[0].params["action"] == "typing"


async def test_a_series_is_an_album_with_its_buttons_below(ann: Phone) -> None:
    """Frames and contact sheet together, the numbers to pick one by, then all as one file."""
    await portrait(ann)
    await ann.write("/series 3")
    await ann.tap((await ann.heard())[-1].buttons["Shoot"])
    await ann.server.until(lambda c: c[-1].text == WORDS.say("gallery_zip"))
    (photos,) = ann.server.said("sendMediaGroup")
    assert len(photos.params["media"]) == 4
    below = next(c for c in await ann.heard() if "3" in c.buttons and "Shoot" not in c.buttons)
    assert below.text.startswith(WORDS.say("gallery_set", count=3))
    assert list(below.buttons) == ["1", "2", "3", WORDS.say("btn_zip")]
    assert ann.server.said("sendDocument")
    await ann.tap(below.buttons["2"])
    assert (await ann.heard())[-1].text == WORDS.say("picked", number=3)


@pytest.mark.parametrize(
    ("carry", "methods"),
    [
        ("both", ["sendPhoto", "sendDocument"]),
        ("photo", ["sendPhoto"]),
        ("file", ["sendDocument"]),
    ],
)
async def test_pictures_come_as_they_are_wanted(
    ann: Phone, look: str, carry: Any, methods: list[str]
) -> None:
    """The words and the buttons are never lost."""
    entry = Gallery("Here", (Picture("r", look, look, 90, 120, "alt"),), CANCEL, carry)
    calls = [c for c in await post(ann, entry) if c.method != "sendChatAction"]
    assert [c.method for c in calls] == methods
    assert calls[0].text == "Here"
    assert calls[-1].buttons


async def test_settings_are_a_card_that_changes_in_place(ann: Phone, studio: Sitting) -> None:
    """Tapping does not fill the chat."""
    await ann.write("/settings")
    await ann.tap(await ann.button(WORDS.say("btn_photo_only")))
    await ann.heard()
    assert len(ann.server.said("sendMessage")) == 1
    assert WORDS.say("settings_delivery_photo") in ann.server.said("editMessageText")[-1].text
    await portrait_photo(ann)
    assert not ann.server.said("sendDocument")
    assert (await studio.history.preferences(SESSION)).delivery == "photo"


async def portrait_photo(ann: Phone) -> None:
    await ann.write("a woman")
    await ann.write("shoot")
    await ann.server.until(lambda calls: any(c.method == "sendPhoto" for c in calls))
    await ann.app.outboxes.drained()


async def test_this_one_means_the_picture_that_is_answered(ann: Phone, studio: Sitting) -> None:
    """Answering the first picture, in a new process too, is about the first picture."""
    await portrait(ann)
    first = message_of(ann, "sendPhoto")
    await ann.tap(await ann.button(WORDS.say("btn_again")))
    await files(ann, 2)
    quoted = {"message_id": first, "date": 1, "chat": HOME, "from": BOT, "photo": []}
    await ann.message({"text": "/upscale", "reply_to_message": quoted})
    await files(ann, 3)
    one, two, large = await studio.history.renders(SESSION)
    assert large.shot.seed == one.shot.seed != two.shot.seed
    assert large.shot.scale > one.shot.scale


async def test_words_to_an_old_picture_work_after_a_restart(
    studio: Sitting, tmp_path: Path
) -> None:
    """Which message shows what is in the database."""
    async with phone(studio, tmp_path) as before:
        await portrait(before)
        first = message_of(before, "sendDocument")
        await before.tap(await before.button(WORDS.say("btn_again")))
        await files(before, 2)
    async with phone(studio, tmp_path) as after:
        quoted = {"message_id": first, "date": 1, "chat": HOME, "from": BOT}
        await after.message({"text": "blue", "reply_to_message": quoted})
        await files(after, 1)
    one, _, changed = await studio.history.renders(SESSION)
    assert changed.shot.seed == one.shot.seed
    assert changed.shot.backdrop.id == "gradient-blue"


async def test_this_photo_means_ones_own_that_is_answered(ann: Phone, studio: Sitting) -> None:
    """ "Blue", said to a photo sent long ago, takes that photo."""
    ann.server.downloads["old"] = photo()
    size = {"file_id": "old", "file_unique_id": "o", "width": 90, "height": 120}
    quoted = {"message_id": 3, "date": 1, "chat": HOME, "from": ANN, "photo": [size]}
    await ann.message({"text": "blue", "reply_to_message": quoted})
    assert (await ann.heard())[-1].text == WORDS.say("consent_ask")
    session = await studio.history.session(SESSION, SESSION)
    assert session.photo
    assert session.draft.spec.said("backdrop")


async def test_an_album_is_one_turn(ann: Phone, studio: Sitting) -> None:
    """Its parts are gathered, the caption is about all of them, consent is asked once."""
    await ann.album(photo(), photo() + b"\0", caption="blue")
    heard = await ann.heard()
    assert [c.text for c in heard].count(WORDS.say("consent_ask")) == 1
    assert sorted(c.params["file_id"] for c in ann.server.said("getFile")) == ["big0", "big1"]
    assert (await studio.history.session(SESSION, SESSION)).draft.spec.said("backdrop")


async def test_an_album_told_twice_counts_once(ann: Phone, studio: Sitting) -> None:
    """Telegram repeats what was not confirmed before a crash."""
    for _ in range(2):
        await ann.album(photo(), photo())
    heard = [c.text for c in await ann.heard()]
    assert heard.count(WORDS.say("consent_ask")) == 1


async def test_a_caption_can_be_a_command(ann: Phone, studio: Sitting) -> None:
    """A photo under /cutout is cut out once its owner agrees."""
    await ann.photo(photo(), caption="/cutout")
    await ann.tap(await ann.button(WORDS.say("btn_yes_mine")))
    await files(ann, 1)
    (made,) = await studio.history.renders(SESSION)
    assert made.shot.operation == "cutout"


async def test_a_deleted_picture_leaves_the_chat(ann: Phone) -> None:
    """Delete takes the photo and its file away, not only the stored picture."""
    await portrait(ann)
    await ann.tap(await ann.button(WORDS.say("btn_delete")))
    await ann.heard()
    assert len(ann.server.said("deleteMessage")) == 2


async def test_a_tap_that_comes_twice_shoots_once(ann: Phone, studio: Sitting) -> None:
    """Two taps at once, then another after the picture: one picture, and every tap is answered."""
    await ann.write("a woman")
    button = await ann.button(WORDS.say("btn_just_shoot"))
    await asyncio.gather(ann.tap(button), ann.tap(button))
    await files(ann, 1)
    await ann.tap(button)
    heard = [c.text for c in await ann.heard()]
    assert len(await studio.history.renders(SESSION)) == 1
    assert heard.count(WORDS.say("choice_used")) == 2
    assert len(ann.server.said("answerCallbackQuery")) == 3


async def test_a_group_gets_its_pictures_under_the_question(ann: Phone) -> None:
    """Photo and file answer the person who asked."""
    await ann.write(f"/portrait@{USERNAME} a woman", CLUB)
    asked = ann.last_message
    await ann.tap(await ann.button(WORDS.say("btn_just_shoot")), CLUB)
    sent = (await files(ann, 1))[0]
    assert sent.params["reply_parameters"]["message_id"] == asked


async def test_likes_are_the_persons_in_every_chat(ann: Phone, studio: Sitting) -> None:
    """What was settled in private holds in a group."""
    await studio.history.prefer("telegram:7", Preferences(delivery="photo"))
    await ann.write(f"/settings@{USERNAME}", CLUB)
    assert WORDS.say("settings_delivery_photo") in (await ann.heard())[-1].text


def message_of(ann: Phone, method: str) -> int:
    return ann.server.message_id(ann.server.said(method)[0])


async def test_the_light_plan_comes_above_its_card_once(ann: Phone, look: str) -> None:
    """A drawing that has not changed stands above already, and is not sent again."""
    plan = Picture("", look, look, 90, 120, "Light plan", "This is how I would light it.")
    card = Ask("Ready?", CANCEL, Brief("Your portrait", (), 1, plan=plan, redrawn=True))
    same = structs.replace(card, brief=Brief("Your portrait", (), 2, plan=plan))
    await post(ann, card)
    calls = await post(ann, same, seq=6)
    assert [c.method for c in calls] == ["sendPhoto", "sendMessage", "sendMessage"]
    assert calls[0].params["caption"] == plan.caption
