"""The truth sheet: original, result, and a map of what was kept, relit and replaced.

The map is measured, pixel by pixel, from the two pictures, not painted from what was intended; only
light that was shaped too gently to measure is added to it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.studio.encode import DPI

if TYPE_CHECKING:
    import numpy as np
    from PIL import ImageDraw

WORDS = Path(__file__).with_name("truth.en.toml")
PANEL, GAP, MARGIN = 580, 20, 30
SEEN = 5.0
"""A change of the low-passed colour that one sees side by side, CIE76 in Lab."""
SHAPED = 0.1
"""Stops from which shaping the light is told, though one may not see it."""
SOFT = 6.0
ENLARGED = 1.1
PAPER, INK, GREY = (250, 249, 246), (38, 36, 33), (120, 116, 110)
COLOURS = {"kept": (108, 150, 118), "relit": (214, 158, 72), "replaced": (92, 112, 148)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to compare, all of one size: uint8 HxWx3 `original` and `result`, sRGB.

    `alpha` float32 HxW is the sitter, `inside` bool HxW where the photo reaches; `enlarged` says
    how many times the photo's detail was enlarged. `shaded`, float32 HxW, is by how many stops the
    light on the sitter was shaped, None for not at all.
    """

    original: "np.ndarray"
    result: "np.ndarray"
    alpha: "np.ndarray"
    inside: "np.ndarray"
    enlarged: float = 1.0
    shaded: "np.ndarray | None" = None


def regions(evidence: Evidence) -> "dict[str, np.ndarray]":
    """Bool HxW masks that share out the picture: kept, relit and replaced.

    The sitter is relit where light or colour, low-passed, moved by more than one sees, and where
    the light was shaped on purpose, however gently; all that is not the sitter, or was never in the
    photo, is replaced.
    """
    import cv2
    import numpy as np

    def lab(rgb: "np.ndarray") -> "np.ndarray":
        soft = cv2.GaussianBlur(rgb.astype(np.float32) / 255, (0, 0), SOFT)
        return cv2.cvtColor(soft, cv2.COLOR_RGB2LAB)

    apart = np.sqrt(((lab(evidence.original) - lab(evidence.result)) ** 2).sum(2))
    sitter = (evidence.alpha > 0.5) & evidence.inside
    # Beside the edge the blur mixes two backdrops.
    side = 2 * round(2 * SOFT) + 1
    core = cv2.erode(sitter.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    relit = core & (apart > SEEN)
    if evidence.shaded is not None:
        relit |= core & (np.abs(evidence.shaded) > SHAPED)
    return {"kept": sitter & ~relit, "relit": relit, "replaced": ~sitter}


def truth_sheet(evidence: Evidence) -> bytes:
    """The three panels with a legend, as JPEG without metadata, about 1800 pixels wide."""
    import io

    from PIL import Image, ImageDraw

    words = _words()
    found = regions(evidence)
    panels = [evidence.original, evidence.result, _map(evidence, found)]
    tall = round(PANEL * evidence.result.shape[0] / evidence.result.shape[1])
    sheet = Image.new("RGB", (2 * MARGIN + 3 * PANEL + 2 * GAP, tall + 190), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (name, panel) in enumerate(zip(("original", "result", "map"), panels, strict=True)):
        left = MARGIN + number * (PANEL + GAP)
        draw.text((left, MARGIN - 4), words[name], INK, _font(30))
        sheet.paste(Image.fromarray(panel).resize((PANEL, tall)), (left, 70))
    _legend(draw, found, evidence.enlarged, tall + 88)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=90, subsampling=0, dpi=(DPI, DPI))
    return file.getvalue()


def _map(evidence: Evidence, found: "dict[str, np.ndarray]") -> "np.ndarray":
    """The result in grey, tinted by what happened to each place."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(evidence.result, cv2.COLOR_RGB2GRAY).astype(np.float32)
    tint = np.zeros(evidence.result.shape, np.float32)
    for name, mask in found.items():
        tint[mask] = COLOURS[name]
    tint = cv2.GaussianBlur(tint, (0, 0), 0.8)
    # Half the tone of the picture, half the colour of its fate: both stay legible.
    return np.clip(0.45 * grey[..., None] + 0.62 * tint, 0, 255).astype(np.uint8)


def _legend(
    draw: "ImageDraw.ImageDraw", found: "dict[str, np.ndarray]", enlarged: float, top: int
) -> None:
    words, left = _words(), MARGIN
    for name, mask in found.items():
        if not mask.any():
            continue
        label = f"{words[name]}  {_percent(float(mask.mean()))}"
        draw.rounded_rectangle((left, top, left + 28, top + 28), 6, COLOURS[name])
        draw.text((left + 40, top - 3), label, INK, _font(27))
        left += 40 + round(draw.textlength(label, _font(27))) + 48
    key = "enlarged" if enlarged > ENLARGED else "whole"
    draw.text((MARGIN, top + 48), words[key].format(times=f"{enlarged:.1f}"), GREY, _font(25))


def _percent(share: float) -> str:
    return "< 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")


@cache
def _font(size: int) -> Any:  # noqa: ANN401  Pillow has no common font type
    from PIL import ImageFont

    return ImageFont.load_default(size)


@cache
def _words() -> dict[str, str]:
    return tomllib.loads(WORDS.read_text("utf-8"))
