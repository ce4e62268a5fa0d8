"""The engine's port: one verb, `run`, and what surrounds it."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from msgspec import Struct, field, structs

from engine.jobs import Job, JobEvent, Render
from engine.shots import LightPlan, Operation, Scalar, Series, Shot


class Box(Struct, frozen=True):
    """A face's rectangle in pixels of the stored photo."""

    x: int
    y: int
    width: int
    height: int


class KeyLight(Struct, frozen=True):
    """The key light read off a face, as seen in the picture.

    `side` is -1 (from image left) .. 1 (from image right), 0 when flat; `height` -1 (below) .. 1
    (above); `hardness` 0 (overcast) .. 1 (bare bulb); `warmth` -1 (blue shade) .. 1 (candle), 0
    daylight; `confidence` 0..1. `behind` says that the light comes from behind the sitter.
    """

    side: float = 0.0
    height: float = 0.0
    hardness: float = 0.0
    warmth: float = 0.0
    confidence: float = 0.0
    behind: bool = False


class Photo(Struct, frozen=True):
    """A received photo: upright, sRGB, without metadata. `faces` are ordered largest first.

    `hints` are replies keys: the coach's advice, most important first, at most two; empty when
    the photo is good. `light` is the key on the largest face. `diagram` (PNG) shows it drawn, and
    `numbered` (JPEG) the photo with its people numbered from 1 as in `faces`; blob ids or "".
    """

    blob: str
    width: int
    height: int
    faces: tuple[Box, ...] = ()
    hints: tuple[str, ...] = ()
    light: KeyLight | None = None
    diagram: str = ""
    numbered: str = ""


class Drawing(Struct, frozen=True):
    """A light plan as pictures: blob ids of the PNG and the SVG, and the PNG's size in pixels."""

    png: str
    svg: str
    width: int
    height: int


class Outside(Struct, frozen=True):
    """A server that some pictures are made on, away from this machine, and for money.

    `host` is its name, `price` what one picture costs there, in words, "" where that is not known.
    Shots of these `operations` are sent there only if their `profile` is "hosted", which says that
    the person agreed; `here` is what is honoured of them without, and `notice` its licence notice.
    """

    host: str
    operations: tuple[Operation, ...]
    price: str = ""
    here: dict[Operation, dict[str, tuple[Scalar, ...] | None]] = {}
    notice: str | None = None


class Capabilities(Struct, frozen=True):
    """What a studio honours.

    `honours[operation][slot]` is None when every value is honoured, else the values that are.
    `reasons[slot]` is the replies key that says why a slot is not honoured.
    `notice` is the replies key of a licence notice the user must see, if any.
    `batch` is how many shots it can make at once, where they have the same size and model.
    `outside` is where pictures are made that leave this machine, None where none does.
    `scales` are the values of `Shot.scale` it has the memory for, in ascending order.
    """

    studio: str
    honours: dict[Operation, dict[str, tuple[Scalar, ...] | None]]
    reasons: dict[str, str] = field(default_factory=dict)
    notice: str | None = None
    batch: int = 1
    outside: Outside | None = None
    scales: tuple[int, ...] = (1, 2, 3, 4)

    def here(self) -> "Capabilities":
        """The same studio for somebody whose pictures stay on this machine."""
        if self.outside is None:
            return self
        left = {o: h for o, h in self.honours.items() if o not in self.outside.operations}
        honours, notice = left | self.outside.here, self.outside.notice
        return structs.replace(self, honours=honours, notice=notice, outside=None)

    def not_honoured(self, operation: Operation, spec: Mapping[str, Scalar]) -> tuple[str, ...]:
        """Slots of `spec` this studio cannot carry out for `operation`, in the spec's order."""
        honoured = self.honours.get(operation, {})
        return tuple(s for s, v in spec.items() if not _honours(honoured, s, v))


def _honours(honoured: dict[str, tuple[Scalar, ...] | None], slot: str, value: Scalar) -> bool:
    return slot in honoured and ((allowed := honoured[slot]) is None or value in allowed)


class Estimate(Struct, frozen=True):
    """Seconds between which something will probably lie: as wide as little is known of it."""

    least: float
    most: float

    def __add__(self, other: "Estimate") -> "Estimate":
        """One after the other."""
        return Estimate(self.least + other.least, self.most + other.most)


class Engine(Protocol):
    """Runs jobs somewhere. Implementations: a worker process, and an in-process twin."""

    async def start(self) -> None:
        """Get ready to work; cheap and idempotent."""
        ...

    async def close(self) -> None:
        """Stop working; unfinished jobs end without a terminal event and can be run again."""
        ...

    def capabilities(self) -> Capabilities:
        """What the studio behind this engine honours. Never blocks."""
        ...

    async def receive(self, data: bytes) -> Photo:
        """Store an upload: decoded, upright, without metadata. Raises `PhotoRejected`."""
        ...

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, also while a job renders. Raises `EngineUnavailable`."""
        ...

    async def estimate(self, series: Series) -> Estimate:
        """How long a series takes, by what such shots took on this machine so far."""
        ...

    def run(self, job: Job) -> AsyncIterator[JobEvent]:
        """Run the job; the last event is Done, Failed or Cancelled."""
        ...

    async def cancel(self, job_id: str) -> bool:
        """Call a job off within a step. False when no such job waits or runs."""
        ...


class Report(Protocol):
    """How a studio tells its progress. Raises `JobCancelled` when the person called it off."""

    def __call__(self, step: str, fraction: float = 0.0, preview: str = "") -> None:
        """`step` is now running and `fraction` (0..1) of that step is done.

        `preview` is the blob of a first look at the picture, once there is one.
        """
        ...


class Studio(Protocol):
    """Makes pictures, synchronously, in whatever process it lives.

    One whose `Capabilities.batch` is over 1 also has `abreast(shot) -> str`, a word that is equal
    for shots that can be made at once ("" for a shot that must be alone), and
    `render_all(shots, reports) -> list[Render | EngineError]`, in their order; one that is called
    off ends as `JobCancelled` and leaves the others as they are.
    """

    def capabilities(self) -> Capabilities:
        """What this studio honours. Loads nothing."""
        ...

    def steps(self, shot: Shot) -> dict[str, float]:
        """The steps this shot will take, in order, with each one's expected seconds.

        A studio that remembers from shot to shot may have a `plan(shots)`, which says the same of
        each of several in a row.
        """
        ...

    def receive(self, data: bytes) -> Photo:
        """Decode and store an upload. Raises `PhotoRejected`."""
        ...

    def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan; the same plan gives the same blobs."""
        ...

    def render(self, shot: Shot, report: Report) -> Render:
        """Make the picture. Raises an `EngineError`."""
        ...
