"""The costly half of a picture: the sitter, cut out, framed, enlarged and with clean edges."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import PhotoRejected
from engine.studio.colour import to_linear, to_srgb
from engine.studio.crop import Extent, Frame, extent, frame, output_size
from engine.studio.crown import close_crown
from engine.studio.deblock import deblock
from engine.studio.faces import Anatomy, Face, FaceFinder, anatomy
from engine.studio.foreground import estimate_foreground
from engine.studio.guided import guided_filter
from engine.studio.light import Light, estimate_light
from engine.studio.matte import Matter
from engine.studio.upscale import Tick, Upscaler

if TYPE_CHECKING:
    import numpy as np

ENLARGE_BY_2, ENLARGE_BY_4 = 1.1, 2.1
EDGE_RADIUS, EDGE_EPS = 2, 1e-4


@dataclass(frozen=True, slots=True)
class Cutout:
    """A sitter in their photo: uint8 HxWx3 `rgb`, float32 HxW `alpha`, landmarks (468,3) pixels.

    `detail` is the share (0..1) of the photo's resolution that holds real detail.
    """

    rgb: "np.ndarray"
    alpha: "np.ndarray"
    landmarks: "np.ndarray"
    anatomy: Anatomy
    light: Light
    extent: Extent
    detail: float = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A sitter at output size: uint8 HxWx3 sRGB `rgb` with clean edges, uint8 HxW `alpha`.

    `enlarged` says how many times the face was enlarged; above 1, detail finer than the photo's
    is computed.
    """

    rgb: "np.ndarray"
    alpha: "np.ndarray"
    landmarks: "np.ndarray"
    frame: Frame
    enlarged: float = 1.0

    @property
    def anatomy(self) -> Anatomy:
        """The face at output size."""
        return anatomy(self.landmarks)


def largest_face(finder: FaceFinder, rgb: "np.ndarray") -> tuple[Face, int]:
    """The largest face and how many people there are. Raises `PhotoRejected` (photo_no_person)."""
    faces = finder.find(rgb)
    if not faces:
        raise PhotoRejected("no face found", code="photo_no_person")
    return faces[0], count_people(faces)


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
) -> Cutout:
    """Cut the person with these landmarks out of a photo; see `Cutout` for `detail`."""
    body = anatomy(landmarks)
    alpha = matter.alpha(rgb, body)
    return Cutout(rgb, alpha, landmarks, body, light, extent(alpha), detail)


def with_crown(cutout: Cutout) -> Cutout:
    """A sampled sitter whose cut crown is closed; the same cutout when nothing was cut."""
    closed = close_crown(cutout.rgb, cutout.alpha)
    if closed is None:
        return cutout
    rgb, alpha, rows = closed
    points = cutout.landmarks.copy()
    points[:, 1] += rows
    body = anatomy(points)
    return Cutout(rgb, alpha, points, body, cutout.light, extent(alpha), cutout.detail)


def develop(
    cutout: Cutout, upscaler: Upscaler, aspect: str, shot: str, scale: int, tick: Tick
) -> Subject:
    """Frame a cutout, enlarge it to output size and clean its edge colours.

    `tick(fraction)` is told before each tile and may raise to stop.
    """
    height, width = cutout.alpha.shape
    window = frame(cutout.anatomy, cutout.extent, (width, height), aspect, shot)
    out_width, out_height = output_size(window, aspect, scale)
    rgb, alpha = _enlarged(cutout, window, (out_width, out_height), upscaler, tick)
    points = cutout.landmarks.copy()
    points[:, :2] = (points[:, :2] - (window.x, window.y)) * (out_width / window.width)
    clean = estimate_foreground(to_linear(rgb), alpha, anatomy(points).width)
    enlarged = out_width / window.width / cutout.detail
    return Subject(_to_bytes(to_srgb(clean)), _to_bytes(alpha), points, window, enlarged)


