"""Paints every backdrop onto one contact sheet: python -m tools.backdrop_sheet SHEET.jpg [WIDTH]"""

import sys
import time
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

import prompts
from engine.shots import Backdrop, BackdropKind
from engine.studio.backdrop import render_backdrop
from engine.studio.backdrop.lens import lens_from
from engine.studio.colour import to_srgb
from engine.studio.light import Light

COLUMNS = 8


def main(path: Path, width: int = 240) -> None:
    height, light = width * 4 // 3, Light(-0.5, 0.4)
    tiles = []
    for entry in prompts.load().backdrops.values():
        if entry.kind == "blur":
            continue
        kind = cast(BackdropKind, entry.kind)
        backdrop = Backdrop(entry.id, kind, entry.colour, entry.accent)
        begun = time.perf_counter()
        picture = to_srgb(
            render_backdrop(backdrop, 3 * width, 3 * height, light, 7, lens_from({}, kind))
        )
        print(f"{entry.id:22} {time.perf_counter() - begun:5.2f} s")
        tiles.append(
            Image.fromarray((picture * 255 + 0.5).astype(np.uint8)).resize((width, height))
        )
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * width, rows * height), "white")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % COLUMNS * width, number // COLUMNS * height))
    sheet.save(path, quality=80)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(a) for a in sys.argv[2:3]))
