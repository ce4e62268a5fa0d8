"""The backdrop swap as a whole program, against rembg and a Pillow paste of the same photo.

Each row is a process of its own, from the start of Python to the file on disk, so that imports and
the loading of models count on both sides; the warm rows are one process that goes on.

    python -m benchmarks.swap [RUNS]
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.config import load_settings
from engine.blobs import DiskBlobs
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.weights import Weights

DATA = Path(__file__).parents[1] / "tests/data"
RESULTS = Path(__file__).with_name("results")
CANVAS = Backdrop("canvas-dark", "canvas", "#3b342d", "#6b5f52")
SIDE = 1024


class Watch:
    """Hears a studio's reports and remembers when the first look came."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.look: float | None = None

    def __call__(self, step: str, fraction: float = 0.0, preview: str = "") -> None:
        if preview and self.look is None:
            self.look = time.perf_counter() - self.begun


def selfie(folder: Path) -> Path:
    """The test portrait as a 1024 x 1024 JPEG, as a phone would send it."""
    from PIL import Image

    path = folder / "selfie.jpg"
    photo = Image.open(DATA / "astronaut.png").convert("RGB")
    photo.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(path, quality=92)
    return path


def paste(photo: Path, size: tuple[int, int], out: Path) -> None:
    """The baseline: the same network through rembg, a flat colour, an interpolated enlargement."""
    from PIL import Image

    from engine.studio.networks import Cutter

    picture = Image.open(photo).convert("RGB")
    cutter = Cutter(Weights(load_settings(None).models_dir).path)
    mask = cutter.load().predict(picture)[0]
    flat = Image.new("RGB", picture.size, CANVAS.colour)
    flat.paste(picture, mask=mask)
    width = round(picture.height * size[0] / size[1])
    left = (picture.width - width) // 2
    flat.crop((left, 0, left + width, picture.height)).resize(size).save(out)


def studio(folder: Path) -> EmbeddedStudio:
    return EmbeddedStudio(DiskBlobs(folder), Weights(load_settings(None).models_dir).path)


def swap(photo: Path, scale: int, folder: Path) -> dict[str, float]:
    """One swap, and the seconds of its steps."""
    made = studio(folder)
    source = made.receive(photo.read_bytes()).blob
    watch = Watch()
    render = made.render(Shot("swap", 1, {}, CANVAS, source=source, scale=scale), watch)
    return {"look": watch.look or 0.0, "width": render.width, **render.timings}


def child(work: str, photo: Path, folder: Path) -> None:
    if work == "paste":
        paste(photo, (2049, 2732), folder / "pasted.png")
        report: dict[str, float] = {}
    else:
        report = swap(photo, int(work), folder)
    report["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(report))


def process(work: str, photo: Path, folder: Path) -> dict[str, float]:
    """Wall seconds and peak memory of a whole process."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.swap", "--child", work, str(photo), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return {"seconds": time.perf_counter() - begun, **json.loads(done.stdout.splitlines()[-1])}


def warm(photo: Path, folder: Path, runs: int) -> dict[str, list[dict[str, float]]]:
    """The same studio again and again: a new photo each time, at two sizes, then a new backdrop."""
    made = studio(folder)
    source = made.receive(photo.read_bytes()).blob
    rows: dict[str, list[dict[str, float]]] = {}
    for name, scale, fresh in (("2049x2732", 2, True), ("4098x5464", 4, True), ("again", 2, False)):
        for number in range(runs + 1):
            if fresh:
                made.forget()
            watch = Watch()
            shot = Shot("swap", number, {}, CANVAS, source=source, scale=scale)
            render = made.render(shot, watch)
            row = {"seconds": time.perf_counter() - watch.begun, "look": watch.look or 0.0}
            if number:  # the first run loads the networks
                rows.setdefault(name, []).append(row | render.timings)
    return rows


def median(rows: list[dict[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {n: round(statistics.median(row.get(n, 0.0) for row in rows), 2) for n in names}


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = selfie(folder)
        cold = {
            work: [process(work, photo, folder) for _ in range(runs)]
            for work in ("paste", "2", "4")
        }
        table = {
            "whole process": {work: median(rows) for work, rows in cold.items()},
            "warm": {name: median(rows) for name, rows in warm(photo, folder, runs).items()},
        }
    base = table["whole process"]["paste"]["seconds"]
    for part, rows in table.items():
        print(f"\n{part}, median of {runs}")
        for work, row in rows.items():
            print(f"  {work:10} {row['seconds']:6.2f} s  {row['seconds'] / base:5.2f} x   {row}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "swap.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
