"""The command menu: registered, and in the person's own language where there are words for it."""

from support.sittings import WORDS
from support.telegram_phone import TOKEN
from support.telegram_server import Refusal, TelegramServer
from telegram import Bot

import prompts
from bot.app import _menus  # pyright: ignore[reportPrivateUsage] - what the root hands over
from bot.frontends.chat_commands import MENU
from bot.frontends.telegram_menu import show_menu


async def menus_of(server: TelegramServer) -> dict[str, dict[str, str]]:
    """What Telegram was told, by language; "" is everybody else."""
    told = server.said("setMyCommands")
    return {
        call.params.get("language_code", ""): {
            command["command"]: command["description"] for command in call.params["commands"]
        }
        for call in told
    }


async def test_the_menu_is_there_in_every_language() -> None:
    """Every command, described within Telegram's limits, English where a language has no words."""
    server = TelegramServer()
    async with Bot(TOKEN, request=server, get_updates_request=server) as bot:
        await show_menu(bot, WORDS.say, _menus(prompts.load()) | {"xx": {"help": "Xelp"}})
    told = await menus_of(server)
    assert set(told) >= {"", "de", "xx"}
    for menu in told.values():
        assert list(menu) == list(MENU)
        assert all(1 <= len(words) <= 256 for words in menu.values())
    assert told["de"]["help"] != told[""]["help"]
    assert told["xx"] == told[""] | {"help": "Xelp"}


async def test_a_menu_that_is_refused_stops_nothing() -> None:
    """The commands work without it."""
    server = TelegramServer()
    server.refuse = lambda call: (
        Refusal(400, "Bad Request: BOT_COMMAND_INVALID") if "Commands" in call.method else None
    )
    async with Bot(TOKEN, request=server, get_updates_request=server) as bot:
        await show_menu(bot, WORDS.say, {})
