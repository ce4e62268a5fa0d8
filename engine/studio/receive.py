"""An upload becomes a photo: stored, its people found, its light read, the coach asked."""

from typing import TYPE_CHECKING

from engine.base import Box, Photo
from engine.blobs import DiskBlobs
from engine.studio.coach import advise, measure
from engine.studio.diagram import draw_diagram
from engine.studio.faces import Face, FaceFinder
from engine.studio.numbered import number_people
from engine.studio.photo import SHORTEST_SIDE, Decoded, decode_with_alpha, encode_photo
from engine.studio.subject import read_face

if TYPE_CHECKING:
    import numpy as np

PANORAMA = 2.5
"""Longer than this, a photo is cut to its person: what else it shows never reaches a portrait."""
MATTERS = 0.4
ROOM = 1.5
"""Length of that cut, in short sides."""


def receive(data: bytes, blobs: DiskBlobs, finder: FaceFinder) -> Photo:
    """Store an upload and say all that can be said about it at once.

    `Photo.faces` holds the people who matter, largest first; faces of passers-by are left out.
    Raises `PhotoRejected` and `WeightsMissing`.
    """
    photo = decode_with_alpha(data)
    photo, faces = _look(photo, finder)
    blob = blobs.put(encode_photo(photo), "png")
    rgb = photo.rgb
    height, width = rgb.shape[:2]
    if not faces:
        return Photo(blob, width, height, hints=advise(None))
    landmarks, light = read_face(finder, rgb, faces[0])
    hints = advise(measure(rgb, faces, len(faces), landmarks, light))
    boxes = tuple(face.box for face in faces)
    key = light.as_key_light()
    return Photo(
        blob=blob,
        width=width,
        height=height,
        faces=boxes,
        hints=hints,
        light=key,
        diagram=blobs.put(draw_diagram(key), "png"),
        numbered=_numbered(rgb, boxes, blobs),
    )


def _look(photo: Decoded, finder: FaceFinder) -> tuple[Decoded, tuple[Face, ...]]:
    """The photo, a panorama cut to its largest face, and the people who matter in it."""
    faces = finder.find(photo.rgb)
    window = _person_of_a_panorama(photo.colour.shape, faces)
    if window is not None:
        rows, columns = window
        alpha = None if photo.alpha is None else photo.alpha[rows, columns]
        photo = Decoded(photo.colour[rows, columns], alpha)
        faces = finder.find(photo.rgb)
    return photo, people_who_matter(faces)


def people_who_matter(faces: tuple[Face, ...]) -> tuple[Face, ...]:
    """Those whom `engine.studio.subject.count_people` counts, in their order."""
    return tuple(f for f in faces if f.box.width >= MATTERS * faces[0].box.width)


def _person_of_a_panorama(
    shape: tuple[int, ...], faces: tuple[Face, ...]
) -> tuple[slice, slice] | None:
    """Rows and columns to keep of a very long photo; None for any other, or without a face."""
    height, width = shape[:2]
    short, long = sorted((height, width))
    if not faces or long <= PANORAMA * short or short < SHORTEST_SIDE:
        return None
    box = faces[0].box
    middle = box.x + box.width / 2 if width > height else box.y + box.height / 2
    length = round(ROOM * short)
    start = min(max(0, round(middle - length / 2)), long - length)
    kept = slice(start, start + length)
    return (slice(0, height), kept) if width > height else (kept, slice(0, width))


def _numbered(rgb: "np.ndarray", boxes: tuple[Box, ...], blobs: DiskBlobs) -> str:
    """A picture to choose from, where there is a choice."""
    return blobs.put(number_people(rgb, boxes), "jpg") if len(boxes) > 1 else ""
