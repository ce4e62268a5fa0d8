"""Telegram over real HTTP: long polling, keyboards, albums, files, groups, and its limits."""

import asyncio
import time
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from support.sittings import WORDS, photo
from support.studios import CardStudio
from support.telegram_shim import Called, Fault

from bot.core.replies import Gallery, Picture, Posted, Say
from bot.frontends.chat_commands import MENU
from engine.base import Report
from engine.jobs import Render
from engine.shots import Shot

if TYPE_CHECKING:
    from conftest import Bot, Message, Telegram

JUST_SHOOT = WORDS.say("btn_just_shoot")
YES = WORDS.say("btn_yes_mine")


async def portrait(telegram: "Telegram", where: str = "Ann") -> "Message":
    await telegram.write("a woman")
    await telegram.tap(await telegram.button(JUST_SHOOT), JUST_SHOOT)
    return (await telegram.kinds("document"))[-1]


async def test_start_greets_and_the_menu_is_there(telegram: "Telegram", bot: "Bot") -> None:
    """The first thing a person sees, and the commands beside the input field."""
    await telegram.write("/start")
    heard = await telegram.until(len)
    assert heard[0].text == WORDS.say("welcome")
    (menu,) = telegram.shim.said("setMyCommands")[:1]
    assert [c["command"] for c in menu.params["commands"]] == list(MENU)


async def test_words_become_a_photo_and_the_lossless_file(telegram: "Telegram", bot: "Bot") -> None:
    """Progress is one edited message; the file is the studio's, byte for byte."""
    file = await portrait(telegram)
    shown = (await telegram.kinds("photo"))[-1]
    assert "90 by 120" in shown.text
    (made,) = await bot.history.renders(f"telegram:{telegram.ids['Ann']}")
    assert await telegram.contents(file) == bot.blobs.get(made.render.blob)
    await telegram.until(lambda ms: any(m.text == WORDS.say("progress_done") for m in ms))
    assert WORDS.say("btn_again") in file.buttons


async def test_a_photo_with_words_is_taken_whole(telegram: "Telegram", bot: "Bot") -> None:
    """Downloaded over HTTP, its caption the instruction; after consent it is shot."""
    await telegram.photo(photo(), "blue")
    await telegram.tap(await telegram.button(YES), YES)
    await telegram.kinds("document")
    (made,) = await bot.history.renders(f"telegram:{telegram.ids['Ann']}")
    assert made.shot.backdrop.id == "gradient-blue"
    assert made.shot.source
    assert bot.blobs.get(made.shot.source)


async def test_a_photo_sent_as_a_file_is_taken(telegram: "Telegram", bot: "Bot") -> None:
    """Those who care for pixels send documents."""
    await telegram.document(photo(), "me.png", "blue")
    await telegram.button(YES)


async def test_an_album_is_one_turn(telegram: "Telegram", bot: "Bot") -> None:
    """Two updates, one question."""
    other = BytesIO()
    Image.new("RGB", (300, 400), "teal").save(other, "PNG")
    await telegram.album(photo(), other.getvalue(), caption="blue")
    await telegram.button(YES)
    await asyncio.sleep(1.5)
    texts = [m.text for m in await telegram.heard()]
    assert texts.count(WORDS.say("consent_ask")) == 1
    assert len(telegram.shim.said("getFile")) == 2


async def test_a_series_is_an_album_a_message_with_buttons_and_one_file(
    telegram: "Telegram", bot: "Bot"
) -> None:
    """What Telegram calls a media group carries no keyboard; picking one works."""
    await portrait(telegram)
    await telegram.write("/series 3")
    shoot = WORDS.say("btn_shoot")
    await telegram.tap(await telegram.button(shoot), shoot)
    below = await telegram.button(WORDS.say("btn_zip"))
    assert below.text.startswith(WORDS.say("gallery_set", count=3))
    grouped = [m for m in await telegram.kinds("photo", 5) if m.raw.get("media_group_id")]
    assert len(grouped) == 4 and len({m.raw["media_group_id"] for m in grouped}) == 1
    zipped = WORDS.say("gallery_zip")
    await telegram.until(lambda ms: any(m.text == zipped for m in ms))
    await telegram.tap(below, "2")
    text = WORDS.say("picked", number=3)
    heard = await telegram.until(lambda ms: any(m.text == text for m in ms))
    assert WORDS.say("btn_upscale") in heard[-1].buttons


