"""Every check of every swap: sitters of many kinds before four backdrops, against the bounds.

The sitters are those of `benchmarks._sitters` (drawn people on busy photographs) and the real
photos in tests/data. Prints each check's median, worst value and failures, names the worst five
pictures, and writes benchmarks/results/swap_quality.json. With --out the pictures are kept.

    python -m benchmarks.swap_quality [--sitters 24] [--scale 2] [--out FOLDER] [PHOTO ...]
"""

import argparse
import json
import re
import statistics
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from benchmarks._sitters import sitters
from bot.config import load_settings
from engine.blobs import DiskBlobs
from engine.jobs import Check, Render
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.weights import Weights

DATA = Path(__file__).parents[1] / "tests/data"
RESULTS = Path(__file__).with_name("results")
BACKDROPS = (
    Backdrop("seamless-white", "seamless", "#f5f5f4"),
    Backdrop("canvas-dark", "canvas", "#3b342d", "#6b5f52"),
    Backdrop("brick-red", "brick", "#7d5244", "#8c847a"),
    Backdrop("foliage-green", "foliage", "#3c5230", "#b9c46a"),
)
FRAMING = ("eye_line", "headroom", "centre", "aspect", "long_side", "tags")
"""Drawn sitters fill their photo: how they are framed says nothing of the swap."""
Row = dict[str, object]


def quiet(step: str, fraction: float = 0.0, preview: str = "") -> None:
    pass


def photos(count: int, more: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Names and files: real photos first, then drawn sitters, `count` in all at least."""
    real = [p for p in (DATA / "astronaut.png", DATA / "grace_hopper.jpg") if p.exists()]
    for path in [*real, *more]:
        yield path.stem, path.read_bytes()
    for sitter in sitters(max(0, count - len(real) - len(more))):
        yield sitter.name, jpeg(sitter.photo)


def jpeg(rgb: object) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=90)  # type: ignore[arg-type]
    return file.getvalue()


def strain(check: Check) -> float:
    """How much of its bound a check uses up: under 1 within, over 1 beyond."""
    edges = [float(n) for n in re.findall(r"-?[0-9.]*[0-9]", check.bound.replace("..", " "))]
    if len(edges) == 2:
        middle, half = (edges[0] + edges[1]) / 2, (edges[1] - edges[0]) / 2
        return abs(check.value - middle) / max(half, 1e-6) if half else float(not check.passed)
    if check.bound.startswith(">="):
        return edges[0] / max(check.value, 1e-6) if edges[0] else float(not check.passed)
    return check.value / max(edges[0], 1e-6)


def shoot(studio: EmbeddedStudio, blob: str, backdrop: Backdrop, scale: int) -> Render:
    return studio.render(Shot("swap", 3, {}, backdrop, source=blob, scale=scale), quiet)


def keep(folder: Path | None, blobs: DiskBlobs, name: str, render: Render) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.jpg").write_bytes(blobs.get(render.preview))


def table(pictures: dict[str, tuple[Check, ...]]) -> dict[str, Row]:
    """Per check: median, worst value, bound, and how many pictures fail it."""
    by_name: dict[str, list[Check]] = {}
    for checks in pictures.values():
        for check in checks:
            by_name.setdefault(check.name, []).append(check)
    return {
        name: {
            "median": statistics.median(c.value for c in found),
            "worst": max(found, key=strain).value,
            "bound": found[0].bound,
            "failed": sum(not c.passed for c in found),
            "of": len(found),
        }
        for name, found in by_name.items()
    }


def worst(pictures: dict[str, tuple[Check, ...]]) -> list[tuple[str, float, str]]:
    """The five pictures nearest to a bound, or farthest beyond, with the check that says so."""
    found = [
        (name, *max((strain(c), c.name) for c in checks if c.name not in FRAMING))
        for name, checks in pictures.items()
    ]
    return [(n, round(e, 3), c) for n, e, c in sorted(found, key=lambda f: -f[1])[:5]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sitters", type=int, default=24)
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("photo", nargs="*", type=Path)
    asked = parser.parse_args()
    pictures: dict[str, tuple[Check, ...]] = {}
    with tempfile.TemporaryDirectory() as folder:
        blobs = DiskBlobs(Path(folder))
        studio = EmbeddedStudio(blobs, Weights(load_settings(None).models_dir).path)
        for name, data in photos(asked.sitters, asked.photo):
            blob = studio.receive(data).blob
            for backdrop in BACKDROPS:
                render = shoot(studio, blob, backdrop, asked.scale)
                pictures[f"{name}--{backdrop.id}"] = render.checks
                keep(asked.out, blobs, f"{name}--{backdrop.id}", render)
            print(".", end="", flush=True)
    report(pictures)


def report(pictures: dict[str, tuple[Check, ...]]) -> None:
    rows = table(pictures)
    print(f"\n{len(pictures)} pictures")
    for name, row in rows.items():
        print(f"  {name:18} median {row['median']:8.3f}  worst {row['worst']:8.3f}  "
              f"{row['bound']:14} failed {row['failed']} of {row['of']}")  # fmt: skip
    print("worst five:")
    for name, much, check in worst(pictures):
        print(f"  {name}: {check} uses {much:.0%} of its bound")
    RESULTS.mkdir(exist_ok=True)
    kept = {"checks": rows, "worst": worst(pictures)}
    (RESULTS / "swap_quality.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
