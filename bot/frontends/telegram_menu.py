"""The command menu beside the input field, in every language there are words for."""

import logging
from collections.abc import Mapping

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.frontends.chat_cards import Words
from bot.frontends.chat_commands import MENU

log = logging.getLogger(__name__)
Menus = Mapping[str, Mapping[str, str]]
"""Two-letter language to command to description; English stands in for the rest."""


async def show_menu(bot: Bot, words: Words, menus: Menus) -> None:
    """Register the commands. A refusal is one log line: the commands work without a menu."""
    english = {name: words(f"command_{name}") for name in MENU}
    try:
        await bot.set_my_commands(_menu(english))
        for language, known in menus.items():
            await bot.set_my_commands(_menu(english | dict(known)), language_code=language)
    except TelegramError as error:
        log.warning("Telegram's command menu could not be set: %s", type(error).__name__)


def _menu(descriptions: Mapping[str, str]) -> list[BotCommand]:
    return [BotCommand(name, descriptions[name]) for name in MENU]
