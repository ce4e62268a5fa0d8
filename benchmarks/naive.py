"""The same model, read naively (one prompt, JSON out, believed) and as the studio reads it.

An invented value is one that is neither what was meant nor stands in the sitter's words. Without
`--url` a real server with SmolLM2-135M-Instruct is started here (`make bench-llm`). Writes
benchmarks/results/naive.json, by model.

    python -m benchmarks.naive --rows 20
    python -m benchmarks.naive --url http://127.0.0.1:8000/v1 --model NAME
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from openai import APIError, AsyncOpenAI

import prompts
from bot.core.ports import Reading, Speaking
from bot.core.session import Session
from bot.core.spec import SLOTS
from bot.interview.evidence import standing
from bot.interview.lexicon_interviewer import LexiconInterviewer
from bot.interview.openai_interviewer import LlmSettings, OpenAIInterviewer
from prompts import Prompts

ROOT = Path(__file__).parents[1]
DATA = (
    ROOT / "benchmarks" / "data" / "interviews.jsonl",
    ROOT / "tests" / "data" / "utterances.jsonl",
)
RESULTS = ROOT / "benchmarks" / "results" / "naive.json"
SESSION = Session("bench:1", "bench")
PATIENCE_S = 300.0
NAIVE = """Extract the fields of a portrait brief from the user's message. Answer with one JSON
object whose keys are the fields that the message mentions and whose values are what it says.
Fields:
{slots}"""
WAYS = ("naive: JSON out, believed", "the same model, checked", "the studio: checked, with lexicon")
EMPTY = (None, "", [], {})
Values = dict[str, Any]
T = TypeVar("T")


class Nobody:
    """An interviewer that understands nothing, to see what a model does alone."""

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        return Reading()

    async def close(self) -> None:
        pass


class Score:
    """Values found, meant and invented, over all utterances."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = self.right = self.invented = self.meant = self.failed = 0
        self.spent_s = 0.0

    def add(self, known: Prompts, text: str, meant: Values, found: Values | None) -> None:
        self.meant += len(meant)
        self.failed += found is None
        for slot, value in (found or {}).items():
            self.found += 1
            right = slot in meant and _same(known, slot, value, meant[slot])
            self.right += right
            self.invented += not right and not standing(str(value), text)

    def figures(self) -> dict[str, float]:
        return {
            "values": self.found,
            "invented": self.invented,
            "rate": round(self.invented / self.found, 4) if self.found else 0.0,
            "recall": round(self.right / self.meant, 4) if self.meant else 1.0,
            "failed": self.failed,
            "each_s": round(self.spent_s, 2),
        }

    def row(self) -> str:
        found = self.figures()
        return (
            f"{self.name:34s}{self.found:10d}{self.invented:10d}{found['rate']:10.1%}"
            f"{found['recall']:10.1%}{self.failed:10d}{self.spent_s:8.1f} s"
        )


async def main() -> None:
    options = _options()
    known, rows = prompts.load(), _rows(options.rows)
    with _server(options.url) as url:
        settings = LlmSettings(url, os.environ.get("OPENAI_API_KEY", ""), options.model, PATIENCE_S)
        await _compare(known, settings, rows)


async def _compare(known: Prompts, settings: LlmSettings, rows: list[tuple[str, Values]]) -> None:
    key = settings.api_key or "none"
    client = AsyncOpenAI(base_url=settings.base_url, api_key=key, timeout=PATIENCE_S)
    checked, lexicon = OpenAIInterviewer(known, Nobody(), settings), LexiconInterviewer(known)
    scores = [Score(name) for name in WAYS]
    for text, meant in rows:
        naive, naive_s = await _timed(_naively(client, settings.model, known, text))
        alone, alone_s = await _timed(_values(checked, text))
        both = {**(await _values(lexicon, text)), **alone}
        results = ((naive, naive_s), (alone, alone_s), (both, alone_s))
        for score, (found, spent_s) in zip(scores, results, strict=True):
            score.add(known, text, meant, found)
            score.spent_s += spent_s / len(rows)
        print(".", end="", flush=True, file=sys.stderr)
    print(f"\n{len(rows)} utterances, {settings.model}")
    head = "".join(
        map("{:>10s}".format, ("values", "invented", "rate", "recall", "failed", "each"))
    )
    print(f"{'':34s}{head}", *(score.row() for score in scores), sep="\n")
    _keep(settings.model, len(rows), scores)
    await checked.close()
    await client.close()


def _keep(model: str, count: int, scores: list[Score]) -> None:
    """Put the table beside those of other models."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    kept[model] = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m benchmarks.naive --rows {count}",
        "utterances": count,
        "ways": {score.name: score.figures() for score in scores},
    }
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


async def _timed(reading: Coroutine[Any, Any, T]) -> tuple[T, float]:
    began = time.perf_counter()
    return await reading, time.perf_counter() - began


async def _naively(client: AsyncOpenAI, model: str, known: Prompts, text: str) -> Values | None:
    """What a first attempt at such a program would do; None when its answer is no JSON."""
    slots = [
        f"- {s.name}: {', '.join(map(str, s.values)) or 'any words'}" for s in known.slots.values()
    ]
    system = NAIVE.replace("{slots}", "\n".join(slots))
    try:
        answer = await client.chat.completions.create(
            model=model,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": text}],
            response_format={"type": "json_object"},
            max_tokens=400,
        )
        found = json.loads(answer.choices[0].message.content or "")
    except (APIError, ValueError):
        return None
    return {k: v for k, v in found.items() if v not in EMPTY} if isinstance(found, dict) else None


async def _values(interviewer: OpenAIInterviewer | LexiconInterviewer, text: str) -> Values:
    reading = await interviewer.read(SESSION, text)
    return {change.slot: change.value for change in reading.patch.set}


def _same(known: Prompts, slot: str, value: object, meant: object) -> bool:
    """Whether a value is one of those meant ("a|b"), by id or in other words for it."""
    plain = value if isinstance(value, str | int | float) else json.dumps(value)
    canonical = known.normalise(slot, plain) if slot in SLOTS else None
    options = str(meant).lower().split("|")
    return str(canonical).lower() in options or str(plain).lower() in options


def _rows(count: int) -> list[tuple[str, Values]]:
    """The first utterances of the interviews that say anything about the picture."""
    file = next(path for path in DATA if path.exists())
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    turns = [row["turns"][0] if "turns" in row else row for row in rows]
    return [(turn["text"], turn["set"]) for turn in turns if turn.get("set")][:count]


@contextmanager
def _server(url: str) -> Iterator[str]:
    """The server that was named, or a real one of our own."""
    if url:
        yield url
        return
    sys.path.append(str(ROOT / "tests"))
    from support.llama_server import (  # pyright: ignore[reportMissingImports] - see the line above
        LlamaServer,
        Missing,
    )

    with tempfile.TemporaryDirectory() as folder:
        try:
            server = LlamaServer(Path(folder) / "server.log", n_predict=600)
        except Missing as missing:
            print(f"Not measured: {missing}, or name a server with --url and --model.")
            sys.exit(0)  # so that `make bench` goes on with the others
        try:
            server.wait()
            yield server.url
        finally:
            server.kill()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20, help="utterances to read")
    parser.add_argument("--url", default="", help="a server that speaks OpenAI's chat completions")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
