"""Discord's commands: slash commands, what they suggest while one types, and message menus."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.core.vocabulary import Named, said
from bot.frontends.chat_cards import Words
from bot.frontends.chat_commands import MENU

Command = Callable[[discord.Interaction, str, str, discord.Attachment | None], Awaitable[None]]
"""`(interaction, command, argument, photo)`."""
OnMessage = Callable[[discord.Interaction, discord.Message], Awaitable[None]]
Vocabulary = Callable[[str], Sequence[Named]]

# Answered in guilds and in the bot's own direct messages.
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
INSTALLS = app_commands.AppInstallationType(guild=True, user=False)
MAX_DESCRIPTION, MAX_SUGGESTIONS, MAX_CHOICE = 100, 25, 100
PICKED = ("look", "backdrop", "lighting")
PrintSize = Literal["4x6", "5x7", "8x10", "11x14", "A4", "35x45", "2x2"]
Order = Literal["stats", "pause", "resume", "drain", "whoami"]
Count = app_commands.Range[int, 2, 12]

AnyCommand = app_commands.Command[Any, ..., Any]


class Commands:
    """Makes every command; `hear(interaction, command, argument, photo)` is told what was said."""

    def __init__(self, hear: Command, words: Words, vocabulary: Vocabulary) -> None:
        self._hear, self._words, self._vocabulary = hear, words, vocabulary

    def add_to(self, tree: app_commands.CommandTree[Any]) -> None:
        """Put them into the tree."""
        own = {
            "portrait": self._portrait,
            "backdrop": self._backdrop,
            "print": self._print,
            "series": self._series,
        }
        for name in MENU:
            callback = own[name]() if name in own else self._plain(name)
            tree.add_command(self._command(name, callback))
        tree.add_command(self._orders())

    def _orders(self) -> AnyCommand:
        """What admins may ask; in guilds Discord shows it to those who manage the guild."""

        async def studio(interaction: discord.Interaction, order: Order) -> None:
            await self._hear(interaction, "studio", order, None)

        self._describe(studio, order="option_order")
        command = self._command("studio", studio)
        command.default_permissions = discord.Permissions(manage_guild=True)
        return command

    def _portrait(self) -> Callable[..., Any]:
        async def portrait(
            interaction: discord.Interaction,
            text: str | None = None,
            look: str | None = None,
            backdrop: str | None = None,
            lighting: str | None = None,
        ) -> None:
            picked = {"look": look, "backdrop": backdrop, "lighting": lighting}
            await self._hear(interaction, "portrait", self._spoken(text, picked), None)

        self._describe(
            portrait, text="option_words", look="option_look", backdrop="option_backdrop",
            lighting="option_lighting",
        )  # fmt: skip
        app_commands.autocomplete(**{slot: self._suggest(slot) for slot in PICKED})(portrait)
        return portrait

    def _backdrop(self) -> Callable[..., Any]:
        async def backdrop(
            interaction: discord.Interaction,
            photo: discord.Attachment | None = None,
            text: str | None = None,
        ) -> None:
            # A photo alone is shown, not spoken about: the studio asks what should stand behind it.
            spoken = self._spoken(None, {"backdrop": text})
            if spoken and photo is None:
                spoken = f"{spoken} behind me"
            await self._hear(interaction, "backdrop", spoken, photo)

        self._describe(backdrop, photo="option_photo", text="option_backdrop")
        app_commands.autocomplete(text=self._suggest("backdrop"))(backdrop)
        return backdrop

    def _print(self) -> Callable[..., Any]:
        async def print_size(
            interaction: discord.Interaction, size: PrintSize | None = None
        ) -> None:
            await self._hear(interaction, "print", size or "", None)

        self._describe(print_size, size="option_size")
        return print_size

    def _series(self) -> Callable[..., Any]:
        async def series(interaction: discord.Interaction, count: Count | None = None) -> None:
            await self._hear(interaction, "series", str(count or ""), None)

        self._describe(series, count="option_count")
        return series

    def _plain(self, name: str) -> Callable[..., Any]:
        async def plain(interaction: discord.Interaction) -> None:
            await self._hear(interaction, name, "", None)

        return plain

    def _command(self, name: str, callback: Callable[..., Any]) -> AnyCommand:
        return app_commands.Command(
            name=locale_str(name, key=f"name_{name}"),
            description=self._text(f"command_{name}"),
            callback=callback,
            allowed_contexts=CONTEXTS,
            allowed_installs=INSTALLS,
        )

    def _describe(self, callback: Callable[..., Any], **options: str) -> None:
        app_commands.describe(**{name: self._text(key) for name, key in options.items()})(callback)
        names = {name: locale_str(name, key=f"name_{name}") for name in options}
        app_commands.rename(**names)(callback)

    def _text(self, key: str) -> locale_str:
        return locale_str(self._words(key)[:MAX_DESCRIPTION], key=key)

    def _suggest(self, slot: str) -> Callable[..., Any]:
        async def suggest(
            interaction: discord.Interaction, current: str
        ) -> list[app_commands.Choice[str]]:
            found = [n.label[:MAX_CHOICE] for n in self._vocabulary(slot) if n.matches(current)]
            return [app_commands.Choice(name=n, value=n) for n in found[:MAX_SUGGESTIONS]]

        return suggest

    def _spoken(self, text: str | None, picked: dict[str, str | None]) -> str:
        """Everything filled in, as one sentence; what is not in the vocabulary as it was typed."""
        parts = [text or "", *(self._say(slot, v) for slot, v in picked.items() if v)]
        return ", ".join(part.strip() for part in parts if part.strip())

    def _say(self, slot: str, typed: str) -> str:
        known = {n.label.casefold(): n.spoken for n in self._vocabulary(slot)}
        return known.get(typed.strip().casefold()) or said(slot, typed)


def add_menus(
    tree: app_commands.CommandTree[Any], words: Words, *, selfie: OnMessage, upscale: OnMessage
) -> None:
    """Put what one can do with a message (right click, Apps) into the tree."""
    for key, callback in {"menu_selfie": selfie, "menu_upscale": upscale}.items():
        tree.add_command(
            app_commands.ContextMenu(
                name=locale_str(words(key), key=key),
                callback=_on_message(callback),
                allowed_contexts=CONTEXTS,
                allowed_installs=INSTALLS,
            )
        )


def _on_message(callback: OnMessage) -> Callable[..., Any]:
    # discord.py reads what a menu is for from the annotations of a plain function.
    async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
        await callback(interaction, message)

    return menu


class Tongues(app_commands.Translator):
    """Names and descriptions in the languages that have them; `say(locale, key)` or None."""

    def __init__(self, say: Callable[..., str | None]) -> None:
        self._say = say

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The translation, or None: Discord then shows English."""
        key = string.extras.get("key")
        text = self._say(str(locale), key) if key else None
        return text and text[:MAX_DESCRIPTION]
