"""Choices as Discord components that outlive the process: all they need is in their custom ids."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

import discord
from msgspec import Struct

from bot.core.replies import Choice, Style
from bot.frontends.discord_addresses import Address

Tapped = Callable[[discord.Interaction, str, int], Awaitable[None]]
Asked = Callable[[discord.Interaction, str, str], Awaitable[None]]

MAX_ROWS, IN_A_ROW = 5, 5
MAX_OPTIONS = 25
MAX_MENUS = 2  # of the five rows; one may be for this front-end's own, two are for buttons
MANY = 5  # choices of a question; more become a menu
LAST = 2  # kept when there are too many: the shortcuts stand at the end
MAX_LABEL, MAX_OPTION = 80, 100
STYLES: dict[Style, discord.ButtonStyle] = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}


class Own(Struct, frozen=True):
    """A button of this front-end's own: what it does, to what, and its label."""

    verb: str
    rest: str
    label: str
    style: Style = "plain"

    @property
    def custom_id(self) -> str:
        """`nl.<verb>:<rest>`."""
        return f"nl.{self.verb}:{self.rest}"


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
        button = button or discord.ui.Button(label="…")
        button.custom_id = f"nl:{choice}{_tail(channel)}"
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


class Pick(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"nl-pick:(?P<number>\d)(?::(?P<channel>\d{1,20}))?",
):
    """A menu: each option's value is a choice id. `number` tells a message's menus apart."""

    def __init__(self, menu: discord.ui.Select[Any], number: int, channel: int = 0) -> None:
        self.channel = channel
        menu.custom_id = f"nl-pick:{number}{_tail(channel)}"
        super().__init__(menu)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: Any,  # noqa: ANN401 - as its base has it
        match: re.Match[str],
        /,
    ) -> Self:
        """The menu, of any age."""
        return cls(item, int(match["number"]), int(match["channel"] or 0))

    async def callback(self, interaction: discord.Interaction) -> None:
        """A picked option is a tap."""
        tapped: Tapped = interaction.client.tapped  # type: ignore[attr-defined]  # our own client
        await tapped(interaction, self.item.values[0], self.channel)


class OwnButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"nl\.(?P<verb>[a-z]{1,12}):(?P<rest>[\w:-]{0,80})",
):
    """A button that the conversation knows nothing of: sharing, a file, the brief's form."""

    def __init__(self, verb: str, rest: str, button: discord.ui.Button[Any]) -> None:
        self.verb, self.rest = verb, rest
        button.custom_id = f"nl.{verb}:{rest}"
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: Any,  # noqa: ANN401 - as its base has it
        match: re.Match[str],
        /,
    ) -> Self:
        """The button, of any age."""
        return cls(match["verb"], match["rest"], item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand it to the front-end that this client belongs to."""
        asked: Asked = interaction.client.asked  # type: ignore[attr-defined]  # our own client
        await asked(interaction, self.verb, self.rest)


class OwnMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"nl-own:(?P<number>\d)",
):
    """This front-end's own buttons where they are many: each option's value is `<verb>:<rest>`."""

    def __init__(self, menu: discord.ui.Select[Any], number: int) -> None:
        menu.custom_id = f"nl-own:{number}"
        super().__init__(menu)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: Any,  # noqa: ANN401 - as its base has it
        match: re.Match[str],
        /,
    ) -> Self:
        """The menu, of any age."""
        return cls(item, int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """A picked option is a tapped button."""
        asked: Asked = interaction.client.asked  # type: ignore[attr-defined]  # our own client
        verb, _, rest = self.item.values[0].partition(":")
        await asked(interaction, verb, rest)


def components(
    choices: Sequence[Choice], address: Address, own: Sequence[Own] = (), hint: str = ""
) -> discord.ui.View | None:
    """Up to five rows, or None for nothing. Many choices become menus where there is a `hint`.

    The view is finished at once: the dynamic items answer, nothing is kept in memory.
    """
    if not choices and not own:
        return None
    view = discord.ui.View(timeout=None)
    listed, tapped = apart(choices) if hint else ((), choices)
    for number, page in enumerate(_pages(_options(listed))[:MAX_MENUS]):
        view.add_item(Pick(_menu(page, hint), number, address.channel))
    if len(own) > MANY:
        for number, page in enumerate(_pages(_own_options(own))[:1]):
            view.add_item(OwnMenu(_menu(page, own[0].label), number))
        own = ()
    room = (MAX_ROWS - len(view.children)) * IN_A_ROW - len(own)
    for choice in fitting(tapped, room):
        button = discord.ui.Button(label=choice.label[:MAX_LABEL], style=STYLES[choice.style])
        view.add_item(Tap(choice.id, address.channel, button))
    for each in own:
        button = discord.ui.Button(label=each.label[:MAX_LABEL], style=STYLES[each.style])
        view.add_item(OwnButton(each.verb, each.rest, button))
    view.stop()
    return view


def apart(choices: Sequence[Choice]) -> tuple[Sequence[Choice], Sequence[Choice]]:
    """What belongs into a menu, and what stays a button: the shortcuts behind many values."""
    if len(choices) <= MANY:
        return (), choices
    cut = len(choices) - (LAST if choices[-1].style != "plain" else 0)
    return choices[:cut], choices[cut:]


def fitting(choices: Sequence[Choice], room: int = MAX_ROWS * IN_A_ROW) -> Sequence[Choice]:
    """The choices that have room: the first ones, and the shortcuts at the end."""
    if len(choices) <= room:
        return choices
    return [*choices[: room - LAST], *choices[-LAST:]]


def _options(choices: Sequence[Choice]) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=c.label[:MAX_OPTION], value=c.id) for c in choices]


def _own_options(own: Sequence[Own]) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=each.label[:MAX_OPTION], value=f"{each.verb}:{each.rest}")
        for each in own
    ]


def _pages(options: list[discord.SelectOption]) -> list[list[discord.SelectOption]]:
    return [options[n : n + MAX_OPTIONS] for n in range(0, len(options), MAX_OPTIONS)]


def _menu(page: list[discord.SelectOption], hint: str) -> discord.ui.Select[Any]:
    return discord.ui.Select(placeholder=hint, options=page)


def _tail(channel: int) -> str:
    return f":{channel}" if channel else ""
