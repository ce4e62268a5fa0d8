"""Conversations written for this project: read, and compared with what was meant."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field, structs

from bot.core.ports import Interviewer, Reading
from bot.core.session import Session
from bot.core.spec import Field, PortraitSpec, merge

FILE = Path(__file__).parent / "data" / "interviews.jsonl"
CLEARED = "cleared"
Outcome = Literal["right", "invented", "wrong", "missed", "asked right", "asked wrong"]


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """One message and what it means.

    A value "a|b" means that either is right; "a|" that it may as well be left out. `spec` is what
    the brief held before, `pending` the question just asked.
    """

    text: str
    intent: str
    set: dict[str, str | int | float]
    clear: tuple[str, ...] = ()
    topic: str = ""
    refused: str = ""
    spec: dict[str, str | int | float] = {}
    pending: str = ""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation of one message or more. Nobody tuned the reader on those that are `held`."""

    language: str
    kind: str
    held: bool
    turns: tuple[Said, ...]


class Score(Struct):
    """Outcomes by slot, and what else was told right or wrong."""

    slots: dict[str, Counter[str]] = field(default_factory=dict)
    turns: int = 0
    intents: int = 0
    topics: list[bool] = field(default_factory=list)
    refusals: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    slips: list[str] = field(default_factory=list)

    def all(self) -> Counter[str]:
        """Outcomes over all slots."""
        return sum(self.slots.values(), Counter())

    def add(self, slot: str, outcome: Outcome) -> None:
        """Count one outcome."""
        self.slots.setdefault(slot, Counter())[outcome] += 1


def rows(path: Path = FILE) -> list[Row]:
    """Every conversation of a file; raises `msgspec.ValidationError` for a malformed one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [msgspec.json.decode(line, type=Row) for line in lines]


def precision(found: Counter[str]) -> float:
    """Of the values set, the share that was meant."""
    given = found["right"] + found["wrong"] + found["invented"]
    return found["right"] / given if given else 1.0


def recall(found: Counter[str], asked: bool = False) -> float:
    """Of the values meant, the share that was set; with `asked`, or offered as a single tap."""
    meant = sum(found[k] for k in ("right", "wrong", "missed", "asked right"))
    got = found["right"] + found["asked right"] * asked
    return got / meant if meant else 1.0


def invented(found: Counter[str]) -> float:
    """Of the values set, the share nobody spoke of."""
    given = found["right"] + found["wrong"] + found["invented"]
    return found["invented"] / given if given else 0.0


async def play(interviewer: Interviewer, chosen: Iterable[Row]) -> Score:
    """Read every conversation and keep the score."""
    score = Score()
    for row in chosen:
        session = Session("bench", "bench")
        for said in row.turns:
            session = _prepared(session, said)
            start = time.perf_counter()
            reading = await interviewer.read(session, said.text)
            score.seconds.append(time.perf_counter() - start)
            _judge(score, row, said, reading, session)
            session = structs.replace(session, draft=merge(session.draft, reading.patch))
    return score


def _prepared(session: Session, said: Said) -> Session:
    given = {slot: Field(value) for slot, value in said.spec.items()}
    spec = PortraitSpec({**session.draft.spec.fields, **given})
    draft = structs.replace(session.draft, spec=spec)
    return structs.replace(session, draft=draft, pending=said.pending)


def _judge(score: Score, row: Row, said: Said, reading: Reading, session: Session) -> None:
    score.turns += 1
    wrong = [o for o in outcomes(said, reading, session.draft.spec) if _count(score, o)]
    told = reading.intent in said.intent.split("|")
    score.intents += told
    if said.topic:
        score.topics.append(reading.topic in said.topic.split("|"))
    if said.refused or reading.refused:
        score.refusals.append(reading.refused in said.refused.split("|"))
    if wrong or not told:
        score.slips.append(_slip(row, said, reading, wrong))


def _count(score: Score, outcome: tuple[str, Outcome]) -> bool:
    score.add(*outcome)
    return outcome[1] != "right"


def outcomes(said: Said, reading: Reading, spec: PortraitSpec) -> Iterator[tuple[str, Outcome]]:
    """What became of every slot that was meant or touched."""
    meant: dict[str, str | int | float] = {**dict.fromkeys(said.clear, CLEARED), **said.set}
    given = {c.slot: c.value for c in reading.patch.set}
    cleared = {slot: CLEARED for slot in reading.patch.clear if slot in (*meant, *spec.fields)}
    given |= {slot: value for slot, value in cleared.items() if slot not in given}
    for slot in dict.fromkeys((*meant, *given)):
        if outcome := _outcome(meant.get(slot), given.get(slot), _offered(slot, meant, reading)):
            yield slot, outcome
    if reading.unsure and not any(_offered(slot, meant, reading) for slot in meant):
        yield reading.unsure[0].slot, "asked wrong"


def _offered(slot: str, meant: dict[str, str | int | float], reading: Reading) -> bool:
    return any(g.slot == slot and same(meant.get(slot, ""), g.value) for g in reading.unsure)


def _outcome(meant: str | float | None, given: str | float | None, offered: bool) -> Outcome | None:
    if given is not None:
        if meant is None or meant == "":
            return "invented"
        return "right" if same(meant, given) else "wrong"
    if offered:
        return "asked right"
    optional = meant is None or str(meant).endswith("|") or meant == ""
    return None if optional else "missed"


def same(meant: str | float, given: str | float) -> bool:
    if isinstance(meant, str):
        return str(given).casefold() in meant.casefold().split("|")
    return not isinstance(given, str) and float(meant) == float(given)


def _slip(row: Row, said: Said, reading: Reading, wrong: list[tuple[str, Outcome]]) -> str:
    given = {c.slot: c.value for c in reading.patch.set}
    asked = {c.slot: c.value for c in reading.unsure}
    cleared = f" -{','.join(reading.patch.clear)}" if reading.patch.clear else ""
    unsure = f" ?{asked}" if asked else ""
    marks = " ".join(f"{slot}:{outcome}" for slot, outcome in wrong)
    heard = f"{reading.intent} {given}{cleared}{unsure}"
    return f"[{row.language} {row.kind}] {said.text!r} {heard} {marks}"
