"""Albums come as separate messages, a moment apart; this waits until they are whole."""

import asyncio

from telegram import Message

QUIET_S = 0.8
"""Telegram sends the parts of an album within some hundred milliseconds of each other."""


class Albums:
    """Gathers messages that share a `media_group_id`. `quiet_s` without a new one ends an album."""

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._open: dict[str, list[Message]] = {}

    def opens(self, message: Message) -> bool:
        """Take a message in; False when it only continues an album that somebody waits for."""
        album = message.media_group_id
        if not album:
            return True
        self._open.setdefault(album, []).append(message)
        return len(self._open[album]) == 1

    async def whole(self, first: Message) -> list[Message]:
        """All messages of the album that `first` opened, in their order; once only."""
        album = first.media_group_id
        if not album or album not in self._open:
            return [first]
        seen = 0
        while seen < len(self._open[album]):
            seen = len(self._open[album])
            await asyncio.sleep(self._quiet_s)
        return sorted(self._open.pop(album), key=lambda message: message.message_id)
