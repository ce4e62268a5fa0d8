"""Speaking while thinking: words appear on the screen as they come."""

import asyncio

from bot.core.desk import Desk
from bot.core.ports import Channel
from bot.core.replies import Choice, Say


class Voice:
    """One spoken reply: begun when its first words come, edited in place, kept when it is whole.

    The first words go to the transcript at once, so that a restart finds them; the rest is only
    shown until `finish`, because a front-end may leave out what newer words replace.
    """

    def __init__(self, desk: Desk, session_id: str, channel: Channel, seq: int = 0) -> None:
        """`seq`: where it was begun before, or 0."""
        self._desk, self._session, self._channel = desk, session_id, channel
        self._seq = seq
        self._beginning: asyncio.Task[int] | None = None

    async def speak(self, text: str) -> None:
        """Show all the words so far. A reader may be cut short in here: nothing gets lost."""
        if not self._seq and self._beginning is None:
            beginning = self._desk.history.post(self._session, Say(text))
            self._beginning = asyncio.ensure_future(beginning)
        if self._beginning is not None:
            self._seq = await asyncio.shield(self._beginning)
        await self._desk.show(self._seq, Say(text, more=True), self._channel)

    async def begun(self) -> int:
        """The place of what was spoken; 0 when nothing was."""
        if self._beginning is not None:
            self._seq = await self._beginning
        return self._seq

    async def finish(self, text: str, choices: tuple[Choice, ...] = ()) -> None:
        """Say it whole: in place of what was spoken, or, when nothing was, for the first time."""
        if self._seq:
            await self._desk.amend(self._session, self._seq, Say(text, choices), self._channel)
        else:
            self._seq = await self._desk.post(self._session, Say(text, choices), self._channel)
