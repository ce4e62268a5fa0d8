"""Seams, light and grain of what is pasted, and tiles of what is gone over once more."""

import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.studio.colour import to_linear, to_srgb
from engine.studio.diffusion.hires import HiRes
from engine.studio.diffusion.outpaint import canvas_for
from engine.studio.diffusion.parts import Sitter
from engine.studio.diffusion.pasting import Window, behind, paste, resized, window_around
from engine.studio.diffusion.request import Request
from engine.studio.noise import noise_of

Sitters = dict[str, Sitter]
NATIVE = 256 * 256


def spot(shape: tuple[int, int], rows: slice, columns: slice) -> np.ndarray:
    import cv2

    mask = np.zeros(shape, np.float32)
    mask[rows, columns] = 1
    return cv2.GaussianBlur(mask, (0, 0), 3)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (slice(100, 200), slice(100, 180)),
        (slice(0, 400), slice(0, 20)),
        (slice(380, 400), slice(0, 300)),
        (slice(0, 400), slice(0, 300)),
    ],
)
def test_a_window_holds_the_mask_with_air_and_its_size_suits_the_model(
    rows: slice, columns: slice
) -> None:
    mask = spot((400, 300), rows, columns)
    window, (width, height) = window_around(mask, NATIVE)
    outside = mask.copy()
    outside[window.part] = 0
    assert outside.max() <= 0.02
    assert window.left >= 0
    assert window.left + window.width <= 300
    assert window.top + window.height <= 400
    assert width % 16 == height % 16 == 0
    assert abs(width / height / (window.width / window.height) - 1) < 0.1


def test_outside_the_mask_nothing_changes_and_inside_the_drawn_counts(sitters: Sitters) -> None:
    rgb = sitters["collins"].rgb
    mask = spot(rgb.shape[:2], slice(300, 400), slice(60, 160))
    window, size = window_around(mask, NATIVE)
    drawn = resized(rgb[window.part], size).copy()
    drawn[resized(mask[window.part], size) > 0.05] = (20, 160, 60)
    out = paste(rgb, drawn, mask, window)
    assert (out[mask < 1e-3] == rgb[mask < 1e-3]).all()
    assert np.abs(out[350, 110].astype(int) - (20, 160, 60)).max() < 12


def test_a_models_drift_in_colour_is_taken_back_at_the_seam(sitters: Sitters) -> None:
    """Nothing was changed but the whole window came back lighter and warmer."""
    rgb = sitters["collins"].rgb
    mask = spot(rgb.shape[:2], slice(300, 400), slice(60, 160))
    window, size = window_around(mask, NATIVE)
    part = resized(rgb[window.part], size).astype(np.float32)
    drifted = np.clip(part * (1.08, 1.02, 0.96), 0, 255).astype(np.uint8)
    out = paste(rgb, drifted, mask, window)
    change = (out.astype(float) - rgb)[mask > 0.9]
    raw = (resized(drifted, (window.width, window.height)).astype(float) - rgb[window.part])[
        mask[window.part] > 0.9
    ]
    assert np.abs(change.mean(0)).max() < 2.5
    assert np.abs(raw.mean(0)).max() > 5


def test_what_is_drawn_smooth_gets_the_photos_grain() -> None:
    rng = np.random.default_rng(2)
    photo = np.clip(128 + rng.normal(0, 6, (300, 300, 1)), 0, 255).astype(np.uint8).repeat(3, 2)
    mask = spot((300, 300), slice(80, 220), slice(80, 220))
    window, size = window_around(mask, NATIVE)
    out = paste(photo, np.full((size[1], size[0], 3), 128, np.uint8), mask, window)
    inside, around = noise_of(out[110:190, 110:190]), noise_of(photo)
    assert 0.6 < inside.light / around.light < 1.6


def test_a_new_background_leaves_no_rim_of_the_old_one(sitters: Sitters) -> None:
    sitter = sitters["collins"]
    green = np.where(sitter.alpha[..., None] > 0.98, sitter.rgb, np.array((30, 120, 60), np.uint8))
    mask, whole = 1 - sitter.alpha, Window(0, 0, 512, 512)
    out = behind(sitter.rgb, green, mask, whole, (sitter.alpha, sitter.face))
    assert (out[sitter.alpha > 0.999] == sitter.rgb[sitter.alpha > 0.999]).all()
    assert np.abs(out[sitter.alpha < 0.01].mean(0) - (30, 120, 60)).max() <= 2
    fringe = (sitter.alpha > 0.1) & (sitter.alpha < 0.4) & (np.arange(512)[:, None] < 150)
    naive = sitter.alpha[..., None] * sitter.rgb + (1 - sitter.alpha[..., None]) * green
    assert out[fringe].astype(float).mean() < naive[fringe].mean()


