"""A set as a table: what stays the same, what each frame changes. Pure."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, field, structs

from bot.core.brief import value_label
from bot.core.plan import SEED_STRIDE, shot_of
from bot.core.spec import Field, PortraitSpec, Scalar
from engine.jobs import Check
from engine.shots import Frame, Operation, Series, Shot
from prompts import Prompts

Row = dict[str, Scalar]
LEAST, MOST = 2, 12
"""As many as the count slot knows (prompts/vocabulary/count.toml)."""
UNDO_DEPTH = 20
SHOWN = (
    "shot", "backdrop", "lighting", "key_side", "softness", "expression", "pose", "wardrobe",
    "film", "warmth",
)  # fmt: skip
"""Slots a frame may change, in the order in which they are told."""
TOLD_ALWAYS = ("shot", "backdrop", "expression", "pose", "wardrobe")
SITTER = ("age", "expression")
"""What can change about an invented face without making it somebody else's."""
DIRECTED = ("pose", "wardrobe")
MONO = "tri-x-400"
CAUSES = {
    "backdrop": (),
    "key_side": ("lighting", "key_side", "softness"),
    "skin": ("lighting", "softness"),
    "likeness": ("expression", "age"),
}
"""By measure, what of a frame's own may have set it apart."""


class SeriesPlan(Struct, frozen=True):
    """A set that is being planned.

    `base` is the completed brief, `rows` what each frame changes of it, `pinned` the slots that
    were asked for with the set and stay. `card` is the table's place in the transcript, `past` the
    tables before this one, `pins` what was pinned in the latest of them. `drawn_as` is how an
    invented sitter was first drawn (see `Shot`).
    """

    operation: Operation
    base: Row
    rows: tuple[Row, ...]
    seed: int
    pinned: tuple[str, ...] = ()
    source: str = ""
    picture: str = ""
    sitter: int = 0
    scale: int = 2
    drawn_as: Row = field(default_factory=dict)
    setups: int = 0
    card: int = 0
    past: tuple[tuple[Row, tuple[Row, ...]], ...] = ()
    pins: tuple[tuple[str, ...], ...] = ()


def effective(plan: SeriesPlan, row: Row) -> Row:
    """The whole brief of one frame."""
    spec = plan.base | row
    if prefers_no_warmth(spec):
        spec = spec | {"warmth": 0}
    return spec


def prefers_no_warmth(spec: Row) -> bool:
    """Black and white has no warmth to shift."""
    return spec.get("film") == MONO and "warmth" in spec


def changed_row(plan: SeriesPlan, number: int, changes: Row) -> SeriesPlan:
    """The plan with frame `number` (from 0) changed."""
    rows = list(plan.rows)
    rows[number] = rows[number] | changes
    return stepped(plan, plan.base, tuple(rows))


def changed_all(plan: SeriesPlan, changes: Row) -> SeriesPlan:
    """The plan with every frame changed alike."""
    rows = tuple({s: v for s, v in row.items() if s not in changes} for row in plan.rows)
    pinned = tuple(dict.fromkeys((*plan.pinned, *changes)))
    return structs.replace(stepped(plan, plan.base | changes, rows), pinned=pinned)


def without(plan: SeriesPlan, numbers: Iterable[int]) -> SeriesPlan:
    """The plan less these frames (from 0); at least two stay."""
    gone = set(numbers)
    rows = tuple(row for n, row in enumerate(plan.rows) if n not in gone)
    return plan if len(rows) < LEAST else stepped(plan, plan.base, rows)


def undone(plan: SeriesPlan) -> SeriesPlan:
    """The table before the last change; the same when there is none."""
    if not plan.past:
        return plan
    base, rows = plan.past[-1]
    pinned = plan.pins[-1] if plan.pins else plan.pinned
    return structs.replace(
        plan, base=base, rows=rows, pinned=pinned, past=plan.past[:-1], pins=plan.pins[:-1]
    )


def series_of(plan: SeriesPlan, prompts: Prompts, title: str) -> Series:
    """One shot per frame in one family of seeds, and the contact sheet of them all last."""
    specs = [effective(plan, row) for row in plan.rows]
    shots = tuple(_shot(plan, spec, number, prompts) for number, spec in enumerate(specs))
    frames = tuple(_frame(plan, shots, n, words_of(plan, n, prompts)) for n in range(len(shots)))
    aspect = shots[0].aspect
    sheet = Shot("contact-sheet", plan.seed, {"title": title}, aspect=aspect, frames=frames)
    return Series((*shots, sheet), tuple(s for s in SHOWN if s not in varied(plan)))


def varied(plan: SeriesPlan) -> tuple[str, ...]:
    """Slots in which the frames differ, in the order of `SHOWN`."""
    specs = [effective(plan, row) for row in plan.rows]
    return tuple(s for s in SHOWN if len({spec.get(s) for spec in specs}) > 1)


