"""One person's running conversation, as plain data. Never pixels."""

from typing import Literal

from msgspec import Struct, field

from bot.core.preferences import Preferences
from bot.core.replies import Posted
from bot.core.series_plan import SeriesPlan
from bot.core.spec import Draft, Scalar
from bot.core.usage import Usage
from engine.base import Photo
from engine.jobs import Job, Render
from engine.shots import Shot

ActionKind = Literal[
    "set", "edit", "shoot", "surprise", "again", "other_backdrop", "warmer", "softer", "upscale",
    "cancel", "undo", "consent", "refuse", "delete", "restart", "skip", "forget",
    "cutout", "print", "truth", "sitter", "use_anyway", "resend", "own_backdrop", "no_backdrop",
    "series", "pick", "file", "settings", "prefer", "use_photo",
    "table", "revise",
    "vary", "outpaint", "made",
    "arrived", "send_again",
    "lock", "unlock",
    "send_out", "keep_in",
    "invent", "keep",
]  # fmt: skip
MAYBE = "maybe:"
"""What `pending` begins with after "did you mean …?"; the slot and the value follow."""
WARNED = "warn_"
"""What `pending` begins with after a contradiction was named: the key of its sentence."""
SURE = "sure:"
"""What `pending` begins with after "shall I delete it?"; the picture follows, or "" for all."""
HOW_MANY = "series:"
"""What `pending` begins with after "how many shall the set have?"; the picture follows, or ""."""
JobStatus = Literal["submitted", "done", "failed", "cancelled"]
DeliveryState = Literal["pending", "sending", "sent", "unsure", "asked", "undeliverable"]


class Action(Struct, frozen=True):
    """What a tap means. `once` ones work a single time; `version` is the brief it stood on.

    `label` is what the tap said, for the transcript.
    """

    kind: ActionKind
    slot: str = ""
    value: Scalar = ""
    render: str = ""
    job: str = ""
    version: int = 0
    once: bool = False
    label: str = ""


class Offered(Struct, frozen=True):
    """An action a session was offered, and whether a once-only tap was already used."""

    session: str
    action: Action
    used: bool = False


class Session(Struct, frozen=True):
    """State between turns.

    `photo` is the sitter's selfie, `consented` the blobs they may use, `asked` the slots already
    asked for, `pending` what the last question was about, `current` the render being talked about,
    `told` the notices already given, `mode` whether
    we invent a sitter or use the photo. `sitter` is whom of a group photo to portray (see `Shot`),
    None while nobody said; `before` the photo that the latest one replaced, `backdrop_photo` their
    own picture to hang behind them; `then` what to do once the photo may be used, and `times` by
    how much it is to be enlarged then.
    `likes` is a copy of what history keeps for the person, `card` the place of the settings card;
    `album` are further photos that came with the sitter's; `drawn` the blobs of the light plan
    shown last, `brief` the last brief card's place; `plan` is the set being planned. `shared` says
    that others read along where it was last spoken in. `offered` is
    what was last explained or advised ("slot:value"), for a "that one, then"; `lost`
    how many messages in a row were not understood.
    """

    id: str
    person: str
    draft: Draft = Draft()
    photo: Photo | None = None
    consented: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    pending: str = ""
    current: str = ""
    told: tuple[str, ...] = ()
    mode: Literal["generate", "swap"] = "generate"
    sitter: int | None = None
    before: Photo | None = None
    backdrop_photo: str = ""
    then: Literal["", "cutout", "backdrop", "portrait", "upscale"] = ""
    times: Scalar = ""
    likes: Preferences = Preferences()
    card: int = 0
    album: tuple[Photo, ...] = ()
    drawn: tuple[str, ...] = ()
    brief: int = 0
    plan: SeriesPlan | None = None
    shared: bool = False
    offered: str = ""
    lost: int = 0


def leaves_of(photo: Photo) -> tuple[str, ...]:
    """Every blob that came of an upload: the photo itself first, then what was drawn of it."""
    return tuple(filter(None, (photo.blob, photo.diagram, photo.numbered)))


class JobRecord(Struct, frozen=True):
    """A job as history keeps it, written before it is submitted. `seq` is its progress entry."""

    job: Job
    session: str
    person: str
    seq: int
    spec_version: int
    status: JobStatus = "submitted"


class Delivery(Struct, frozen=True):
    """A job's last entry on its way to the person; `posted` is what to send for it.

    pending: to be sent. sending: on its way. sent: noted as sent. unsure: it may have arrived, the
    person is to be asked (then `posted` is the question). asked: they were. undeliverable: it
    certainly did not arrive and waits for the person's next message or the next start.
    """

    job: str
    session: str
    posted: Posted
    state: DeliveryState = "pending"


class RenderRecord(Struct, frozen=True):
    """A finished picture and what makes it again. `number` counts within the session.

    `created` is when, in UTC ("2024-05-12T08:30:00.000Z"); history fills in what is left "".
    """

    id: str
    session: str
    job: str
    shot: Shot
    render: Render
    number: int = 0
    deleted: bool = False
    created: str = ""


class Exchange(Struct, frozen=True):
    """One reading of the sitter's words, for the record: who read it and how.

    `prompt` is the name and the hash of the instructions a model had, `instructions` their text
    (kept once, and found again with each exchange); `spec` and `pending` are what stood in them
    then, so that `prompts.interviewer.told` gives what the model was told, word for word. `usage`
    is what it took.
    """

    reader: str
    text: str
    reading: dict[str, object] = field(default_factory=dict)
    prompt: str = ""
    usage: Usage = Usage()
    instructions: str = ""
    spec: dict[str, Scalar] = {}
    pending: str = ""
