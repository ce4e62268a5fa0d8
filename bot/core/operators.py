"""What admins may ask of the studio, in the same words on every front-end."""

from collections.abc import Mapping

from bot.core.desk import Desk
from bot.core.door import Door, State
from bot.core.events import Tally
from bot.core.guests import Guests
from bot.core.ports import Channel
from bot.core.replies import Heard, Say
from bot.core.turns import Turn

MOVES: dict[str, State] = {"pause": "paused", "resume": "open", "drain": "draining"}
COMMANDS = ("stats", *MOVES)
WHO = "whoami"


class Operators:
    """Hears `stats`, `pause`, `resume` and `drain` from admins, and `whoami` from everybody."""

    def __init__(self, desk: Desk, door: Door, guests: Guests, tally: Tally) -> None:
        self._desk, self._door, self._guests, self._tally = desk, door, guests, tally

    def wants(self, turn: Turn) -> bool:
        """Whether the turn is a command of this kind, from somebody who may give it."""
        word = _word(turn)
        return word == WHO or (word in COMMANDS and self._guests.is_admin(turn.person))

    async def hear(self, turn: Turn, channel: Channel) -> None:
        """Carry out a command that `wants` has recognised."""
        await self._desk.history.session(turn.session, turn.person)
        await self._desk.post(turn.session, Heard(turn.text), channel)
        word = _word(turn)
        if word == WHO:
            await self._desk.say(turn.session, channel, "whoami", person=turn.person)
        elif word == "stats":
            await self._desk.post(turn.session, Say(await self._stats()), channel)
        else:
            await self._door.move(MOVES[word])
            await self._desk.say(turn.session, channel, f"operator_{word}")

    async def _stats(self) -> str:
        owed = [d.state for d in await self._desk.history.deliveries()]
        jobs = self._tally.of("jobs")
        facts = {
            "state": self._door.state,
            "waiting": self._tally.waiting,
            "running": self._tally.running,
            "done": jobs.get("done", 0),
            "failed": jobs.get("failed", 0),
            "cancelled": jobs.get("cancelled", 0),
            "turns": _counted(self._tally.of("turns")),
            "failures": _counted(self._tally.of("failures")),
            "sent": self._tally.of("deliveries").get("sent", 0),
            "owed": _counted({state: owed.count(state) for state in sorted(set(owed))}),
            "fallbacks": self._tally.of("reading").get("fallback", 0),
        }
        return self._desk.words("operator_stats", **facts)


def _word(turn: Turn) -> str:
    return turn.text.strip().lower().removeprefix("/")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"