def words_of(plan: SeriesPlan, number: int, prompts: Prompts) -> str:
    """What there is to say of a frame beside the others: 'Close-up, Dark canvas'."""
    spec, first = effective(plan, plan.rows[number]), effective(plan, plan.rows[0])
    told = [
        value_label(prompts, slot, spec[slot])
        for slot in varied(plan)
        if slot in spec and (slot in TOLD_ALWAYS or spec[slot] != first.get(slot))
    ]
    return ", ".join(told) or value_label(prompts, "backdrop", spec["backdrop"])


def outliers(series: Series, drift: tuple[tuple[Check, ...], ...]) -> dict[int, tuple[str, ...]]:
    """Frames (from 0) that stand apart from their anchor, and by which measures."""
    found = {n: tuple(c.name for c in checks if not c.passed) for n, checks in enumerate(drift)}
    return {n: names for n, names in found.items() if names}


def nearer(series: Series, number: int, failed: tuple[str, ...]) -> Shot | None:
    """A frame to shoot again, closer to its anchor; None where there is nothing to take back.

    What the frame has of its own and may have set it apart becomes the anchor's. A picture, or a
    painted wall, that is invented afresh for each seed takes another seed; the same person, and the
    sitter's own picture behind them, do not.
    """
    shot = series.shots[number]
    anchor = series.shots[series.shots[-1].frames[number].anchor]
    causes = {s for name in failed for s in CAUSES.get(name, ())}
    own = {s for s in causes if shot.spec.get(s) != anchor.spec.get(s)}
    painted = shot.operation == "swap" and shot.backdrop.kind != "picture"
    other = shot.seed != anchor.seed or (failed == ("backdrop",) and painted)
    if not own and not other:
        return None
    spec = {s: v for s, v in shot.spec.items() if s not in own}
    spec |= {s: anchor.spec[s] for s in own if s in anchor.spec}
    return structs.replace(shot, spec=spec, seed=shot.seed + SEED_STRIDE if other else shot.seed)


def stepped(plan: SeriesPlan, base: Row, rows: tuple[Row, ...]) -> SeriesPlan:
    """The plan with another table, the one before it kept for undo."""
    if (base, rows) == (plan.base, plan.rows):
        return plan
    past = (*plan.past, (plan.base, plan.rows))[-UNDO_DEPTH:]
    pins = (*plan.pins, plan.pinned)[-UNDO_DEPTH:]
    return structs.replace(plan, base=base, rows=rows, past=past, pins=pins)


def _shot(plan: SeriesPlan, spec: Row, number: int, prompts: Prompts) -> Shot:
    fields = PortraitSpec({slot: Field(value) for slot, value in spec.items()})
    source = plan.source or None
    shot = shot_of(fields, prompts, plan.operation, source, plan.picture)
    first = effective(plan, plan.rows[0])
    directed = any(spec.get(slot) != first.get(slot) for slot in DIRECTED)
    generated = plan.operation == "generate"
    return structs.replace(
        shot,
        seed=plan.seed + number if directed and generated else plan.seed,
        sitter=plan.sitter,
        scale=plan.scale,
        drawn_as=_drawn_as(plan, spec) if generated else {},
    )


def _drawn_as(plan: SeriesPlan, spec: Row) -> Row:
    """How the sitter was first drawn, where this frame wants another expression of them."""
    first = plan.drawn_as or {s: v for s in SITTER if (v := plan.base.get(s)) is not None}
    return first if any(spec.get(slot) != value for slot, value in first.items()) else {}


def _frame(plan: SeriesPlan, shots: tuple[Shot, ...], number: int, words: str) -> Frame:
    shot = shots[number]
    alike = (n for n in range(number) if _same_set(shots[n], shot))
    anchor = next(alike, 0)
    name = "-".join(f"{number + 1:02d} {words}".lower().replace(",", "").split())
    same = tuple(_same(shot, shots[anchor])) if number else ()
    safe = "".join(c for c in name if c.isalnum() or c == "-")
    return Frame(f"#{number}", words, safe, anchor if number else 0, same)


def _same_set(one: Shot, other: Shot) -> bool:
    slots = ("backdrop", "lighting", "key_side", "film", "warmth")
    return all(one.spec.get(slot) == other.spec.get(slot) for slot in slots)


def _same(shot: Shot, anchor: Shot) -> Iterator[str]:
    """What is to agree between a frame and its anchor."""

    def alike(*slots: str) -> bool:
        return all(shot.spec.get(slot) == anchor.spec.get(slot) for slot in slots)

    if _same_set(shot, anchor):
        yield "backdrop"
    if alike("key_side"):
        yield "key_side"
    if alike("film", "warmth"):
        yield "skin"
    if shot.operation == "swap" or (shot.seed == anchor.seed and alike("age")):
        yield "likeness"
