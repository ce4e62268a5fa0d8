"""An interviewer that has read the script."""

from bot.core.ports import Reading, Speaking
from bot.core.session import Session


class ScriptedInterviewer:
    """Implements the `Interviewer` port: each text has its reading, any other text none.

    `heard` lists the texts it was given, in order.
    """

    def __init__(self, readings: dict[str, Reading] | None = None) -> None:
        self.readings = readings or {}
        self.speech: dict[str, tuple[str, ...]] = {}
        self.heard: list[str] = []

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        """The reading the script has for `text`; `speech` is spoken first, part by part."""
        self.heard.append(text)
        for part in self.speech.get(text, ()):
            if speaking:
                await speaking(part)
        return self.readings.get(text, Reading(reader="script"))

    async def close(self) -> None:
        """Nothing to let go of."""
