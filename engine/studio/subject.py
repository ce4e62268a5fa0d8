"""The costly half of a picture: the sitter, cut out, framed, enlarged and with clean edges."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.studio.colour import to_linear, to_srgb
from engine.studio.crop import Extent, Frame, extent, frame, group_frame, output_size, ratio_of
from engine.studio.crown import close_crown
from engine.studio.enlarging import ENLARGE_BY_2, at_output_size, super_resolve, worth
from engine.studio.faces import Anatomy, Face, FaceFinder, anatomy
from engine.studio.foreground import estimate_foreground
from engine.studio.haze import settled, without_islands
from engine.studio.light import Light, estimate_light
from engine.studio.matte import Matter
from engine.studio.mend import disc
from engine.studio.upscale import Tick, Upscaler

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.gentle import Gentler

FOREHEAD = 10
"""The landmark in the middle of the hairline."""
NOISE_ENLARGED, NOISE_WIDTH = 0.55, 0.45
"""What super-resolution leaves of noise, and a dot's sigma in photo pixels: measured."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """A sitter in their photo: uint8 HxWx3 `rgb`, float32 HxW `alpha`, landmarks (468,3) pixels.

    `detail` is the share (0..1) of the photo's resolution that holds real detail; `others` are the
    landmarks of a group's further members. `noise` is what the photo still has of its own, 8-bit
    levels in its own pixels.
    """

    rgb: "np.ndarray"
    alpha: "np.ndarray"
    landmarks: "np.ndarray"
    anatomy: Anatomy
    light: Light
    extent: Extent
    detail: float = 1.0
    others: "tuple[np.ndarray, ...]" = ()
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A sitter at output size: uint8 HxWx3 sRGB `rgb` with clean edges, uint8 HxW `alpha`.

    `enlarged` says how many times the photo's own detail was enlarged, 1 where it was enough.
    `noise` is what is left of the photo's own, 8-bit levels, as dots `noise_width` pixels wide.
    """

    rgb: "np.ndarray"
    alpha: "np.ndarray"
    landmarks: "np.ndarray"
    frame: Frame
    enlarged: float = 1.0
    others: "tuple[np.ndarray, ...]" = ()
    noise: float = 0.0
    noise_width: float = 0.0

    @property
    def anatomy(self) -> Anatomy:
        """The face at output size."""
        return anatomy(self.landmarks)


def count_people(faces: tuple[Face, ...]) -> int:
    """People who matter: faces at least 40 % as wide as the largest."""
    return sum(f.box.width >= 0.4 * faces[0].box.width for f in faces)


def read_face(finder: FaceFinder, rgb: "np.ndarray", face: Face) -> "tuple[np.ndarray, Light]":
    """Landmarks of a face and the light that falls on it."""
    landmarks = finder.landmarks(rgb, face)
    return landmarks, estimate_light(rgb, landmarks)


def cut_out(
    matter: Matter,
    rgb: "np.ndarray",
    landmarks: "np.ndarray",
    light: Light,
    detail: float = 1.0,
    given: "np.ndarray | None" = None,
) -> Cutout:
    """Cut the person with these landmarks out of a photo; see `Cutout` for `detail`.

    `given` is the photo's own cut-out, float32 HxW 0..1: somebody took care, so it is kept.
    """
    body = anatomy(landmarks)
    alpha = matter.alpha(rgb, body, given)
    return Cutout(rgb, alpha, landmarks, body, light, extent(alpha), detail)


def cut_out_group(
    matter: Matter,
    rgb: "np.ndarray",
    read: "list[tuple[np.ndarray, Light]]",
    given: "np.ndarray | None" = None,
) -> Cutout:
    """Cut out everybody whose landmarks are in `read`; the first one's light is the group's."""
    alpha = matter.group_alpha(rgb, [anatomy(points) for points, _ in read], given)
    (points, light), *others = read
    body = anatomy(points)
    rest = tuple(other for other, _ in others)
    return Cutout(rgb, alpha, points, body, light, extent(alpha), others=rest)


def with_crown(cutout: Cutout) -> Cutout:
    """A sampled sitter whose cut crown is closed; the same cutout when nothing was cut."""
    closed = close_crown(cutout.rgb, cutout.alpha, float(cutout.landmarks[FOREHEAD, 1]))
    if closed is None:
        return cutout
    rgb, alpha, rows = closed
    points = cutout.landmarks.copy()
    points[:, 1] += rows
    moved = {"landmarks": points, "anatomy": anatomy(points), "extent": extent(alpha)}
    return replace(cutout, rgb=rgb, alpha=alpha, **moved)


