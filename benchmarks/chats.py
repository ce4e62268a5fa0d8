"""200 people talking at once: how soon each is answered, how late the loop is, what one costs.

    python -m benchmarks.chats [--chats N] [--seconds S] [--check]

Everything a message passes is real (turnstile, conversation, lexicon, SQLite on disk, outbox with
the account of deliveries) except two ends: the studio makes no pixels, and the platform takes what
it is given at once. Two loads: `talk`, where each person reads and thinks for a second before they
answer, faster than anybody types, and `storm`, where nobody ever pauses. Writes results/chats.json.
"""

import argparse
import asyncio
import gc
import itertools
import json
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import prompts
from benchmarks._fast_studio import FastStudio, Honours
from bot.core.conversation import Conversation
from bot.core.desk import explain
from bot.core.replies import Gallery, Heard, Posted, Progress
from bot.core.turns import Turn
from bot.frontends.chat_outbox import Outboxes, Pace
from bot.frontends.chat_turnstile import Turnstile
from bot.history.sqlite import SqliteHistory
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.dispatch.inprocess import InProcessEngine

RESULTS = Path(__file__).with_name("results") / "chats.json"
SCRIPT = (
    "I need a LinkedIn headshot", "a woman in her 30s", "navy blazer, please", "grey backdrop",
    "what is Rembrandt light?", "rembrandt light, 85mm f/2", "shoot", "a little warmer",
    "another backdrop", "undo", "help",
)  # fmt: skip
REPLY_GOAL_MS, LAG_GOAL_MS, IDLE_GOAL_KB = 300.0, 50.0, 20.0
THINK_S = 1.0
TICK_S = 0.005
IDLE = 500
HONOURED: Honours = dict.fromkeys(("backdrop", "lighting", "gender", "age", "warmth"))
WORDS = prompts.load()


