"""The light plan is drawn once and shown twice, and says what it says in both."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.blobs import DiskBlobs
from engine.shots import LightPlan
from engine.studio.light_plan import HEIGHT, WIDTH, draw_plan

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {
    "title": "Loop light",
    "key": "Key, soft",
    "camera": "85 mm at f/2.8",
    "fill": "Fill, 1:4",
}
LOOP = LightPlan(-35, 30, fill=2, backdrop="#2b3a58", labels=LABELS)


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


def pixels(blobs: DiskBlobs, plan: LightPlan) -> np.ndarray:
    """The PNG, (H, W, 3) in 0..255."""
    picture = Image.open(io.BytesIO(blobs.get(draw_plan(plan, blobs).png)))
    return np.asarray(picture.convert("RGB"), np.int16)


def test_the_same_plan_is_the_same_two_files(blobs: DiskBlobs) -> None:
    """A brief shown again costs no room."""
    first = draw_plan(LOOP, blobs)
    assert draw_plan(LOOP, blobs) == first
    assert Image.open(blobs.path(first.png)).size == (WIDTH, HEIGHT) == (first.width, first.height)


def test_the_svg_is_whole_and_carries_the_words(blobs: DiskBlobs) -> None:
    """Valid XML, no script, no outside reference, a title for those who cannot see it."""
    text = blobs.get(draw_plan(LOOP, blobs).svg).decode()
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert {e.text for e in root.iter(f"{SVG}text")} >= set(LABELS.values())
    assert "Key, soft" in (root.findtext(f"{SVG}title") or "")
    assert not any(word in text for word in ("<script", "href", "url(", "<image"))


def test_words_are_escaped_in_the_svg(blobs: DiskBlobs) -> None:
    """A label is text, whatever it says."""
    evil = '</text><script>alert("x")</script>&'
    plan = LightPlan(0, 0, labels={"title": evil, "backdrop": evil})
    root = ET.fromstring(blobs.get(draw_plan(plan, blobs).svg))
    assert not list(root.iter(f"{SVG}script"))
    assert evil in {e.text for e in root.iter(f"{SVG}text")}


def test_the_key_stands_on_its_side(blobs: DiskBlobs) -> None:
    """From the right is the mirror image of from the left, corner and labels aside."""

    def bare(aside: float) -> np.ndarray:
        return pixels(blobs, LightPlan(aside, 30))[:460]

    left, right = bare(-60), bare(60)
    assert np.abs(left - right).max() > 100
    assert np.mean(np.abs(left - right[:, ::-1]) > 40) < 0.002


def test_the_backdrop_wears_its_colour(blobs: DiskBlobs) -> None:
    assert np.abs(pixels(blobs, LOOP)[96, 360] - np.array([0x2B, 0x3A, 0x58])).max() < 4


@pytest.mark.parametrize(
    "other",
    [
        LightPlan(-35, 60, fill=2), LightPlan(-35, 30, fill=0),
        LightPlan(-35, 30, width=0.3, fill=2),
        LightPlan(-35, 30, fill=2, fill_from="below"), LightPlan(-35, 30, fill=2, behind=2),
        LightPlan(-35, 30, fill=2, source="window"),
    ],
)  # fmt: skip
def test_every_number_shows(blobs: DiskBlobs, other: LightPlan) -> None:
    """Height, fill, size, place and kind of light can be told apart."""
    plain = pixels(blobs, LightPlan(-35, 30, fill=2))
    assert (np.abs(pixels(blobs, other) - plain).max(axis=2) > 60).sum() > 100


def test_svg_and_png_show_the_same(blobs: DiskBlobs) -> None:
    """Every polygon's middle that is opaque in the SVG has its colour, or a later one's, in PNG."""
    drawing = draw_plan(LOOP, blobs)
    seen = np.asarray(Image.open(blobs.path(drawing.png)).convert("RGB"))
    discs = list(ET.fromstring(blobs.get(drawing.svg)).iter(f"{SVG}ellipse"))
    x, y = (float(discs[-1].get(k) or 0) for k in ("cx", "cy"))
    wanted = tuple(int((discs[-1].get("fill") or "")[i : i + 2], 16) for i in (1, 3, 5))
    assert np.abs(seen[int(y), int(x)].astype(int) - np.array(wanted)).max() < 4