def test_half_transparent_hair_holds_nothing_of_the_old_background() -> None:
    """What was drawn shines through the edge, and not the white it replaces."""
    alpha = np.tile(np.clip((np.arange(160, dtype=np.float32) - 70) / 12, 0, 1), (120, 1))
    share, dark, blue = alpha[..., None], (30, 24, 20), (20, 40, 160)

    def before(wall: tuple[int, int, int]) -> np.ndarray:
        light = [to_linear(np.full((120, 160, 3), tone, np.uint8)) for tone in (dark, wall)]
        return (to_srgb(share * light[0] + (1 - share) * light[1]) * 255 + 0.5).astype(np.uint8)

    drawn = np.where(share > 0.98, np.array(dark, np.uint8), np.array(blue, np.uint8))
    whole = Window(0, 0, 160, 120)
    made = behind(before((255, 255, 255)), drawn, 1 - alpha, whole, (alpha, 300.0))
    off = made[60, 60:90].astype(int) - before(blue)[60, 60:90]
    assert np.abs(off).max() < 25


def test_a_canvas_in_other_proportions_keeps_every_pixel_of_the_picture(sitters: Sitters) -> None:
    sitter = sitters["hopper"]
    canvas = canvas_for(sitter.rgb, sitter.landmarks, "1:1")
    assert canvas.rgb.shape[0] == canvas.rgb.shape[1]
    height, width = sitter.rgb.shape[:2]
    inner = canvas.rgb[canvas.top : canvas.top + height, canvas.left : canvas.left + width]
    assert (inner == sitter.rgb).all()
    assert canvas.mask[:, -1].min() == 1
    assert canvas.mask[canvas.top + 300, canvas.left + 256] == 0
    drawn = np.full((128, 128, 3), 200, np.uint8)
    out = canvas.joined(drawn)
    rows = sitter.landmarks[:, 1].astype(int) + canvas.top
    columns = sitter.landmarks[:, 0].astype(int) + canvas.left
    assert (out[rows, columns] == canvas.rgb[rows, columns]).all()


@pytest.mark.parametrize(("shot", "below"), [("close-up", 0.0), ("medium", 0.26)])
def test_no_more_is_invented_below_than_the_framing_asks_for(
    sitters: Sitters, shot: str, below: float
) -> None:
    sitter = sitters["hopper"]
    rgb = sitter.rgb[:330]
    canvas = canvas_for(rgb, sitter.landmarks, "3:4", shot, always=True)
    assert canvas.rgb.shape[0] * 3 == canvas.rgb.shape[1] * 4
    under = (canvas.rgb.shape[0] - (canvas.top + 330)) / canvas.rgb.shape[0]
    assert under <= below + 0.01


def test_a_picture_that_has_the_room_is_not_drawn_on(sitters: Sitters) -> None:
    sitter = sitters["collins"]
    with pytest.raises(StudioFailed) as refused:
        canvas_for(sitter.rgb, sitter.landmarks, "1:1")
    assert refused.value.code == "nothing_to_draw"


@pytest.mark.parametrize("shape", [(400, 300), (256, 256), (130, 700)])
def test_tiles_that_were_not_changed_give_the_picture_back(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (*shape, 3), np.uint8)
    tiled = HiRes.of(picture, (256, 256))
    requests = tiled.requests(Request("a portrait", seed=3))
    assert all(
        r.image is not None and r.image.shape[1::-1] == (r.width, r.height) for r in requests
    )
    assert {(r.prompt, r.seed, r.strength) for r in requests} == {("a portrait", 3, 0.25)}
    drawn = [r.image for r in requests if r.image is not None]
    assert np.abs(tiled.joined(drawn).astype(int) - picture).max() <= 1


def test_tiles_that_drift_apart_in_colour_show_no_seam() -> None:
    down, across = np.mgrid[0:400, 0:500]
    picture = np.stack([60 + down / 4, 80 + across / 5, 120 + 0 * down], 2).astype(np.uint8)
    tiled = HiRes.of(picture, (256, 256))
    drawn = []
    for number, request in enumerate(tiled.requests(Request("a portrait"))):
        assert request.image is not None
        drawn.append(np.clip(request.image + 8 * (number % 3), 0, 255).astype(np.uint8))
    out = tiled.joined(drawn).astype(int)
    assert np.abs(out - picture).mean() < 2
    assert max(np.abs(np.diff(out, axis=axis)).max() for axis in (0, 1)) <= 2


@pytest.mark.parametrize("height", range(1000, 1008))
@pytest.mark.parametrize("shot", ["", "close-up"])
def test_proportions_never_cost_a_strip_of_the_picture_s_lower_edge(
    sitters: Sitters, shot: str, height: int
) -> None:
    """A pixel too few below would have the whole edge drawn anew."""
    scale = height / 512
    rgb = resized(sitters["collins"].rgb, (700, height))
    points = sitters["collins"].landmarks * (700 / 512, scale, scale)
    canvas = canvas_for(rgb, points, "3:4", shot, always=True)
    assert canvas.mask[-1, canvas.mask.shape[1] // 2] == 0