class Platform:
    """Where replies leave for: notes when each chat hears the first word after its own."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[float, asyncio.Event]] = {}
        self.took_ms: list[float] = []
        self.galleries = 0

    def asks(self, session: str) -> asyncio.Event:
        answered = asyncio.Event()
        self._asked[session] = (time.perf_counter(), answered)
        return answered

    async def deliver(self, session: str, posted: Posted) -> None:
        self.galleries += isinstance(posted.entry, Gallery)
        waiting = self._asked.get(session)
        late = isinstance(posted.entry, Progress) and posted.entry.state != "waiting"
        if waiting is None or isinstance(posted.entry, Heard) or late:
            return
        del self._asked[session]
        self.took_ms.append(1000 * (time.perf_counter() - waiting[0]))
        waiting[1].set()


class Studio:
    """One open studio and its way in and out."""

    def __init__(self, conversation: Conversation) -> None:
        words = partial(explain, WORDS)
        self.platform, self.conversation = Platform(), conversation
        self.turnstile = Turnstile(conversation, words)
        pace = Pace(edit_s=2.0)
        self.outboxes = Outboxes(
            lambda name: partial(self.platform.deliver, name), pace, conversation.deliveries
        )
        self.outboxes.ready.set()

    async def say(self, session: str, text: str, name: str) -> None:
        turn = Turn(session, session, text, client_id=name)

        async def arrive() -> Turn:
            return turn

        await self.turnstile.take(session, arrive, self.outboxes.channel(session))


@asynccontextmanager
async def studio(folder: Path) -> AsyncIterator[Studio]:
    async def discard(blobs: Sequence[str]) -> None:
        pass

    seeds = itertools.count(1)
    history = SqliteHistory(folder / "bench.db")
    engine = InProcessEngine(FastStudio(HONOURED))
    conversation = Conversation(
        history,
        LexiconInterviewer(WORDS),
        engine,
        WORDS,
        discard=discard,
        new_seed=lambda: next(seeds),
    )
    await history.open()
    await engine.start()
    try:
        yield Studio(conversation)
    finally:
        await conversation.close()
        await engine.close()
        await history.close()


async def person(house: Studio, session: str, think_s: float, until: float) -> None:
    dice = random.Random(session)
    await asyncio.sleep(dice.uniform(0, think_s))
    for number in itertools.count():
        if time.perf_counter() > until:
            return
        answered = house.platform.asks(session)
        await house.say(session, SCRIPT[number % len(SCRIPT)], str(number))
        await answered.wait()
        await asyncio.sleep(dice.uniform(0.5, 1.5) * think_s)


async def lag(late_ms: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TICK_S)
        late_ms.append(1000 * (time.perf_counter() - begun - TICK_S))


async def load(chats: int, seconds: float, think_s: float) -> dict[str, float]:
    late_ms: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with studio(Path(folder)) as house:
            watching = asyncio.create_task(lag(late_ms))
            begun, cpu = time.perf_counter(), time.process_time()
            people = (person(house, f"bench:{n}", think_s, begun + seconds) for n in range(chats))
            await asyncio.gather(*people)
            took, spent = time.perf_counter() - begun, time.process_time() - cpu
            watching.cancel()
            await house.outboxes.drained()
            return _figures(house.platform, late_ms, took, spent)


def _figures(
    platform: Platform, late_ms: list[float], took: float, spent: float
) -> dict[str, float]:
    count = len(platform.took_ms)
    return {
        "messages": count,
        "messages_per_s": round(count / took, 1),
        "reply_p50_ms": round(statistics.median(platform.took_ms), 1),
        "reply_p99_ms": round(_p99(platform.took_ms), 1),
        "lag_p99_ms": round(_p99(late_ms), 1),
        "cpu_ms_per_message": round(1000 * spent / count, 2),
        "pictures": platform.galleries,
    }


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


async def reader_ms() -> float:
    """What reading one message costs by itself: the floor under everything else."""
    from bot.core.session import Session

    reader, session = LexiconInterviewer(WORDS), Session("bench", "bench")
    begun = time.process_time()
    for text in SCRIPT * 20:
        await reader.read(session, text)
    return 1000 * (time.process_time() - begun) / (20 * len(SCRIPT))


async def idle_kb() -> float:
    """Memory that a session keeps while nobody speaks, by Python's own count."""
    with tempfile.TemporaryDirectory() as folder:
        async with studio(Path(folder)) as house:
            for number in range(50):  # what every studio has anyway
                await house.say(f"warm:{number}", SCRIPT[0], "1")
            await house.outboxes.drained()
            tracemalloc.start()
            before = _held()
            for number in range(IDLE):
                await house.say(f"idle:{number}", SCRIPT[number % 4], "1")
            await house.outboxes.drained()
            grown = _held() - before
            tracemalloc.stop()
    return grown / IDLE / 1024


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def verdict(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Each goal as the share of it that was used: under 1 holds."""
    talk = found["talk"]
    return {
        "reply_p99": round(talk["reply_p99_ms"] / REPLY_GOAL_MS, 3),
        "lag_p99": round(talk["lag_p99_ms"] / LAG_GOAL_MS, 3),
        "idle_session": round(found["idle"]["kb_per_session"] / IDLE_GOAL_KB, 3),
    }


async def measure(chats: int, seconds: float) -> dict[str, dict[str, float]]:
    read_ms = await reader_ms()
    found = {
        "setup": {"chats": chats, "seconds": seconds, "reading_ms": round(read_ms, 2)},
        "talk": await load(chats, seconds, THINK_S),
        "storm": await load(chats, seconds, 0.0),
        "idle": {"kb_per_session": round(await idle_kb(), 1)},
    }
    storm = found["storm"]
    storm["of_what_reading_alone_allows"] = round(storm["messages_per_s"] * read_ms / 1000, 3)
    return found | {"share_of_goal": verdict(found)}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--chats", type=int, default=200)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--check", action="store_true", help="fail when a goal is missed")
    chosen = options.parse_args()
    found = asyncio.run(measure(chosen.chats, chosen.seconds))
    text = json.dumps(found, indent=1)
    print(text)
    RESULTS.write_text(text + "\n")
    if chosen.check and max(found["share_of_goal"].values()) >= 1:
        raise SystemExit("a goal was missed")


if __name__ == "__main__":
    main()