async def test_settings_change_in_place(telegram: "Telegram", bot: "Bot") -> None:
    """One message, edited; then pictures come as photos with a button for the file."""
    await telegram.write("/settings")
    only = WORDS.say("btn_photo_only")
    await telegram.tap(await telegram.button(only), only)
    await telegram.button(WORDS.say("btn_files"))
    assert len(await telegram.heard()) == 1
    await telegram.write("a woman")
    await telegram.tap(await telegram.button(JUST_SHOOT), JUST_SHOOT)
    wish = WORDS.say("btn_file")
    await telegram.tap(await telegram.button(wish), wish)
    await telegram.kinds("document")


async def test_old_buttons_work_after_a_restart(telegram: "Telegram", bot: "Bot") -> None:
    """What was tapped while the bot was away is answered when it is back, once."""
    await telegram.write("a woman")
    old = await telegram.button(JUST_SHOOT)
    await bot.stop()
    for _ in range(2):
        await telegram.tap(old, JUST_SHOOT)
    await bot.start()
    await telegram.kinds("document")
    await telegram.until(lambda ms: any(m.text == WORDS.say("choice_used") for m in ms))
    assert len(await telegram.kinds("document")) == 1


async def test_a_job_outlives_the_process(telegram: "Telegram", bot: "Bot") -> None:
    """Stopped in the middle of a picture, it is finished at the next start and sent once."""
    await bot.stop()
    bot.studio = CardStudio(bot.blobs, delay=1.0, steps=3)
    await bot.start()
    await telegram.write("a woman")
    await telegram.tap(await telegram.button(JUST_SHOOT), JUST_SHOOT)
    await telegram.until(lambda ms: any(WORDS.say("shooting") in m.text for m in ms))
    await bot.stop()
    bot.studio = CardStudio(bot.blobs)
    await bot.start()
    await telegram.kinds("document")
    await telegram.until(lambda ms: any(m.text == WORDS.say("progress_done") for m in ms))
    assert len(await telegram.kinds("document")) == 1
    assert len(await telegram.kinds("photo")) == 1


class Looking(CardStudio):
    """Shows a first look and takes its time after it."""

    def render(self, shot: Shot, report: Report) -> Render:
        look = self._blobs.put(photo(), "png")
        for step in range(8):
            report("step_look", step / 8, look)
            time.sleep(0.15)
        return super().render(shot, report)


async def test_a_first_look_is_shown_while_the_picture_is_made(
    telegram: "Telegram", bot: "Bot"
) -> None:
    """A picture with the progress below it, edited in place, deleted when the result is there."""
    await bot.stop()
    bot.studio = Looking(bot.blobs)
    await bot.start()
    await telegram.write("a woman")
    await telegram.tap(await telegram.button(JUST_SHOOT), JUST_SHOOT)
    await telegram.kinds("document")
    taken_down = (await telegram.shim.until("deleteMessage", 2))[-1]
    look = next(m for m in await telegram.heard() if m.id == taken_down.params["message_id"])
    assert look.kind == "photo"
    assert "▱" in look.text
    assert telegram.shim.said("editMessageCaption")


