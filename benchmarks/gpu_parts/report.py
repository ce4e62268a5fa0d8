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


@dataclass
class Row:
    """One case at one batch size. Seconds per image; GB beside the weights; `tflop` per image.

    `first_look` is the time to the first preview over the time to the end of the first step.
    `apart` is the mean difference of the two pictures, in levels of 255.
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

    @property
    def gain(self) -> float | None:
        return self.stock / self.ours if self.stock and self.ours else None

    @property
    def rate(self) -> float | None:
        return self.tflop / self.ours if self.ours else None


def table(rows: Sequence[Row], matmul: float) -> str:
    """As text; what was not measured is a dash, and why stands behind it."""
    head = "  ".join(name.ljust(width) for name, width in COLUMNS)
    return "\n".join((head, "-" * len(head), *(_line(row, matmul) for row in rows)))


def _line(row: Row, matmul: float) -> str:
    part = row.rate / matmul if row.rate else None
    values = (
        row.case, str(row.batch), _number(row.stock, 4), _number(row.ours, 4), _number(row.gain, 2),
        _number(row.rate, 4), _number(part, 3), _number(row.stock_gb, 2), _number(row.ours_gb, 2),
        _number(row.first_look, 2),
    )  # fmt: skip
    cells = (v.ljust(width) for v, (_, width) in zip(values, COLUMNS, strict=True))
    remark = ", ".join(part for part in (row.path, row.note) if part)
    return ("  ".join(cells) + ("  " + remark if remark else "")).rstrip()


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
    }


def write(path: Path, told: dict[str, Any]) -> None:
    """As JSON, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, indent=1) + "\n")
    part.replace(path)
