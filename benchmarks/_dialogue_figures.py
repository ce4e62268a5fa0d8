"""What whole dialogues came to: printed, and as figures."""

import json
import statistics
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, field

from benchmarks._dialogues import Played, play_whole
from benchmarks._interviews import FILE, Row, invented, precision, recall
from bot.core.ports import Interviewer
from bot.core.spec import SLOTS
from prompts import Prompts

ANSWERS = FILE.with_name("answers.json")
FAULTS = ("needless", "reasked", "empty", "repeated", "silent", "untapped")


class Totals(Struct):
    """What dialogues came to, over all of them."""

    slots: dict[str, Counter[str]] = field(default_factory=dict)
    questions: list[int] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    turns: int = 0
    exact: int = 0

    def add(self, played: Played) -> None:
        """Count a dialogue in."""
        for slot, outcome in played.outcomes:
            self.slots.setdefault(slot, Counter())[outcome] += 1
        self.exact += all(outcome == "right" for _, outcome in played.outcomes)
        self.questions.append(played.questions)
        said = played.turns[: len(played.row.turns)]
        self.turns += len(said)
        self.took_ms += [turned.took_ms for turned in said]
        self.faults.update({name: len(getattr(played, name)) for name in FAULTS})
        self.faults["never ready"] += not played.ready

    def all(self) -> Counter[str]:
        """Outcomes over all slots."""
        return sum(self.slots.values(), Counter())


async def measure_dialogues(
    reader: Interviewer, known: Prompts, chosen: Sequence[Row], slips: bool = False
) -> dict[str, object]:
    """Play every dialogue among `chosen`, print what came of them, and return it."""
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    totals = Totals()
    for row in (row for row in chosen if len(row.turns) > 1):
        played = await play_whole(reader, known, row, answers[row.language])
        totals.add(played)
        if slips and not row.held:
            print(*_slips(played), sep="\n", end="")
    if not totals.questions:
        return {}
    return {"brief": _brief(totals), "slots": _slots(totals), "sitting": _sitting(totals)}


def _brief(totals: Totals) -> dict[str, float]:
    found, count = totals.all(), len(totals.questions)
    print(f"\n{count} whole dialogues, {totals.turns} turns: the brief at the end of each")
    figures = _rates(found) | {"exact": totals.exact / count}
    print("  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    return {name: round(value, 4) for name, value in figures.items()}


def _rates(found: Counter[str]) -> dict[str, float]:
    rates = (precision(found), recall(found), invented(found))
    return dict(zip(("precision", "recall", "invented"), rates, strict=True))


def _slots(totals: Totals) -> dict[str, dict[str, float]]:
    found = {slot: _rates(totals.slots[slot]) for slot in SLOTS if slot in totals.slots}
    short = {s: r for s, r in found.items() if min(r["precision"], r["recall"]) < 1}
    for slot, rates in short.items():
        print(f"  {slot:12s}", "  ".join(f"{name} {value:.3f}" for name, value in rates.items()))
    return {s: {name: round(value, 4) for name, value in r.items()} for s, r in found.items()}


def _sitting(totals: Totals) -> dict[str, float]:
    asked, took = totals.questions, totals.took_ms
    figures: dict[str, float] = {
        "questions_mean": round(statistics.mean(asked), 2),
        "questions_p95": _quantile(asked, 95),
        "questions_max": max(asked),
        "turn_p50_ms": round(statistics.median(took), 2),
        "turn_p99_ms": round(_quantile(took, 99), 2),
    }
    print("   ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in figures.items()))
    print("of", totals.turns, "turns:", ", ".join(f"{n} {totals.faults[n]}" for n in totals.faults))
    return figures | {name.replace(" ", "_"): count for name, count in totals.faults.items()}


def _quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _slips(played: Played) -> list[str]:
    first = played.row.turns[0].text
    wrong = [f"{slot}:{outcome}" for slot, outcome in played.outcomes if outcome != "right"]
    faults = [f"{name}: {getattr(played, name)}" for name in FAULTS if getattr(played, name)]
    return [f"[{played.row.language} dialogue] {first!r} {' '.join([*wrong, *faults])}\n"] * bool(
        wrong or faults
    )