async def test_a_group_is_left_in_peace(telegram: "Telegram", bot: "Bot") -> None:
    """Talk, photos and albums of people are theirs; a mention is answered under the question."""
    await telegram.write("a woman", where="Club")
    await telegram.photo(photo(), who="Bob", where="Club")
    await telegram.album(photo(), photo(), who="Bob", where="Club")
    await telegram.write("@northlight_bot help", where="Club")
    heard = await telegram.until(len, "Club")
    assert [m.text for m in heard] == [WORDS.say("help")]
    asked = (await telegram.history("Club"))[-2].id
    assert telegram.shim.said("sendMessage")[-1].params["reply_parameters"]["message_id"] == asked
    assert not telegram.shim.said("getFile")


async def test_in_a_group_only_ones_own_taps_count(telegram: "Telegram", bot: "Bot") -> None:
    """Bob gets a notice for himself; Ann's tap shoots."""
    await telegram.write("/portrait@northlight_bot a woman", where="Club")
    offer = await telegram.button(JUST_SHOOT, "Club")
    bobs = await telegram.tap(offer, JUST_SHOOT, who="Bob", where="Club")
    answer = await telegram.notice(bobs, "Bob")
    assert WORDS.say("not_your_button") in str(answer)
    assert len(await telegram.heard("Club")) == 1
    await telegram.tap(offer, JUST_SHOOT, where="Club")
    await telegram.kinds("document", where="Club")


async def test_patience_is_honoured_and_nothing_doubled(telegram: "Telegram", bot: "Bot") -> None:
    """429 with `retry_after`: the message comes after that time, once."""
    told: list[float] = []
    loop = asyncio.get_running_loop()

    def busy(call: Called) -> Fault | None:
        if call.method != "sendmessage":
            return None
        told.append(loop.time())
        body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
        return Fault(429, body | {"parameters": {"retry_after": 1}}) if len(told) == 1 else None

    telegram.shim.fault = busy
    await telegram.write("/help")
    heard = await telegram.until(len)
    assert [m.text for m in heard] == [WORDS.say("help")]
    assert told[1] - told[0] >= 1.0


async def test_a_broken_connection_loses_no_updates(telegram: "Telegram", bot: "Bot") -> None:
    """Polling goes on after Telegram was away."""
    gone = True
    telegram.shim.fault = lambda call: (
        Fault(502, {"ok": False, "error_code": 502, "description": "Bad Gateway"})
        if gone and call.method == "getupdates"
        else None
    )
    await telegram.write("/help")
    await asyncio.sleep(1.0)
    assert not await telegram.heard()
    gone = False
    await telegram.until(len)


@pytest.mark.parametrize(
    ("width", "height"), [(9500, 900), (3000, 100), (6000, 5500)], ids=["wide", "strip", "heavy"]
)
async def test_any_picture_arrives_within_the_limits(
    telegram: "Telegram", bot: "Bot", width: int, height: int
) -> None:
    """Too large or too narrow for a photo, it comes smaller, or as a file alone."""
    noise = Image.effect_noise((width, height), 80).convert("RGB")
    buffer = BytesIO()
    noise.save(buffer, "JPEG", quality=92)
    blob = bot.blobs.put(buffer.getvalue(), "jpg")
    shown = (Picture("job-0", blob, blob, width, height, "noise"),)
    session = f"telegram:{telegram.ids['Ann']}"
    await bot.app.channel(session).send(Posted(1, Gallery("Here", shown)))
    (file,) = await telegram.kinds("document")
    assert await telegram.contents(file) == buffer.getvalue()
    photos = [m for m in await telegram.heard() if m.kind == "photo"]
    assert len(photos) == (0 if max(width, height) > 20 * min(width, height) else 1)


async def test_long_words_arrive_whole(telegram: "Telegram", bot: "Bot") -> None:
    """4096 characters to a message, as many messages as it takes."""
    text = " ".join(f"word{n}" for n in range(1500))
    session = f"telegram:{telegram.ids['Ann']}"
    await bot.app.channel(session).send(Posted(1, Say(text)))
    await telegram.until(lambda ms: len(ms) >= 3)
    assert " ".join(m.text for m in await telegram.heard()) == text
