"""What the studio does back: plain data that every front-end can show in its own way."""

from typing import Literal

from msgspec import Struct

from bot.core.spec import Source

Style = Literal["plain", "primary", "danger"]


class Choice(Struct, frozen=True):
    """A tap. `id` is known to history, so it works after a restart."""

    id: str
    label: str
    style: Style = "plain"


class BriefLine(Struct, frozen=True):
    """One field of the brief: where it came from, and whether this studio can honour it.

    `swatch` is an sRGB hex colour where one can be shown; `note` says why it is not honoured.
    """

    slot: str
    label: str
    value: str
    source: Source
    quote: str = ""
    honoured: bool = True
    note: str = ""
    swatch: str = ""


class Brief(Struct, frozen=True):
    """The brief card."""

    title: str
    lines: tuple[BriefLine, ...]
    version: int
    notes: tuple[str, ...] = ()


class Picture(Struct, frozen=True):
    """A picture: `preview` (JPEG) and `full` (PNG, or a print's PDF) are blob ids; sizes in pixels.

    An empty `render` says that it only explains something (a diagram, a numbered photo, a truth
    sheet): it is neither numbered nor offered as a file. Its sizes may be 0: not known.
    """

    render: str
    preview: str
    full: str
    width: int
    height: int
    alt: str
    caption: str = ""


class Heard(Struct, frozen=True, tag="heard"):
    """The person's own turn, as the transcript keeps it. `photo` is a blob id."""

    text: str = ""
    photo: str | None = None


class Say(Struct, frozen=True, tag="say"):
    """A sentence."""

    text: str
    choices: tuple[Choice, ...] = ()


class Ask(Struct, frozen=True, tag="ask"):
    """A question with taps to answer it; may carry the brief card."""

    text: str
    choices: tuple[Choice, ...] = ()
    brief: Brief | None = None


class Progress(Struct, frozen=True, tag="progress"):
    """A job under way. `fraction` 0..1; `remaining_s` seconds; `position` jobs ahead.

    `preview` is the blob of a first look, gone when the job has ended.
    """

    job: str
    text: str
    fraction: float = 0.0
    remaining_s: float | None = None
    position: int | None = None
    state: Literal["waiting", "working", "done", "failed", "cancelled"] = "waiting"
    choices: tuple[Choice, ...] = ()
    preview: str | None = None


class Gallery(Struct, frozen=True, tag="gallery"):
    """Finished pictures with what can be done next.

    `carry` is how they come where looking and keeping are two things: as a compressed photo, as
    the lossless file, or both.
    """

    text: str
    pictures: tuple[Picture, ...]
    choices: tuple[Choice, ...] = ()
    carry: Literal["both", "photo", "file"] = "both"


class Apology(Struct, frozen=True, tag="apology"):
    """What went wrong and what the person can do. `error_id` stands in the log line too."""

    text: str
    code: str
    error_id: str = ""
    choices: tuple[Choice, ...] = ()


Reply = Say | Ask | Progress | Gallery | Apology
Entry = Heard | Reply


class Posted(Struct, frozen=True):
    """An entry at its place in the transcript; the same `seq` again replaces the first.

    `seq` 0 means that the entry could not be kept: show it, do not wait for a replacement.
    """

    seq: int
    entry: Entry
