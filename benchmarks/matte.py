"""How good the mattes are: SAD, MSE, gradient error and spill, ours against rembg's raw mask.

Both use the same network, on sitters whose true matte is known (`_sitters.py`), by skin and by
hair. Saves the table in `results/matte.json`; no picture is kept.

    python -m benchmarks.matte [COUNT] [PROFILE]
"""

import json
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks._measures import all_measures
from benchmarks._sitters import Sitter, sitters
from bot.config import load_settings
from engine.studio.cutout import cutout_png
from engine.studio.faces import FaceFinder, anatomy
from engine.studio.factory import MATTES
from engine.studio.matte import Matter
from engine.studio.networks import Profile
from engine.weights import Weights

RESULT = Path(__file__).parent / "results/matte.json"
SPILL_BOUND = 0.25
MEASURES = ("sad", "mse", "gradient", "spill")
Row = dict[str, float | str]


def measured(sitter: Sitter, finder: FaceFinder, matter: Matter) -> list[Row]:
    """One row for our matte of a sitter and one for the network's own mask."""
    photo = sitter.photo
    begun = time.perf_counter()
    body = anatomy(finder.landmarks(photo, finder.find(photo)[0]))
    ours = matter.alpha(photo, body)
    clean = np.ascontiguousarray(cutout_png(photo, ours, body.width)[..., :3])
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    raw = matter.raw(photo)
    raw_took = time.perf_counter() - begun
    return [
        _row(sitter, "northlight", took, all_measures(ours, clean, sitter)),
        _row(sitter, "rembg", raw_took, all_measures(raw, photo, sitter)),
    ]


def _row(sitter: Sitter, method: str, seconds: float, values: dict[str, float]) -> Row:
    about = {"skin": sitter.skin, "hair": sitter.hair, "texture": sitter.texture}
    return {"name": sitter.name, "method": method, **about, "seconds": seconds, **values}


def table(rows: list[Row]) -> dict[str, dict[str, dict[str, float]]]:
    """Means by group, then by method; the group `all` has everybody."""
    groups = {"all": rows}
    for key in ("skin", "hair", "texture"):
        for value in dict.fromkeys(row[key] for row in rows):
            groups[f"{key} {value}"] = [row for row in rows if row[key] == value]
    return {
        name: {
            method: _means([row for row in members if row["method"] == method])
            for method in ("northlight", "rembg")
        }
        for name, members in groups.items()
    }


def _means(rows: list[Row]) -> dict[str, float]:
    means = {m: round(statistics.fmean(float(row[m]) for row in rows), 3) for m in MEASURES}
    return means | {"count": len(rows)}


def show(means: dict[str, dict[str, dict[str, float]]]) -> None:
    print(f"{'mean of':18}{'n':>3}" + "".join(f"{m:>22}" for m in MEASURES))
    for name, both in means.items():
        ours, raw = both["northlight"], both["rembg"]
        cells = "".join(f"{f'{ours[m]:.2f} ({raw[m]:.2f})':>22}" for m in MEASURES)
        print(f"{name:18}{ours['count']:>3}{cells}")
    print("ours (rembg's raw mask of the same network); SAD in kilopixels, MSE in thousandths")


def main(count: int = 24, profile: Profile = "u2net") -> None:
    weights = Weights(load_settings(None).models_dir).path
    finder, matter = FaceFinder(weights), Matter(weights, profile)
    rows = [row for sitter in sitters(count) for row in measured(sitter, finder, matter)]
    means = table(rows)
    show(means)
    ours = [row for row in rows if row["method"] == "northlight"]
    worst = sorted(ours, key=lambda row: -float(row["spill"]))[:5]
    print("most spill:", ", ".join(f"{row['name']} {row['spill']:.2f}" for row in worst))
    print(f"beyond the bound of {SPILL_BOUND}:", sum(float(r["spill"]) > SPILL_BOUND for r in ours))
    print(f"median seconds: {statistics.median(float(row['seconds']) for row in ours):.2f}")
    if profile == "u2net" and count >= 24:
        RESULT.parent.mkdir(exist_ok=True)
        short = [
            {k: round(v, 3) if isinstance(v, float) else v for k, v in r.items()} for r in rows
        ]
        report = {"profile": profile, "cpu": platform.machine(), "means": means, "rows": short}
        RESULT.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    wanted = sys.argv[2] if len(sys.argv) > 2 else "u2net"
    if wanted not in MATTES:
        sys.exit(f"{wanted} is none of {', '.join(MATTES)}")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24, wanted)  # type: ignore[arg-type]  # checked
