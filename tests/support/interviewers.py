"""An interviewer that has read the script."""

from bot.core.ports import Reading
from bot.core.session import Session


class ScriptedInterviewer:
    """Implements the `Interviewer` port: each text has its reading, any other text none.

    `heard` lists the texts it was given, in order.
    """

    def __init__(self, readings: dict[str, Reading] | None = None) -> None:
        self.readings = readings or {}
        self.heard: list[str] = []

    async def read(self, session: Session, text: str) -> Reading:
        """The reading the script has for `text`."""
        self.heard.append(text)
        return self.readings.get(text, Reading(reader="script"))

    async def close(self) -> None:
        """Nothing to let go of."""
