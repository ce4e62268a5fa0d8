"""Choices as Telegram's inline keyboards."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.replies import Choice

MAX_BUTTONS = 100
ROW_WIDTH = 30  # characters that fit side by side on a narrow phone
ROW_BUTTONS = 3
ROW_NUMBERS = 6
SHORT = 2  # characters of a label that is only a number


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Choices as rows of buttons; `callback_data` is the choice's id (12 of 64 bytes)."""
    if not choices:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(c.label, callback_data=c.id) for c in row]
            for row in rows(choices[:MAX_BUTTONS])
        ]
    )


def rows(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Choices side by side as long as their labels fit; numbers stand closer than words."""
    found: list[list[Choice]] = []
    for choice in choices:
        row = found[-1] if found else []
        if row and _fits([*row, choice]):
            row.append(choice)
        else:
            found.append([choice])
    return found


def _fits(row: Sequence[Choice]) -> bool:
    widths = [len(choice.label) for choice in row]
    most = ROW_NUMBERS if max(widths) <= SHORT else ROW_BUTTONS
    return len(row) <= most and sum(widths) <= ROW_WIDTH