def develop(
    cutout: Cutout, upscaler: Upscaler, aspect: str, shot: str, scale: int, tick: Tick
) -> Subject:
    """Frame a cutout, enlarge it to output size and clean its edge colours.

    `tick(fraction)` is told before each tile and may raise to stop.
    """
    window = window_of(cutout, aspect, shot)
    size = output_size(window, aspect, scale)

    def enlarge(rgb: "np.ndarray", alpha: "np.ndarray", ratio: float) -> "np.ndarray":
        masks = worth(cutout, alpha, window)
        return super_resolve(rgb, masks, ratio, cutout.detail, upscaler, tick)

    return _developed(cutout, window, size, enlarge)


def sketch(cutout: Cutout, aspect: str, shot: str, long_side: int) -> Subject:
    """The same at `long_side` pixels, only interpolated: for a first look."""
    wide, tall = ratio_of(aspect)
    size = (round(long_side * wide / max(wide, tall)), round(long_side * tall / max(wide, tall)))
    window = window_of(cutout, aspect, shot)
    return _developed(cutout, window, size, lambda rgb, _alpha, _ratio: rgb)


def window_of(cutout: Cutout, aspect: str, shot: str) -> Frame:
    """Where the frame goes in the cutout's photo."""
    height, width = cutout.alpha.shape
    if cutout.others:
        bodies = (cutout.anatomy, *(anatomy(points) for points in cutout.others))
        return group_frame(bodies, cutout.extent, (width, height), aspect)
    return frame(cutout.anatomy, cutout.extent, (width, height), aspect, shot)


def _developed(
    cutout: Cutout,
    window: Frame,
    size: tuple[int, int],
    enlarge: "Callable[[np.ndarray, np.ndarray, float], np.ndarray]",
) -> Subject:
    rgb, alpha = at_output_size(cutout, window, size, enlarge)
    ratio = size[0] / window.width
    alpha = without_islands(alpha, cutout.anatomy.width * ratio)

    def placed(landmarks: "np.ndarray") -> "np.ndarray":
        points = landmarks.copy()
        points[:, :2] -= (window.x, window.y)
        # Depth too: a face enlarged in two dimensions only would be flatter, its light harder.
        return points * ratio

    points = placed(cutout.landmarks)
    clean = estimate_foreground(to_linear(rgb), alpha, anatomy(points).width)
    others = tuple(placed(landmarks) for landmarks in cutout.others)
    seen = _to_bytes(to_srgb(clean)), _to_bytes(alpha)
    enlarged = max(1.0, ratio / cutout.detail)
    noise = cutout.noise * (min(1.0, ratio) if ratio <= ENLARGE_BY_2 else NOISE_ENLARGED)
    return Subject(*seen, points, window, enlarged, others, noise, NOISE_WIDTH * ratio)


def gentled(cutout: Cutout, subject: Subject, skin: "np.ndarray", gentle: "Gentler") -> Subject:
    """The subject for a second attempt: `gentle.edge` draws the matte in and cleans its colours,
    `detail` is super-resolution's share of the face (`skin`, float32 HxW), `firm` settles it.
    """
    import cv2

    rgb, alpha, face = subject.rgb, subject.alpha, subject.anatomy.width
    if gentle.detail < 1:
        plain = _placed_photo(cutout, subject)
        share = (1 - gentle.detail) * skin * (alpha == 255)
        rgb = cv2.blendLinear(plain, rgb, share, 1 - share)
    if gentle.firm:
        alpha = _to_bytes(settled(_share(alpha), face, hair=False))
    if gentle.edge > 0:
        alpha = _drawn_in(alpha, max(1, round(0.010 * gentle.edge * face)))
    if alpha is not subject.alpha:
        rgb = _to_bytes(to_srgb(estimate_foreground(to_linear(rgb), _share(alpha), face)))
    return replace(subject, rgb=rgb, alpha=alpha)


def _drawn_in(alpha: "np.ndarray", reach: int) -> "np.ndarray":
    """The matte, uint8 HxW, drawn in by `reach` pixels, with a soft edge."""
    import cv2

    return cv2.GaussianBlur(cv2.erode(alpha, disc(reach)), (0, 0), max(0.6, reach / 3))


def _share(alpha: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return alpha.astype(np.float32) / 255


def _placed_photo(cutout: Cutout, subject: Subject) -> "np.ndarray":
    """The frame's part of the photo at output size, only interpolated."""
    size = (subject.alpha.shape[1], subject.alpha.shape[0])
    return at_output_size(cutout, subject.frame, size, lambda rgb, _alpha, _ratio: rgb)[0]


def _to_bytes(value: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return (np.clip(value, 0, 1) * 255 + 0.5).astype(np.uint8)
