"""A shot: one image with every decision taken, as plain data that crosses a network."""

from typing import Literal

from msgspec import Struct, field

Operation = Literal[
    "generate", "swap", "upscale", "cutout", "print", "contact-sheet",
    "vary", "inpaint", "edit", "outpaint",
]  # fmt: skip
Change = Literal["", "subtle", "strong"]
BackdropKind = Literal[
    "seamless", "canvas", "gradient", "blur", "brick", "marble", "plaster", "foliage", "city",
    "window", "library", "picture",
]  # fmt: skip
Scalar = str | int | float
SCALES = (1, 2, 3, 4, 6)
NATIVE_SIDE, LONGEST_SIDE = 1366, 8196
"""Long sides in pixels: of a picture at scale 1, and of the largest that any studio makes: about 50
megapixels of 3:4, 70 cm at 300 dpi. Beyond that all detail is made up and most programs stall."""
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

    `source` is its JPEG's blob, "#3" for shot 3 (from 0) of the same job, or "" for one that could
    not be made: the sheet leaves it out. `caption` stands under
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
    the photo to swap or to cut out, or of the picture to upscale or print; `scale` is one of
    `SCALES`: how many times the studio's native size the picture is to have, or of an upscale how
    many times its source's, up to `LONGEST_SIDE`. `aspect` is "W:H" with W <= H. `sitter` says whom
    of a group photo to portray: an index into `Photo.faces`, or
    `EVERYONE` to keep the group. A print's spec holds `size` (a name of
    `engine.studio.printing.SIZES`) and `sheet` ("yes" for as many as fit on a page). A contact
    sheet shows `frames`; its spec may hold a `title`. `drawn_as` are the slots a generated face was
    first drawn from, where `spec` changes its expression or age and it is to stay that person;
    empty when the face is drawn from `spec`. `dialects` is the prompt for other families of models:
    "clip" (weighted, within 77 tokens), "prose" (without need of a negative prompt) and
    "structured" (JSON).

    The last four operations need a generative model. "vary" draws `source` anew, `change` says how
    far from it; "inpaint" repaints `region` (a name such as "wardrobe") or what is white in the
    grey picture `mask`; "edit" makes a new portrait of the person in the photo `source`; "outpaint"
    gives `source` more room. `profile` is the model to use, "" for the studio's choice.
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
    dialects: dict[str, str] = field(default_factory=dict)
    change: Change = ""
    region: str = ""
    mask: str | None = None
    profile: str = ""


class Series(Struct, frozen=True):
    """Shots that share their locked fields."""

    shots: tuple[Shot, ...]
    locked: tuple[str, ...] = ()


class LightPlan(Struct, frozen=True):
    """How a shot is to be lit, in numbers, for a drawing of it; nothing a studio has to obey.

    The key stands `aside` degrees from the camera around the sitter (negative: image left) and
    `above` degrees over the eyes, `width` metres wide. `fill` is stops under the key, 0 for none;
    `fill_from` one of "opposite", "below", "camera"; `source` "softbox" or "window"; `behind` how
    many lights are on the backdrop. `backdrop` is sRGB "#rrggbb", "" where it is not one colour;
    `distance` metres from camera to sitter. `labels` are words by part: "key", "fill", "backdrop",
    "camera" and "title".
    """

    aside: float
    above: float
    width: float = 0.9
    fill: float = 0.0
    fill_from: str = "opposite"
    source: str = "softbox"
    behind: int = 0
    backdrop: str = ""
    distance: float = 1.5
    labels: dict[str, str] = field(default_factory=dict)
