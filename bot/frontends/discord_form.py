"""The brief as a form: pick other values, or say it in one's own words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.core.replies import Ask, Brief, BriefLine, Posted
from bot.core.vocabulary import Named
from bot.frontends.chat_cards import Words

FORM = "nl.brief:"
OWN_WORDS = "own_words"
SLOTS = ("backdrop", "lighting", "look", "expression", "film", "aspect")
FIELDS = 4  # besides one's own words; Discord shows five
MAX_OPTIONS, MAX_OPTION, MAX_LABEL, MAX_TITLE, MAX_WORDS = 25, 100, 45, 45, 1000

Vocabulary = Callable[[str], Sequence[Named]]


def brief_of(transcript: Sequence[Posted]) -> Brief | None:
    """The latest brief of a session."""
    for posted in reversed(transcript):
        if isinstance(posted.entry, Ask) and posted.entry.brief:
            return posted.entry.brief
    return None


def form(brief: Brief, channel: int, vocabulary: Vocabulary, words: Words) -> discord.ui.Modal:
    """A modal with the brief's values filled in. It needs nothing in memory to be read."""
    modal = discord.ui.Modal(title=brief.title[:MAX_TITLE], custom_id=f"{FORM}{channel}")
    for line in _lines(brief, vocabulary):
        modal.add_item(_labelled(line.label, _select(line, vocabulary(line.slot))))
    text: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=OWN_WORDS,
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=MAX_WORDS,
    )
    modal.add_item(_labelled(words("form_own_words"), text))
    return modal


def said_in(data: Mapping[str, Any], brief: Brief | None, vocabulary: Vocabulary) -> str:
    """What a submitted form says that the brief does not; "" when nothing was changed."""
    filled = dict(_filled(data.get("components", ())))
    lines = {line.slot: line.value for line in brief.lines} if brief else {}
    changed = [
        value
        for slot in SLOTS
        if (value := filled.get(slot, "")) and value != _spoken(vocabulary(slot), lines.get(slot))
    ]
    return ", ".join(filter(None, [*changed, filled.get(OWN_WORDS, "").strip()]))


def _lines(brief: Brief, vocabulary: Vocabulary) -> list[BriefLine]:
    lines = {line.slot: line for line in brief.lines if line.honoured}
    return [lines[slot] for slot in SLOTS if slot in lines and vocabulary(slot)][:FIELDS]


def _select(line: BriefLine, values: Sequence[Named]) -> "discord.ui.Select[Any]":
    # What stands on the brief comes first, so that it is among those that have room.
    ordered = sorted(values, key=lambda value: value.label != line.value)[:MAX_OPTIONS]
    options = [
        discord.SelectOption(
            label=value.label[:MAX_OPTION],
            value=value.spoken[:MAX_OPTION],
            default=value.label == line.value,
        )
        for value in ordered
    ]
    return discord.ui.Select(custom_id=line.slot, options=options, required=False)


def _labelled(text: str, item: "discord.ui.Item[Any]") -> "discord.ui.Label[Any]":
    return discord.ui.Label(text=text[:MAX_LABEL], component=item)


def _spoken(values: Sequence[Named], label: str | None) -> str:
    return next((value.spoken for value in values if value.label == label), "")


def _filled(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        if inner := component.get("component"):
            yield from _filled([inner])
        yield from _filled(component.get("components", ()))
        if custom_id := component.get("custom_id"):
            values = component.get("values") or [component.get("value") or ""]
            yield custom_id, values[0]
