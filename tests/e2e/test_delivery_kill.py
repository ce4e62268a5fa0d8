"""kill -9 before, in and after the moment a picture is sent: it comes once, or the person is asked.

A real process against a Telegram over real HTTP.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.houses import House, delivery_states, free_port, house
from support.sittings import WORDS
from support.telegram_http import TelegramHttp, telegram, until
from support.telegram_server import Call

ANN = 7
PICTURES = ("sendPhoto", "sendDocument")
QUESTION = WORDS.say("ask_arrived")


@asynccontextmanager
async def studio(folder: Path, chat: TelegramHttp) -> AsyncIterator[House]:
    settings = {
        "TELEGRAM_BOT_TOKEN": "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "TELEGRAM_API_URL": chat.url,
        "NORTHLIGHT_PORT": str(free_port()),
    }
    async with house(folder, 0.01, **settings) as opened:
        yield opened


async def killed(
    folder: Path, chat: TelegramHttp, hold: Callable[[Call], bool], moment: Callable[[], bool]
) -> None:
    """Order a picture and kill the studio at a moment of its delivery."""
    chat.hold = hold
    async with studio(folder, chat) as opened:
        chat.write(ANN, "headshot of a woman in her 30s, grey backdrop")
        await until(lambda: chat.said("sendMessage"))
        chat.write(ANN, "shoot")
        await until(moment)
        await opened.kill()
    chat.hold = lambda call: False


def held(call: Call) -> bool:
    # The chat's way out stands still while the picture is made.
    return call.text.startswith(WORDS.say("shooting"))


def never(call: Call) -> bool:
    return False


def sending(call: Call) -> bool:
    return call.method in PICTURES


async def test_killed_before_the_moment_the_picture_comes_after_the_restart(
    tmp_path: Path,
) -> None:
    """It was made and not sent: nobody is asked, it is there once."""
    async with telegram() as chat:
        await killed(tmp_path, chat, held, lambda: delivery_states(tmp_path) == ["pending"])
        assert not chat.said(*PICTURES)
        async with studio(tmp_path, chat) as again:
            await until(lambda: delivery_states(tmp_path) == ["sent"])
            await again.stop()
        assert [c.method for c in chat.said(*PICTURES)] == list(PICTURES)
        assert QUESTION not in [c.text for c in chat.said()]


@pytest.mark.parametrize(("tap", "copies"), [("btn_arrived", 1), ("btn_send_again", 2)])
async def test_killed_in_the_moment_the_person_is_asked(
    tmp_path: Path, tap: str, copies: int
) -> None:
    """Telegram had it, we did not hear so. Only who says that it is missing gets another."""
    async with telegram() as chat:
        await killed(tmp_path, chat, sending, lambda: bool(chat.said(*PICTURES)))
        async with studio(tmp_path, chat) as again:
            await until(lambda: QUESTION in [c.text for c in chat.said()])
            await until(lambda: delivery_states(tmp_path) == ["asked"])
            assert len(chat.said("sendPhoto")) == 1
            question = next(c for c in chat.said() if c.text == QUESTION)
            chat.tap(ANN, question.buttons[WORDS.say(tap)])
            await until(lambda: delivery_states(tmp_path) == ["sent"])
            await again.stop()
        assert len(chat.said("sendPhoto")) == copies


async def test_killed_after_the_moment_nothing_comes_twice(tmp_path: Path) -> None:
    """It was noted as sent."""
    async with telegram() as chat:
        await killed(tmp_path, chat, never, lambda: delivery_states(tmp_path) == ["sent"])
        async with studio(tmp_path, chat) as again:
            await until(lambda: len(chat.said("getMe")) == 2)
            chat.write(ANN, "hello")
            before = len(chat.said("sendMessage"))
            await until(lambda: len(chat.said("sendMessage")) > before)
            await again.stop()
        assert [c.method for c in chat.said(*PICTURES)] == list(PICTURES)
        assert QUESTION not in [c.text for c in chat.said()]
