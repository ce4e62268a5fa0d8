"""The studio in a terminal: type, tap by number, send a photo with `/photo FILE`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.replies import Choice, Entry, Gallery, Heard, Posted, Progress, Say
from bot.core.turns import Turn, Upload
from bot.frontends.chat_cards import Words, text_of
from engine.blobs import DiskBlobs

if TYPE_CHECKING:
    from bot.core.conversation import Conversation

PERSON = "console:you"
BAR = 24
Write = Callable[[str], object]


class ConsoleChannel:
    """Prints entries; progress is redrawn on one line, a spoken reply grows word by word."""

    def __init__(self, blobs: DiskBlobs, words: Words, write: Write) -> None:
        self._blobs = blobs
        self._words = words
        self._write = write
        self._drawing = False
        self._speaking: tuple[int, str] = (0, "")
        self.choices: dict[str, Choice] = {}

    async def send(self, posted: Posted) -> None:
        """Print one entry."""
        entry = posted.entry
        if isinstance(entry, Progress):
            self._progress(entry)
        elif isinstance(entry, Say) and (entry.more or posted.seq == self._speaking[0]):
            self._speak(posted.seq, entry)
        elif not isinstance(entry, Heard):
            self._end_line()
            self._write("\n".join(["", *self._lines(entry)]) + "\n")
            self._offer(entry.choices)

    def _progress(self, entry: Progress) -> None:
        if not sys.stdout.isatty() and entry.state == "working":
            return
        filled = round(entry.fraction * BAR)
        left = f" {entry.remaining_s:.0f} s left" if entry.remaining_s else ""
        self._write(f"\r[{'=' * filled}{' ' * (BAR - filled)}] {entry.text}{left}\x1b[K")
        self._drawing = True

    def _speak(self, seq: int, entry: Say) -> None:
        begun, said = self._speaking
        if begun != seq:
            self._end_line()
            said = ""
        fits = entry.text.startswith(said)
        self._write(
            ("" if said else "\n") + (entry.text[len(said) :] if fits else f"\n{entry.text}")
        )
        self._speaking = (seq, entry.text) if entry.more else (0, "")
        if not entry.more:
            self._write("\n")
            self._offer(entry.choices)

    def _end_line(self) -> None:
        if self._drawing:
            self._write("\n")
        self._drawing = False

    def _lines(self, entry: Entry) -> list[str]:
        if isinstance(entry, Heard):
            return []
        lines = [text_of(entry, self._words)]
        if isinstance(entry, Gallery):
            lines += [f"  {self._blobs.path(p.full)}  {p.caption}" for p in entry.pictures]
        return lines

    def _offer(self, choices: tuple[Choice, ...]) -> None:
        self.choices = {str(n): c for n, c in enumerate(choices, 1)}
        if choices:
            self._write("  ".join(f"[{n}] {c.label}" for n, c in self.choices.items()) + "\n")


async def run_console(
    conversation: "Conversation",
    blobs: DiskBlobs,
    words: Words,
    read_line: Callable[[], str] | None = None,
    write: Write | None = None,
) -> None:
    """Talk until the input ends. `read_line` raises EOFError at the end."""
    channel = ConsoleChannel(blobs, words, write or _print)
    await conversation.welcome(PERSON, PERSON, channel)
    await conversation.resume(lambda _: channel, PERSON)
    while True:
        try:
            line = await asyncio.to_thread(read_line or _ask)
        except EOFError:
            return
        await conversation.handle(await _turn(line.strip(), channel), channel)


async def _turn(line: str, channel: ConsoleChannel) -> Turn:
    if line.startswith("/photo "):
        data = await asyncio.to_thread(_read, line.removeprefix("/photo ").strip())
        return Turn(PERSON, PERSON, photo=Upload(data, line))
    if line in channel.choices:
        return Turn(PERSON, PERSON, choice=channel.choices[line].id)
    return Turn(PERSON, PERSON, text=line)


def _read(name: str) -> bytes:
    # An unreadable file becomes an empty upload, which the studio refuses in words.
    try:
        return Path(name).expanduser().read_bytes()
    except (OSError, ValueError, RuntimeError):
        return b""


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _ask() -> str:
    return input("> ")
