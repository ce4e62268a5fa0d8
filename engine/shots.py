"""A shot: one image with every decision taken, as plain data that crosses a network."""

from typing import Literal

from msgspec import Struct, field

Operation = Literal["generate", "swap", "upscale", "cutout", "print", "contact-sheet"]
BackdropKind = Literal[
    "seamless", "canvas", "gradient", "blur", "brick", "marble", "plaster", "foliage", "city",
    "window", "library", "picture",
]  # fmt: skip
Scalar = str | int | float
SCALES = (1, 2, 4)
EVERYONE = -1


class Backdrop(Struct, frozen=True):
    """What stands behind the sitter, already resolved from the vocabulary.

    `colour` and `accent` are sRGB hex ("#rrggbb"); `accent` is the second tone of two. `source` is
    the blob of the sitter's own picture, for the kind "picture".
    """

    id: str
    kind: BackdropKind
    colour: str = "#9a9a9c"
    accent: str | None = None
    source: str | None = None


class Frame(Struct, frozen=True):
    """One picture of a contact sheet.

    `source` is its JPEG's blob, or "#3" for shot 3 (from 0) of the same job. `caption` stands under
    it; `name` is its file's in the archive, without suffix. `anchor` is the frame (from 0) that it
    is to belong with, and `same` what shall agree between the two: any of "backdrop", "key_side",
    "skin" and "likeness".
    """

    source: str
    caption: str = ""
    name: str = ""
    anchor: int = 0
    same: tuple[str, ...] = ()


class Shot(Struct, frozen=True):
    """One decided image.

    `spec` holds the decided slots by name (see the spec's slot table); `source` is the blob of
    the photo to swap or to cut out, or of the picture to upscale or print; `scale` is how often
    super-resolution doubles: 1, 2 or 4 times the studio's native size. `aspect` is "W:H" with
    W <= H. `sitter` says whom of a group photo to portray: an index into `Photo.faces`, or
    `EVERYONE` to keep the group. A print's spec holds `size` (a name of
    `engine.studio.printing.SIZES`) and `sheet` ("yes" for as many as fit on a page). A contact
    sheet shows `frames`; its spec may hold a `title`. `drawn_as` are the slots a generated face was
    first drawn from, where `spec` changes its expression or age and it is to stay that person;
    empty when the face is drawn from `spec`.
    """

    operation: Operation
    seed: int
    spec: dict[str, Scalar] = field(default_factory=dict)
    backdrop: Backdrop = Backdrop(id="seamless-grey", kind="seamless")
    aspect: str = "3:4"
    scale: int = 2
    source: str | None = None
    prompt: str = ""
    negative: str = ""
    sitter: int = 0
    frames: tuple[Frame, ...] = ()
    drawn_as: dict[str, Scalar] = field(default_factory=dict)


class Series(Struct, frozen=True):
    """Shots that share their locked fields."""

    shots: tuple[Shot, ...]
    locked: tuple[str, ...] = ()
