"""How long a message takes to be read without a language model: milliseconds of CPU time."""

import asyncio
import json
import statistics
import time
from pathlib import Path

import prompts
from bot.core.session import Session
from bot.interview.lexicon_interviewer import LexiconInterviewer

FILE = Path(__file__).parents[1] / "tests" / "data" / "utterances.jsonl"
ROUNDS = 20
LONG = {"words": "woman in her 30s, ", "figures": "1 ", "negations": "no, not ", "noise": "quxzyt "}
TARGET_MS = 10.0


async def main() -> None:
    start = time.process_time()
    interviewer = LexiconInterviewer(prompts.load())
    print(f"load     {1000 * (time.process_time() - start):7.2f} ms")
    texts = [json.loads(row)["text"] for row in FILE.read_text(encoding="utf-8").splitlines()]
    spent = [await _spent(interviewer, text) for _ in range(ROUNDS) for text in texts]
    p99 = statistics.quantiles(spent, n=100)[-1]
    print(f"p50      {statistics.median(spent):7.2f} ms over {len(texts)} utterances")
    print(f"p99      {p99:7.2f} ms, {p99 / TARGET_MS:.2f} of the target")
    for name, word in LONG.items():
        text = (word * 10_000)[:10_000]
        print(f"{name:9s}{await _spent(interviewer, text):7.2f} ms for 10,000 characters")


async def _spent(interviewer: LexiconInterviewer, text: str) -> float:
    start = time.process_time()
    await interviewer.read(Session("bench", "bench"), text)
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    asyncio.run(main())
