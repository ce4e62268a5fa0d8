"""How well sitters' words are understood: precision and recall of each slot, invented values,
questions until the bot offers to shoot, and the time a message takes.

Reads `benchmarks/data/interviews.jsonl` with the lexicon and, where OPENAI_API_KEY (and
OPENAI_BASE_URL, NORTHLIGHT_LLM_MODEL) are set, or a server is named, with that model. Its whole
dialogues are played once more through the whole studio but its pictures. Writes interview.json and
dialogues.json in benchmarks/results.

    python -m benchmarks.interview [--slips] [--rounds 3] [--file OTHER.jsonl] [--rows N]
    python -m benchmarks.interview --url http://127.0.0.1:8000/v1 --model NAME
"""

import argparse
import asyncio
import json
import logging
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

import prompts
from benchmarks._dialogue_figures import measure_dialogues
from benchmarks._interviews import FILE, Row, Score, invented, play, precision, recall, rows
from benchmarks._readers import add_options, readers
from bot.core.policy import AskSlot, next_step
from bot.core.ports import Interviewer
from bot.core.session import Session
from bot.core.spec import SLOTS, merge
from engine.base import Capabilities
from prompts import Prompts

RESULTS = Path(__file__).with_name("results")
ANSWERS = FILE.with_name("answers.json")
LANGUAGES = ("en", "de", "es", "fr")
GOALS = {"precision": 0.97, "recall": 0.90, "invented": 0.0, "p99_ms": 20.0}
"""What the lexicon promises on the English conversations."""
BRIEFS = ("brief", "range", "units", "typo", "dialogue")
ALL = Capabilities("all", {"generate": dict.fromkeys(SLOTS)})
MOST_QUESTIONS = 12


async def main() -> None:
    options = _options()
    known, chosen = prompts.load(), _chosen(options)
    report: dict[str, dict[str, object]] = {}
    dialogues: dict[str, dict[str, object]] = {}
    for name, reader in readers(known, options).items():
        # The first message of a process loads the embeddings; nobody's message is timed with it.
        await reader.read(Session("warm", "warm"), "as if I sat next to a big window")
        report[name] = await _measured(name, reader, known, chosen, options)
        dialogues[name] = await measure_dialogues(reader, known, chosen, options.slips)
        report[name]["model"] = figures = reader.figures()
        print(*(f"{key} {value:g}" for key, value in figures.items()), sep="   ")
        await reader.close()
    if not (options.file or options.rows):
        _keep("interview", report)
        _keep("dialogues", dialogues)


def _keep(name: str, report: dict[str, dict[str, object]]) -> None:
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _chosen(options: argparse.Namespace) -> list[Row]:
    """All conversations, or so many single messages and so many dialogues."""
    found = rows(Path(options.file)) if options.file else rows()
    if not options.rows:
        return found
    kinds = ([r for r in found if len(r.turns) == 1], [r for r in found if len(r.turns) > 1])
    return [row for kind in kinds for row in kind[: options.rows]]


async def _measured(
    name: str,
    reader: Interviewer,
    known: Prompts,
    chosen: Sequence[Row],
    options: argparse.Namespace,
) -> dict[str, object]:
    print(f"\n{name}: {len(chosen)} conversations, {sum(len(r.turns) for r in chosen)} messages")
    print(f"{'':10s}{'values':>8s}{'precision':>11s}{'recall':>8s}{'with tap':>10s}", end="")
    print(f"{'invented':>10s}{'intents':>9s}{'questions':>11s}")
    found: dict[str, object] = {}
    for language in LANGUAGES:
        for held in (False, True):
            part = [r for r in chosen if r.language == language and r.held == held]
            if not part:
                continue
            score = await play(reader, part)
            asked = await _questions(reader, known, part)
            label = f"{language} {'held' if held else 'tuned'}"
            found[label] = _line(label, score, asked)
            if options.slips and not held:
                print(*score.slips, sep="\n")
    english = await play(reader, [r for r in chosen if r.language == "en"])
    found["en"] = _line("en", english, [])
    found["slots"] = _slots(english)
    found["latency"] = await _latency(reader, chosen, options.rounds)
    return found