def _enlarged(
    cutout: Cutout, window: Frame, size: tuple[int, int], upscaler: Upscaler, tick: Tick
) -> "tuple[np.ndarray, np.ndarray]":
    """The frame's part of the photo and its matte at output size."""
    import cv2

    rows, columns = _inside(window, cutout.alpha.shape)
    rgb, alpha = cutout.rgb[rows, columns], cutout.alpha[rows, columns]
    ratio = size[1] / window.height
    face = _face_and_hair(cutout)[rows, columns]
    fine = _super_resolve(rgb, (alpha > 0.01, face), ratio, cutout.detail, upscaler, tick)
    inner = (round(rgb.shape[1] * ratio), round(rgb.shape[0] * ratio))
    method = cv2.INTER_AREA if inner[0] < fine.shape[1] else cv2.INTER_CUBIC
    fine = cv2.resize(fine, inner, interpolation=method)
    edge = _enlarge_alpha(rgb, alpha, fine)
    left, top = round((columns.start - window.x) * ratio), round((rows.start - window.y) * ratio)
    return _placed(fine, left, top, size, cv2.BORDER_REPLICATE), _placed(
        edge, left, top, size, cv2.BORDER_CONSTANT
    )


def _super_resolve(
    rgb: "np.ndarray",
    masks: "tuple[np.ndarray, np.ndarray]",
    ratio: float,
    detail: float,
    upscaler: Upscaler,
    tick: Tick,
) -> "np.ndarray":
    """Enlarge where the first of the bool `masks` holds; where the second does, exactly."""
    import cv2
    import numpy as np

    if ratio <= ENLARGE_BY_2:
        return rgb
    where, face = (mask.astype(np.uint8) for mask in masks)
    if detail < 1:
        # What is finer than the real detail is a pattern, and would be taken for texture.
        size = (round(rgb.shape[1] * detail), round(rgb.shape[0] * detail))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        where, face = (cv2.resize(m, size, interpolation=cv2.INTER_NEAREST) for m in (where, face))
    factor = 2 if ratio / detail <= ENLARGE_BY_4 else 4
    return upscaler.enlarge(deblock(rgb), factor, tick, where > 0, face > 0)


def _face_and_hair(cutout: Cutout) -> "np.ndarray":
    """bool HxW, true in the landmarks' box grown by half a face width."""
    import numpy as np

    mask = np.zeros(cutout.alpha.shape, bool)
    grow = 0.5 * cutout.anatomy.width
    left, top = np.maximum(cutout.landmarks[:, :2].min(0) - grow, 0).astype(int)
    right, low = np.maximum(cutout.landmarks[:, :2].max(0) + grow, 0).astype(int)
    mask[top:low, left:right] = True
    return mask


def _enlarge_alpha(rgb: "np.ndarray", alpha: "np.ndarray", fine: "np.ndarray") -> "np.ndarray":
    """Bring the matte to the size of `fine`, following its edges when it grows."""
    import cv2
    import numpy as np

    size = (fine.shape[1], fine.shape[0])
    if fine.shape[1] <= ENLARGE_BY_2 * rgb.shape[1]:
        return cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    plain = cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    sharp = guided_filter(rgb, alpha, EDGE_RADIUS, EDGE_EPS, fine_guide=fine)
    sharp = np.clip((sharp - 0.03) / 0.94, 0, 1)
    band = cv2.blur(((plain > 0.02) & (plain < 0.98)).astype(np.float32), (5, 5))
    return plain + np.minimum(1, 2 * band) * (sharp - plain)


def _inside(window: Frame, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The whole photo pixels that the frame covers."""
    top, left = max(0, int(window.y)), max(0, int(window.x))
    low = min(shape[0], round(window.y + window.height + 0.5))
    right = min(shape[1], round(window.x + window.width + 0.5))
    return slice(top, low), slice(left, right)


def _placed(
    layer: "np.ndarray", left: int, top: int, size: tuple[int, int], border: int
) -> "np.ndarray":
    """Lay a layer at (left, top) of a canvas of `size`, cut or extended by `border`.

    A gap of up to 3 pixels is rounding, not free space, and is closed by repeating the rim.
    """
    import cv2

    right, low = size[0] - left - layer.shape[1], size[1] - top - layer.shape[0]
    cut = layer[max(0, -top) : layer.shape[0] + min(0, low)]
    cut = cut[:, max(0, -left) : layer.shape[1] + min(0, right)]
    for reach, method in ((3, cv2.BORDER_REPLICATE), (None, border)):
        gaps = [max(0, gap) for gap in (top, low, left, right)]
        a, b, c, d = (gap if reach is None or gap <= reach else 0 for gap in gaps)
        cut = cv2.copyMakeBorder(cut, a, b, c, d, method)
        top, low, left, right = top - a, low - b, left - c, right - d
    return cut


def _to_bytes(value: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return (np.clip(value, 0, 1) * 255 + 0.5).astype(np.uint8)
