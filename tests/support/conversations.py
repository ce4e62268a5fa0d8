"""A conversation that follows a script: the transcript is real, nothing else is."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.core.ports import Channel
from bot.core.replies import Entry, Heard, Posted, Say
from bot.core.turns import Turn
from engine.blobs import DiskBlobs


class Room:
    """One session's transcript, and the channel its postings go to."""

    def __init__(self, posted: dict[int, Entry], channel: Channel) -> None:
        self._posted, self._channel = posted, channel

    async def post(self, entry: Entry) -> int:
        """Append and deliver."""
        seq = max(self._posted, default=0) + 1
        await self.amend(seq, entry)
        return seq

    async def amend(self, seq: int, entry: Entry) -> None:
        """Replace and deliver."""
        self._posted[seq] = entry
        await self._channel.send(Posted(seq, entry))


Script = Callable[[Turn, Room], Awaitable[None]]


async def echo(turn: Turn, room: Room) -> None:
    """Say back what was heard."""
    await room.post(Say(f"heard {turn.text or turn.choice or 'a photo'}"))


class ScriptedConversation:
    """What front-ends talk to, with `script` in place of the studio; turns arrive in `turns`."""

    def __init__(self, script: Script = echo, blobs: DiskBlobs | None = None) -> None:
        self.turns: list[Turn] = []
        self.devices: dict[str, tuple[str, str]] = {}
        self._script, self._blobs = script, blobs
        self._posted: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
        self._seen: set[tuple[str, str]] = set()
        self._theirs: set[tuple[str, str]] = set()

    async def note_device(self, person: str, *, zone: str = "", language: str = "") -> None:
        """What a page says of its browser."""
        self.devices[person] = (zone, language)

    async def handle(self, turn: Turn, channel: Channel) -> None:
        """Keep the turn once, post what was heard, then follow the script."""
        if (turn.session, turn.client_id) in self._seen:
            return
        self._seen.add((turn.session, turn.client_id))
        self.turns.append(turn)
        room = Room(self._posted[turn.session], channel)
        if turn.text or turn.photo:
            await room.post(Heard(turn.text, await self._keep(turn)))
        await self._script(turn, room)

    async def welcome(
        self, session_id: str, person: str, channel: Channel, places: tuple[str, ...] = ()
    ) -> None:
        """Greet once."""
        if not self._posted[session_id]:
            await Room(self._posted[session_id], channel).post(Say("Welcome to the studio."))

    async def transcript(self, session_id: str, after: int = 0) -> list[Posted]:
        """Entries after a place."""
        kept = sorted(self._posted[session_id].items())
        return [Posted(seq, entry) for seq, entry in kept if seq > after]

    async def may_see(self, session_id: str, blob: str) -> bool:
        """Whether `allow` named this blob for this session."""
        return (session_id, blob) in self._theirs

    def allow(self, session_id: str, blob: str) -> None:
        """Make a blob this session's own."""
        self._theirs.add((session_id, blob))

    def forget(self, session_id: str) -> None:
        """Erase the transcript."""
        self._posted[session_id].clear()

    async def _keep(self, turn: Turn) -> str | None:
        if turn.photo is None:
            return None
        if self._blobs is None:
            return f"{hashlib.sha256(turn.photo.data).hexdigest()}.png"
        blob = await asyncio.to_thread(self._blobs.put, turn.photo.data, "png")
        self.allow(turn.session, blob)
        return blob
