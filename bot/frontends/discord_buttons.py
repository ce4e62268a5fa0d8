"""Choices as Discord buttons that outlive the process: everything needed is in the custom id."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

import discord

from bot.core.replies import Choice, Style
from bot.frontends.discord_addresses import Address

Tapped = Callable[[discord.Interaction, str, int], Awaitable[None]]

MAX_BUTTONS = 25  # five rows of five
LAST = 2  # kept when there are too many: the shortcuts stand at the end
MAX_LABEL = 80
STYLES: dict[Style, discord.ButtonStyle] = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}


class Tap(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"nl:(?P<choice>[\w-]{1,64})(?::(?P<channel>\d{1,20}))?",
):
    """`nl:<choice id>`, with `:<channel id>` for a session that belongs to a guild's channel.

    The channel is named because the answer may have to go to the person's direct messages.
    """

    def __init__(
        self, choice: str, channel: int = 0, button: discord.ui.Button[Any] | None = None
    ) -> None:
        self.choice, self.channel = choice, channel
        tail = f":{channel}" if channel else ""
        button = button or discord.ui.Button(label="…")
        button.custom_id = f"nl:{choice}{tail}"
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: Any,  # noqa: ANN401 - as its base has it
        match: re.Match[str],
        /,
    ) -> Self:
        """The tap that a button of any age stands for."""
        return cls(match["choice"], int(match["channel"] or 0), item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand the tap to the front-end that this client belongs to."""
        tapped: Tapped = interaction.client.tapped  # type: ignore[attr-defined]  # our own client
        await tapped(interaction, self.choice, self.channel)


def buttons(choices: Sequence[Choice], address: Address) -> discord.ui.View | None:
    """Up to 25 buttons. The view is finished at once: `Tap` answers, nothing is kept in memory."""
    if not choices:
        return None
    view = discord.ui.View(timeout=None)
    for choice in fitting(choices):
        button = discord.ui.Button(label=choice.label[:MAX_LABEL], style=STYLES[choice.style])
        view.add_item(Tap(choice.id, address.channel, button))
    view.stop()
    return view


def fitting(choices: Sequence[Choice]) -> Sequence[Choice]:
    """The choices that have room: the first ones, and the shortcuts at the end."""
    if len(choices) <= MAX_BUTTONS:
        return choices
    return [*choices[: MAX_BUTTONS - LAST], *choices[-LAST:]]
