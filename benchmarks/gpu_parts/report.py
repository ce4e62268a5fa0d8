"""One row for each measurement, one table for all of them, and the same as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gpu_parts.measure import Device

COLUMNS = (
    ("case", 32), ("batch", 5), ("stock s/img", 11), ("ours s/img", 10), ("times", 6),
    ("TFLOP/s", 8), ("of matmul", 9), ("stock GB", 8), ("ours GB", 7), ("1st look", 8),
)  # fmt: skip
STOCK, BFLOAT = "stock", "ours in bfloat16"
GAIN, FP8_GAIN, FIRST_LOOK = 1.5, 1.3, 1.3
"""The goals beside the shares: times stock, times ours in bfloat16, first look over first step."""


@dataclass
class Row:
    """One case at one batch size. Seconds per image; GB beside the weights; `tflop` per image.

    `first_look` is the time to the first preview over the time to the end of the first step.
    `apart` is the mean difference of the two pictures, in levels of 255. `stock` is the time of
    `against`, which for a row of fp8 is ours in bfloat16. `share` is the goal of its kind; `error`
    is why a row has no figures, where it should have had some.
    """

    case: str
    batch: int = 1
    stock: float | None = None
    ours: float | None = None
    tflop: float = 0.0
    stock_gb: float | None = None
    ours_gb: float | None = None
    first_look: float | None = None
    apart: float | None = None
    path: str = ""
    note: str = ""
    error: str = ""
    against: str = STOCK
    share: float = 0.0

    @property
    def gain(self) -> float | None:
        return self.stock / self.ours if self.stock and self.ours else None

    @property
    def rate(self) -> float | None:
        return self.tflop / self.ours if self.ours else None


def head() -> str:
    """The table's first two lines."""
    names = "  ".join(name.ljust(width) for name, width in COLUMNS)
    return f"{names}\n{'-' * len(names)}"


def table(rows: Sequence[Row], matmul: float) -> str:
    """As text; what was not measured is a dash, and why stands behind it."""
    return "\n".join((head(), *(line(row, matmul) for row in rows)))


def line(row: Row, matmul: float) -> str:
    """A row of the table."""
    part = row.rate / matmul if row.rate else None
    values = (
        row.case, str(row.batch), _number(row.stock, 4), _number(row.ours, 4), _number(row.gain, 2),
        _number(row.rate, 4), _number(part, 3), _number(row.stock_gb, 2), _number(row.ours_gb, 2),
        _number(row.first_look, 2),
    )  # fmt: skip
    cells = (v.ljust(width) for v, (_, width) in zip(values, COLUMNS, strict=True))
    beside = "" if row.against == STOCK else f"against {row.against}"
    remark = ", ".join(part for part in (row.path, beside, row.note, row.error) if part)
    return ("  ".join(cells) + ("  " + remark if remark else "")).rstrip()


@dataclass
class Goal:
    """What was wanted of a case, and what it reached; None where it was not measured."""

    case: str
    what: str
    wanted: float
    reached: float | None
    at_most: bool = False

    @property
    def met(self) -> bool:
        if self.reached is None:
            return False
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted

    def __str__(self) -> str:
        bound = f"{'<=' if self.at_most else '>='} {self.wanted:g}"
        said = "met" if self.met else "not measured" if self.reached is None else "missed"
        return f"{self.case:32}  {self.what:28} {bound:8}{_number(self.reached, 2):>6}  {said}"


def goals(rows: Sequence[Row], matmul: float) -> list[Goal]:
    """Of every model: gains and looks of single pictures, shares of the best batch."""
    found: list[Goal] = []
    for first in (row for row in rows if row.share and row.batch == 1):
        if first.against == BFLOAT:
            found.append(Goal(first.case, "times ours in bfloat16", FP8_GAIN, first.gain))
            continue
        rates = [row.rate / matmul for row in rows if row.case == first.case and row.rate]
        found += [
            Goal(first.case, "times stock", GAIN, first.gain),
            Goal(first.case, "of the matrix product's rate", first.share, max(rates, default=None)),
            Goal(first.case, "first look / first step", FIRST_LOOK, first.first_look, at_most=True),
        ]
    return found


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "-"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(places, digits)}f}"


def summary(rows: Sequence[Row], device: Device, matmul: float, seconds: float) -> dict[str, Any]:
    """Everything measured, with what it was measured on."""
    import diffusers
    import torch

    return {
        "date": datetime.now(UTC).date().isoformat(),
        "device": device.name,
        "kind": device.kind,
        "dtype": str(device.dtype),
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "matmul_tflops": matmul,
        "seconds": seconds,
        "rows": [asdict(row) | {"gain": row.gain, "tflops": row.rate} for row in rows],
        "goals": [asdict(goal) | {"met": goal.met} for goal in goals(rows, matmul)],
    }


def why(error: BaseException) -> str:
    """An error in a few words, as a row's remark."""
    from engine.studio.diffusion.memory import OutOfMemory, told_apart

    try:
        with told_apart():
            raise error
    except OutOfMemory:
        return "does not fit the memory"
    except Exception as told:
        said = str(told).strip().splitlines() or [""]
        return f"{type(told).__name__}: {said[0][:120]}"


def write(path: Path, told: dict[str, Any]) -> None:
    """As JSON, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, indent=1) + "\n")
    part.replace(path)
