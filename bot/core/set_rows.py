"""The rows of a set: frames that differ in what the studio at hand can do. Pure."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product

from msgspec import structs

from bot.core.series_plan import LEAST, MONO, MOST, Row, SeriesPlan, effective, stepped
from bot.core.spec import Scalar
from engine.base import Capabilities, Photo
from engine.shots import Operation
from prompts import Prompts

EYES_DOWN, EYES_APART = 0.4, 0.42
"""Where eyes lie in a face's box: shares of its height and width."""
CLOSE_UP, EYE_LINE, WIDER = 8.6, 0.345, 1.2
"""A close-up's height in eye distances and its eye line (engine/studio/crop.py), and how much more
room makes another framing worth a frame."""
Allows = Callable[[str, Scalar], bool]
"""Whether a studio can do this with a slot."""


def allowing(can: Capabilities, operation: Operation) -> Allows:
    """Whether a studio can do this with a slot."""
    return lambda slot, value: not can.not_honoured(operation, {slot: value})


def as_done(can: Capabilities, operation: Operation, spec: Row) -> Row:
    """The brief as this studio carries it out: where it has one way only, that is what it does."""
    honoured = can.honours.get(operation, {})
    only = {slot: values[0] for slot, values in honoured.items() if values and len(values) == 1}
    return spec | {slot: value for slot, value in only.items() if slot in spec}


def allows_wider(photo: Photo, sitter: int) -> bool:
    """Whether a photo shows enough below the face for more than a close-up of this sitter."""
    if not photo.faces or not photo.height:
        return True
    face = photo.faces[sitter if 0 <= sitter < len(photo.faces) else 0]
    room = (photo.height - face.y - EYES_DOWN * face.height) / (1 - EYE_LINE)
    return room > WIDER * CLOSE_UP * EYES_APART * face.width


def rows_for(plan: SeriesPlan, count: int, allows: Allows, prompts: Prompts) -> tuple[Row, ...]:
    """At most `count` rows that differ in what the studio can do, the brief's own first."""
    wanted = prompts.sets.of(plan.operation).rows
    rows = [_kept(row, plan, allows) for row in wanted]
    if plan.setups:
        return _grouped(plan, rows, min(count, MOST), allows, prompts)
    more = (_kept(row, plan, allows) for row in _fillers(plan, prompts))
    return tuple(_unlike(plan, (*rows, *more), min(max(count, LEAST), MOST)))


def resized(plan: SeriesPlan, count: int, allows: Allows, prompts: Prompts) -> SeriesPlan:
    """The plan with `count` frames: the last ones go, or further ones that differ come."""
    count = min(max(count, LEAST), MOST)
    if count <= len(plan.rows):
        return stepped(plan, plan.base, plan.rows[:count])
    fresh = rows_for(plan, MOST, allows, prompts)
    rows = tuple(_unlike(plan, (*plan.rows, *fresh), count, kept=len(plan.rows)))
    return stepped(plan, plan.base, rows)


def told_apart(plan: SeriesPlan, allows: Allows, prompts: Prompts) -> SeriesPlan:
    """The plan whose frames differ, where a change to all of them made some alike."""
    count = len(plan.rows)
    kept = tuple(_unlike(plan, plan.rows, count))
    if len(kept) == count:
        return plan
    fresh = rows_for(plan, MOST, allows, prompts)
    return structs.replace(plan, rows=tuple(_unlike(plan, (*kept, *fresh), count, len(kept))))


def _kept(row: Row, plan: SeriesPlan, allows: Allows) -> Row:
    return {
        slot: value
        for slot, value in row.items()
        if slot not in plan.pinned and allows(slot, value) and plan.base.get(slot) != value
    }


def _unlike(plan: SeriesPlan, rows: Iterable[Row], count: int, kept: int = 0) -> Iterator[Row]:
    """The first `count` rows of which no two make the same picture; `kept` ones stay anyway."""
    seen: set[tuple[tuple[str, Scalar], ...]] = set()
    for row in rows:
        key = tuple(sorted(effective(plan, row).items()))
        if key in seen and len(seen) >= kept:
            continue
        if count <= 0:
            return
        count -= 1
        seen.add(key)
        yield row


def _fillers(plan: SeriesPlan, prompts: Prompts) -> Iterator[Row]:
    """Further frames where the rows do not suffice: every framing with every main variation.

    Invented sitters go to black and white first; another backdrop is the last resort, for their
    sets keep theirs.
    """

    def values(slot: str) -> list[Scalar]:
        return [value.id for value in prompts.choices(slot)]

    if plan.operation == "generate":
        for film, expression in product((plan.base.get("film"), MONO), values("expression")):
            yield from ({"shot": s, "expression": expression, "film": film} for s in values("shot"))
    for backdrop, shot in product(values("backdrop"), values("shot")):
        yield {"shot": shot, "backdrop": backdrop}


def _grouped(
    plan: SeriesPlan, rows: list[Row], count: int, allows: Allows, prompts: Prompts
) -> tuple[Row, ...]:
    """`plan.setups` groups of about equal size, each with a backdrop and a light of its own."""
    setups = [_kept(row, plan, allows) for row in prompts.sets.setups[: plan.setups]]
    within = [{s: v for s, v in row.items() if s not in ("backdrop", "lighting")} for row in rows]
    size = -(-count // len(setups))
    grouped = [row for setup in setups for row in _group(plan, setup, within, size)]
    return tuple(grouped[:count])


def _group(plan: SeriesPlan, setup: Row, within: list[Row], size: int) -> list[Row]:
    return list(_unlike(plan, (setup | row for row in within), size))
