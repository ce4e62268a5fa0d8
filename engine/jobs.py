"""Jobs, what happens to them, and what they leave behind. JSON in, JSON out."""

import msgspec
from msgspec import Struct, field

from engine.shots import Series


class Job(Struct, frozen=True):
    """A series handed to the engine. `owner` is whose turn it uses up in the fair queue.

    `made` are shots, by number, that an earlier run has finished, with their JPEGs' blobs: they are
    not made again, and nothing is told of them. An empty blob leaves a shot out: it cannot be made.
    """

    id: str
    owner: str
    series: Series
    made: dict[int, str] = field(default_factory=dict)


class Check(Struct, frozen=True):
    """One measured promise about a picture: `value` against `bound`, in the check's own unit."""

    name: str
    value: float
    bound: str
    passed: bool


class Render(Struct, frozen=True):
    """A finished picture: `blob` is the lossless PNG, `preview` a high-quality JPEG, same size.

    `width` and `height` are pixels; `timings` are seconds by step; `notes` are sentences' keys the
    user should hear (prompts/replies). `truth` (JPEG) shows original, result and what was kept,
    relit, replaced and generated; "" where there is nothing to compare. A print's `blob` is the
    file for the printer, JPEG or PDF; a contact sheet's is a ZIP of its frames and the sheet.
    `facts` fill the blanks of its sentences. `drift` is a contact sheet's report: each frame's
    checks against its anchor, in the order of the frames.
    """

    blob: str
    preview: str
    width: int
    height: int
    seed: int
    model: str
    versions: dict[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    truth: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)
    drift: tuple[tuple[Check, ...], ...] = ()


class Queued(Struct, frozen=True, tag="queued"):
    """Waiting: `position` jobs are ahead (0 = next); `wait_s` is the estimate in seconds."""

    position: int
    wait_s: float


class Started(Struct, frozen=True, tag="started"):
    """A studio has taken the job. `attempt` counts from 1; `total_s` is the estimate in seconds."""

    attempt: int
    total_s: float


class Step(Struct, frozen=True, tag="step"):
    """A step of shot `shot` (from 0). `name` is a replies key; `fraction` of the job, 0..1.

    `preview` is the blob of a first look at this shot, "" while there is none. It belongs to
    whoever reads the events, who also deletes it.
    """

    shot: int
    name: str
    fraction: float
    remaining_s: float
    preview: str = ""


class Rendered(Struct, frozen=True, tag="rendered"):
    """Shot number `shot` (from 0) is finished."""

    shot: int
    render: Render


class Done(Struct, frozen=True, tag="done"):
    """Every shot is rendered."""


class Failed(Struct, frozen=True, tag="failed"):
    """The job ended without all its pictures. `code` names the sentence, `detail` is for logs.

    `facts` fill the blanks of the code's sentence, such as the name of a missing weight.
    """

    code: str
    detail: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)


class Cancelled(Struct, frozen=True, tag="cancelled"):
    """The person called it off."""


JobEvent = Queued | Started | Step | Rendered | Done | Failed | Cancelled
Terminal = (Done, Failed, Cancelled)

_EVENT: msgspec.json.Decoder[JobEvent] = msgspec.json.Decoder(JobEvent)


def encode(value: Job | JobEvent | Render) -> bytes:
    """JSON bytes of a job, an event or a render."""
    return msgspec.json.encode(value)


def decode_job(raw: bytes) -> Job:
    """A job from JSON; raises `msgspec.ValidationError` when it is not one."""
    return msgspec.json.decode(raw, type=Job)


def decode_event(raw: bytes) -> JobEvent:
    """A job event from JSON; raises `msgspec.ValidationError` when it is not one."""
    return _EVENT.decode(raw)
