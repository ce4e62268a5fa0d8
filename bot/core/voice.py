"""Speaking while thinking: words appear on the screen as they come."""

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
        self.seq = seq

    async def speak(self, text: str) -> None:
        """Show all the words so far."""
        entry = Say(text, more=True)
        if self.seq:
            await self._desk.show(self.seq, entry, self._channel)
        else:
            self.seq = await self._desk.history.post(self._session, Say(text))
            await self._desk.show(self.seq, entry, self._channel)

    async def finish(self, text: str, choices: tuple[Choice, ...] = ()) -> None:
        """Say it whole: in place of what was spoken, or, when nothing was, for the first time."""
        if self.seq:
            await self._desk.amend(self._session, self.seq, Say(text, choices), self._channel)
        else:
            self.seq = await self._desk.post(self._session, Say(text, choices), self._channel)
