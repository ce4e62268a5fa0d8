"""A frame that came out wrong is seen by measuring real pictures, shot again, and then agrees."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec import structs
from support.sittings import PERSON, WORDS, Sitting, sitting

from bot.core.replies import Gallery
from bot.core.spec import Scalar
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Capabilities, Photo, Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render
from engine.shots import Shot
from engine.studio.embedded import EmbeddedStudio

pytestmark = pytest.mark.slow
LIKELY_S = 240.0


class Mishap:
    """The real studio, in which the backdrop paper hangs wrong behind one frame's first take."""

    def __init__(self, real: EmbeddedStudio, colour: str) -> None:
        self._real, self._colour = real, colour
        self.takes: list[int] = []
        """Seeds of the spoiled frame's takes since the mishap was set up."""
        self.spoiled: dict[str, Scalar] | None = None
        """What that frame asks for: the first close-up; another one may differ in its light."""
        self.armed = False

    def capabilities(self) -> Capabilities:
        return self._real.capabilities()

    def steps(self, shot: Shot) -> dict[str, float]:
        return self._real.steps(shot)

    def receive(self, data: bytes) -> Photo:
        return self._real.receive(data)

    def draw(self, plan):  # noqa: ANN001, ANN201 - passed on
        return self._real.draw(plan)

    def plan(self, shots):  # noqa: ANN001, ANN201 - passed on
        return self._real.plan(shots)

    def forget(self) -> None:
        self._real.forget()

    def render(self, shot: Shot, report: Report) -> Render:
        if self.armed and self.spoiled is None and shot.spec.get("shot") == "close-up":
            self.spoiled = shot.spec
        if self.armed and shot.spec == self.spoiled:
            self.takes.append(shot.seed)
            if len(self.takes) == 1:
                paper = structs.replace(shot.backdrop, colour=self._colour)
                shot = structs.replace(shot, backdrop=paper)
        return self._real.render(shot, report)


@pytest.fixture
async def stage(
    tmp_path: Path, weights: Callable[[str], Path]
) -> AsyncIterator[tuple[Sitting, Mishap]]:
    blobs = DiskBlobs(tmp_path / "blobs")
    studio = Mishap(EmbeddedStudio(blobs, weights, "u2netp"), "#7d9a6a")
    engine = InProcessEngine(studio)
    reader = LexiconInterviewer(WORDS)
    async with sitting(tmp_path, interviewer=reader, engine=engine) as guest:
        yield guest, studio


@pytest.fixture
def selfie(astronaut: Path) -> bytes:
    return astronaut.read_bytes()


async def test_an_outlier_is_measured_shot_again_and_mended(
    stage: tuple[Sitting, Mishap], selfie: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Green paper among grey: it is named, one more take is made of that frame alone, the report
    then agrees, and the green one is gone."""
    monkeypatch.setattr("support.sittings.PATIENCE_S", LIKELY_S)
    guest, studio = stage
    await guest.send(selfie, "put me on a light grey backdrop")
    await guest.say("yes")
    await guest.say("use it")
    await guest.pictures()
    await guest.say("give me a set of three for my site")
    await guest.say("all on light grey")
    studio.armed = True
    await guest.say("shoot")
    await guest.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) > 2 for e in es))
    assert WORDS.say("set_again", frames="2") in guest.says
    first, second = studio.takes
    assert first != second, "the same take would come out the same"
    told = next(e for e in guest.channel.entries if isinstance(e, Gallery) and e.pictures[2:]).text
    assert WORDS.say("set_mended", frames="2") in told
    assert WORDS.say("set_agrees", what="#").split("#")[0] in told
    kept = [record.shot for record in await guest.history.renders(PERSON)]
    assert second in [shot.seed for shot in kept]
    assert sum(bool(shot.frames) for shot in kept) == 1, (
        "the contact sheet with the green one is gone"
    )
