"""Where to draw anew: a region named in words, or a mask that was sent; 1 repaints, 0 keeps.

Distances are in face widths, so that a mask is the same on a thumbnail and on a print. Unless the
face itself was asked for, no mask touches it.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from engine.errors import StudioFailed
from engine.studio.checks.chips import FEATURES
from engine.studio.diffusion.parts import Sitter, face_oval, hull, parts_of
from engine.studio.diffusion.pasting import SEEN
from engine.studio.faces import anatomy
from engine.studio.mend import disc

if TYPE_CHECKING:
    import numpy as np

REGIONS = Path(__file__).with_name("regions.toml")
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
FRAMES = (127, 70, 63, 105, 66, 107, 9, 336, 296, 334, 293, 300, 356, 346, 280, 330, 101, 50, 117)
"""Around both lenses: temples, brows, bridge of the nose, upper cheeks."""
GUARD = 0.03
"""How far around the face a mask that must not touch it stays away, in face widths."""
LEAST = 0.0005
"""Share of the picture below which a mask is nothing to draw on."""


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """A region's words, and how its mask ends; see the head of `regions.toml`."""

    words: tuple[str, ...]
    grow: float
    soften: float
    face: bool


@cache
def load_regions(path: Path = REGIONS) -> dict[str, Region]:
    """The regions by name. Raises ValueError for an unknown or missing key."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, Region])
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def region_named(words: str) -> str:
    """The region that `words` mean: its own name, or "the blazer", "my hair".

    Raises:
        StudioFailed: code region_unknown, when they mean none.
    """
    said = f" {' '.join(words.lower().replace('_', ' ').split())} "
    regions = load_regions()
    known = {word: name for name, region in regions.items() for word in (name, *region.words)}
    for word in sorted(known, key=len, reverse=True):
        if f" {word} " in said:
            return known[word]
    raise StudioFailed(f"no region is called {words!r}", code="region_unknown")


def region_mask(sitter: Sitter, region: str) -> "np.ndarray":
    """The mask of a named region, float32 HxW 0..1, grown and soft at its edge.

    Raises:
        StudioFailed: code region_unknown for another name, region_empty when it is not in sight.
    """
    name = region_named(region)
    how = load_regions()[name]
    mask = _MAKERS[name](sitter)
    if name != "background":
        mask = _ended(mask, how.grow * sitter.face, how.soften * sitter.face)
    if not how.face:
        mask = mask * (1 - face_guard(sitter))
    if _is_nothing(mask):
        raise StudioFailed(f"{name} is not in the picture", code="region_empty")
    return mask


def given_mask(grey: "np.ndarray", shape: tuple[int, ...], face: float = 0.0) -> "np.ndarray":
    """A mask that was sent, for a picture of `shape`: float32 HxW 0..1, its edge softened.

    `grey` uint8 HxW, or with channels of which only the brightness counts; white repaints. It may
    have another size, but the same proportions within 2 %. `face` is the face's width in pixels,
    0 where there is none.

    Raises:
        StudioFailed: code mask_unusable, when it is of another shape, empty, or of the wrong kind.
    """
    import cv2
    import numpy as np

    if grey.dtype != np.uint8 or grey.ndim not in (2, 3):
        raise StudioFailed("the mask is no 8-bit picture", code="mask_unusable")
    flat = grey if grey.ndim == 2 else grey[..., :3].max(2)
    wide, seen = shape[1] / shape[0], flat.shape[1] / flat.shape[0]
    if abs(wide / seen - 1) > 0.02:
        raise StudioFailed(f"a mask of {flat.shape} for {shape}", code="mask_unusable")
    mask = cv2.resize(flat, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    soft = _ended(mask.astype(np.float32) / 255, 0, 0.02 * (face or min(shape[:2]) / 3))
    if _is_nothing(soft):
        raise StudioFailed("the mask is empty", code="mask_unusable")
    return soft


def _is_nothing(mask: "np.ndarray") -> bool:
    """Whether it asks for too little to draw on: black as JPEG has it is not quite black."""
    return float((mask * (mask > SEEN)).mean()) < LEAST


def face_guard(sitter: Sitter) -> "np.ndarray":
    """What must be kept when the face was not asked for: float32 HxW, 1 on it, soft outside."""
    import cv2
    import numpy as np

    rim = max(1, round(GUARD * sitter.face))
    oval = face_oval(sitter.landmarks, sitter.alpha.shape).astype(np.uint8)
    grown = cv2.dilate(oval, disc(rim)).astype(np.float32)
    return np.maximum(cv2.GaussianBlur(grown, (0, 0), rim / 2), oval)


def kept_face(sitter: Sitter) -> "np.ndarray":
    """The face alone, for a picture that is drawn around it: float32 HxW, 1 on the face.

    Nothing of the old background, and soft inside its contour, so that hair and neck join it.
    """
    import cv2
    import numpy as np

    rim = max(1, round(GUARD * sitter.face))
    solid = (sitter.alpha > 0.9) & face_oval(sitter.landmarks, sitter.alpha.shape)
    drawn_in = cv2.erode(solid.astype(np.uint8), disc(rim)).astype(np.float32)
    return cv2.GaussianBlur(drawn_in, (0, 0), rim / 2)


def _ended(mask: "np.ndarray", grow: float, soften: float) -> "np.ndarray":
    """Grow a mask by `grow` pixels and let it end within about `soften` of its new edge."""
    import cv2
    import numpy as np

    if grow >= 0.5:
        # On a small copy where it is far: a wide disc costs its area per pixel.
        step = max(1, round(grow / 12))
        size = (max(1, mask.shape[1] // step), max(1, mask.shape[0] // step))
        small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        wide = cv2.dilate(small, disc(max(1, round(grow / step))))
        mask = cv2.resize(wide, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, soften / 2))
    return np.clip(soft, 0, 1)


def _background(sitter: Sitter) -> "np.ndarray":
    """All that is not the sitter; a hair of half transparency is half repainted."""
    return 1 - sitter.alpha


def _wardrobe(sitter: Sitter) -> "np.ndarray":
    parts = parts_of(sitter)
    # Growing must not take hands, neck and hair along, so they are taken out again after it.
    grown = _ended(parts.clothes, 0.04 * sitter.face, 0.02 * sitter.face)
    kept = _ended(parts.skin + parts.hair, 0, 0.015 * sitter.face)
    return grown * (1 - kept.clip(0, 1))


def _hair(sitter: Sitter) -> "np.ndarray":
    """The hair, and where hair could be: above the forehead, also of a bald head."""
    import numpy as np

    parts, shape = parts_of(sitter), sitter.alpha.shape
    body = anatomy(sitter.landmarks)
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    above = (down - body.eyes[1]) / sitter.face < -0.35
    near = np.hypot(across - body.eyes[0], down - body.eyes[1]) < 1.1 * sitter.face
    crown = sitter.alpha * (above & near & ~face_oval(sitter.landmarks, shape))
    return np.maximum(parts.hair, crown)


def _face(sitter: Sitter) -> "np.ndarray":
    return _as_mask(face_oval(sitter.landmarks, sitter.alpha.shape))


def _eyes(sitter: Sitter) -> "np.ndarray":
    return _as_mask(_hulls(sitter, EYES))


def _mouth(sitter: Sitter) -> "np.ndarray":
    return _as_mask(_hulls(sitter, (LIPS,)))


def _glasses(sitter: Sitter) -> "np.ndarray":
    return _as_mask(_hulls(sitter, (FRAMES,)))


def _skin(sitter: Sitter) -> "np.ndarray":
    """Face, neck and hands without eyes, brows, mouth and nostrils."""
    import numpy as np

    features = _ended(_as_mask(_hulls(sitter, FEATURES)), 0.02 * sitter.face, 0.02 * sitter.face)
    return np.asarray(parts_of(sitter).skin * (1 - features))


def _person(sitter: Sitter) -> "np.ndarray":
    return sitter.alpha


def _hulls(sitter: Sitter, groups: tuple[tuple[int, ...], ...]) -> "np.ndarray":
    import numpy as np

    shape = sitter.alpha.shape
    return np.logical_or.reduce([hull(sitter.landmarks[list(g)], shape) for g in groups])


def _as_mask(where: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return where.astype(np.float32)


_MAKERS: dict[str, Callable[[Sitter], "np.ndarray"]] = {
    "background": _background,
    "wardrobe": _wardrobe,
    "hair": _hair,
    "face": _face,
    "eyes": _eyes,
    "mouth": _mouth,
    "glasses": _glasses,
    "skin": _skin,
    "person": _person,
}