def _line(label: str, score: Score, asked: list[int]) -> dict[str, float]:
    total = score.all()
    line = {
        "values": float(total["right"] + total["wrong"] + total["invented"]),
        "precision": precision(total),
        "recall": recall(total),
        "recall_with_tap": recall(total, asked=True),
        "invented": invented(total),
        "intents": score.intents / score.turns,
        "questions": statistics.mean(asked) if asked else 0.0,
    }
    print(f"{label:10s}{line['values']:8.0f}{line['precision']:11.3f}{line['recall']:8.3f}", end="")
    print(f"{line['recall_with_tap']:10.3f}{line['invented']:10.3f}", end="")
    print(f"{line['intents']:9.3f}{line['questions']:11.2f}")
    return {key: round(value, 4) for key, value in line.items()}


def _slots(score: Score) -> dict[str, dict[str, float]]:
    print(f"\n{'English':12s}{'meant':>7s}{'precision':>11s}{'recall':>8s}{'invented':>10s}")
    found = {}
    for slot in (s for s in SLOTS if s in score.slots):
        counts: Counter[str] = score.slots[slot]
        meant = sum(counts[k] for k in ("right", "wrong", "missed", "asked right"))
        values = (precision(counts), recall(counts), invented(counts))
        print(f"{slot:12s}{meant:7d}{values[0]:11.3f}{values[1]:8.3f}{values[2]:10.3f}")
        found[slot] = dict(zip(("precision", "recall", "invented"), values, strict=True))
    return found


async def _questions(reader: Interviewer, known: Prompts, chosen: Sequence[Row]) -> list[int]:
    """How often a plain sitter is asked, from the first brief until the bot offers to shoot."""
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return [
        await _asked(reader, known, row, answers[row.language])
        for row in chosen
        if row.kind in BRIEFS and row.turns[0].set and not row.turns[0].spec
    ]


async def _asked(reader: Interviewer, known: Prompts, row: Row, answers: dict[str, str]) -> int:
    session = await _told(reader, Session("bench", "bench"), row.turns[0].text)
    for count in range(MOST_QUESTIONS):
        step = next_step(session, ALL, known)
        if not isinstance(step, AskSlot):
            return count
        session = structs.replace(session, pending=step.slot, asked=(*session.asked, step.slot))
        session = await _told(reader, session, answers[step.slot])
    return MOST_QUESTIONS


async def _told(reader: Interviewer, session: Session, text: str) -> Session:
    reading = await reader.read(session, text)
    return structs.replace(session, draft=merge(session.draft, reading.patch), pending="")


async def _latency(reader: Interviewer, chosen: Sequence[Row], rounds: int) -> dict[str, float]:
    """Wall and CPU milliseconds of a message, once everything is loaded."""
    wall, cpu = [], []
    for said in (said for _ in range(rounds) for row in chosen for said in row.turns):
        began, worked = time.perf_counter(), time.process_time()
        await reader.read(Session("bench", "bench", pending=said.pending), said.text)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - worked))
    found = {}
    for name, spent in (("wall", wall), ("cpu", cpu)):
        p50, p99 = statistics.median(spent), statistics.quantiles(spent, n=100)[-1]
        print(f"{name:5s}p50 {p50:8.2f} ms   p99 {p99:8.2f} ms")
        found |= {f"{name}_p50_ms": round(p50, 3), f"{name}_p99_ms": round(p99, 3)}
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How well sitters' words are understood.")
    parser.add_argument("--slips", action="store_true", help="print what went wrong (not of held)")
    parser.add_argument("--file", default="", help="other conversations, in the same form")
    parser.add_argument("--rows", type=int, default=0, help="only so many, for a slow model")
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=3, help="how often messages are timed")
    return parser.parse_args()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)  # else wordllama sets INFO when it is imported
    asyncio.run(main())
