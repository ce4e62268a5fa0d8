"""The studio for people without a card: a server draws, and every gate stands on this machine."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.base import Capabilities, Drawing, Photo, Report
from engine.blobs import DiskBlobs
from engine.errors import NoAdultFound, PhotoRejected, StudioFailed
from engine.jobs import Check, Render
from engine.shots import LightPlan, Shot
from engine.studio import wish
from engine.studio.checks import sentences, tags
from engine.studio.checks.bounds import most
from engine.studio.clock import Clock
from engine.studio.embedded import EmbeddedStudio, studio_version
from engine.studio.encode import SourceType, source_type_of
from engine.studio.files import Files
from engine.studio.hosted import asking, fitting
from engine.studio.hosted.capabilities import NAME, OPERATIONS, capabilities
from engine.studio.hosted.gates import Gates
from engine.studio.hosted.images_client import ImagesClient
from engine.studio.hosted.large import enlarged
from engine.studio.hosted.settings import Server
from engine.studio.older import older
from engine.studio.photo import read_source
from engine.studio.upscale import Upscaler

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.hosted.gates import Seen

Tick = Callable[[float], None]
ATTEMPTS = 3
"""Each costs money."""
LIKENESS = 0.6
LOOK = 768
KEPT = 4
SECONDS = {
    "step_hosted": 30.0,
    "step_check": 1.0,
    "step_look": 0.2,
    "step_upscale": 6.0,
    "step_encode": 0.8,
}


class HostedStudio:
    """Implements `engine.base.Studio` over a server that speaks OpenAI's images API.

    Only shots whose profile is "hosted" are sent there; the rest is `embedded`'s work. `weights`
    resolves the models of the gates. One instance serves one thread at a time.
    """

    def __init__(
        self,
        embedded: EmbeddedStudio,
        blobs: DiskBlobs,
        weights: Callable[[str], Path],
        server: Server,
        files: Files,
        *,
        gates: Gates | None = None,
    ) -> None:
        self._embedded, self._blobs, self._files = embedded, blobs, files
        self._server, self._client = server, ImagesClient(server, SECONDS["step_hosted"])
        self._gates, self._upscaler = gates or Gates(weights), Upscaler(weights)
        self._sitters: OrderedDict[str, np.ndarray] = OrderedDict()

    def capabilities(self) -> Capabilities:
        """What the server can be asked for, where it is, and what stays here."""
        return capabilities(self._embedded.capabilities(), self._server)

    def steps(self, shot: Shot) -> dict[str, float]:
        """Steps in order with expected seconds."""
        return dict(SECONDS) if _sent(shot) else self._embedded.steps(shot)

    def receive(self, data: bytes) -> Photo:
        """Store an upload, here. Raises `PhotoRejected`."""
        return self._embedded.receive(data)

    def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, here."""
        return self._embedded.draw(plan)

    def forget(self) -> None:
        """Let go of what is remembered from shot to shot."""
        self._embedded.forget()
        self._sitters.clear()

    def render(self, shot: Shot, report: Report) -> Render:
        """Make the picture. Raises an `EngineError`; `JobCancelled` comes out of `report`."""
        if not _sent(shot):
            if shot.operation in OPERATIONS and shot.operation != "generate":
                raise StudioFailed(f"{shot.operation} was not agreed to", code="outside_not_agreed")
            return self._embedded.render(shot, report)
        clock = Clock(report)
        if shot.operation == "generate":
            return self._generate(shot, clock)
        return self._change(shot, clock)

    def _generate(self, shot: Shot, clock: Clock) -> Render:
        wish.face_request(shot)  # refuses a child's age before anything is sent
        known = self._sitters.get(asking.sitter(shot))
        if known is not None:
            try:
                return self._again(shot, known, clock)
            except StudioFailed as error:
                if error.code != "images_cannot":
                    raise
        render = self._invent(shot, clock)
        notes = (*render.notes, "note_other_sitter") if known is not None else render.notes
        return msgspec.structs.replace(render, notes=notes)

    def _invent(self, shot: Shot, clock: Clock) -> Render:
        size, prompt = asking.size_for(shot.aspect, self._server.sizes), asking.words(shot)
        picture, seen = self._adult(
            lambda words, tick: self._client.generate(words, size, tick),
            prompt,
            clock,
            invented=True,
        )
        _remember(self._sitters, asking.sitter(shot), picture)
        return self._finish(shot, picture, seen, "trainedAlgorithmicMedia", clock)

    def _again(self, shot: Shot, known: "np.ndarray", clock: Clock) -> Render:
        """Another picture of somebody invented before: of one seed comes one sitter, as here."""
        size = asking.size_for(shot.aspect, self._server.sizes)
        prompt = asking.words(msgspec.structs.replace(shot, operation="edit"))
        sent = asking.png(known)
        picture, seen = self._adult(
            lambda words, tick: self._client.edit(words, size, [sent], tick),
            prompt,
            clock,
            invented=True,
        )
        return self._finish(shot, picture, seen, "trainedAlgorithmicMedia", clock)

    def _change(self, shot: Shot, clock: Clock) -> Render:
        if shot.source is None:
            raise PhotoRejected("the shot names no picture", code="photo_no_person")
        source = read_source(self._blobs.path(shot.source))[0]
        invented = source_type_of(self._blobs.get(shot.source)) == "trainedAlgorithmicMedia"
        if shot.operation == "inpaint" and shot.mask:
            return self._inpaint(shot, source, invented, clock)
        size = asking.size_for(shot.aspect, self._server.sizes)
        faces = self._gates.faces(source)
        part = asking.sitter_alone(source, faces, shot.sitter)
        sent = asking.png(asking.shrunk(part, max(size)))
        prompt = asking.words(shot)
        picture, seen = self._adult(
            lambda words, tick: self._client.edit(words, size, [sent], tick),
            prompt,
            clock,
            invented=invented,
        )
        return self._finish(
            shot, picture, seen, _kind(invented), clock, None if invented else source
        )

    def _inpaint(self, shot: Shot, source: "np.ndarray", invented: bool, clock: Clock) -> Render:
        """Repaint under a mask; the size stays, and so does every pixel outside it."""
        mask = self._mask(shot, source.shape)
        height, width = source.shape[:2]
        size = asking.size_for(f"{width}:{height}", self._server.sizes)
        canvas = asking.lay_out(source, mask, size)
        prompt, sent, clear = asking.words(shot), asking.png(canvas.rgb), canvas.mask()

        def draw(tick: Tick) -> bytes:
            return self._client.edit(prompt, size, [sent], tick, clear)

        answer = self._drawn(draw, clock)
        picture = fitting.put_back(source, mask, canvas, answer)
        seen = self._gates.look(picture)
        if seen is None:
            raise StudioFailed("the repainted picture shows no face", code="images_no_face")
        if invented and not self._gates.adult(picture, seen):
            raise NoAdultFound("the repainted face reads too young")
        kind = _kind(invented)
        return self._store(shot, picture, kind, clock, None if invented else source)

    def _mask(self, shot: Shot, shape: tuple[int, ...]) -> "np.ndarray":
        import cv2
        import numpy as np

        grey = cv2.imread(str(self._blobs.path(str(shot.mask))), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise StudioFailed("the mask cannot be read")
        grey = cv2.resize(grey, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
        return grey.astype(np.float32) / 255

    def _adult(
        self, ask: Callable[[str, Tick], bytes], prompt: str, clock: Clock, *, invented: bool
    ) -> "tuple[np.ndarray, Seen]":
        """An answer with a face; where nobody is real, an adult's. Tried three times at most, and
        for somebody a little older after one who was too young."""
        found, words = False, prompt
        for attempt in range(1, ATTEMPTS + 1):
            picture = self._drawn(lambda tick, said=words: ask(said, tick), clock)
            with clock.step("step_check"):
                seen = self._gates.look(picture)
                if seen and (not invented or self._gates.adult(picture, seen)):
                    return picture, seen
            found = found or seen is not None
            words = older(prompt, attempt) if seen else prompt
        if found:
            raise NoAdultFound(f"{ATTEMPTS} pictures read too young")
        raise StudioFailed(f"{ATTEMPTS} pictures without a face", code="images_no_face")

    def _drawn(self, ask: Callable[[Tick], bytes], clock: Clock) -> "np.ndarray":
        with clock.step("step_hosted") as tick:
            return fitting.decoded(ask(tick))

    def _finish(
        self,
        shot: Shot,
        answer: "np.ndarray",
        seen: "Seen",
        kind: SourceType,
        clock: Clock,
        person: "np.ndarray | None" = None,
    ) -> Render:
        """The answer cut to its format and enlarged; `person` is the real photo it was made of."""
        with clock.step("step_look"):
            cut = fitting.crop_to(answer, shot.aspect, seen.anatomy)
            self._files.shown(asking.shrunk(cut, LOOK), kind, clock.show)
        with clock.step("step_upscale") as tick:
            heads, upscaler = self._gates.heads, self._upscaler
            large = enlarged(cut, heads, shot.aspect, shot.scale, upscaler, tick)
        return self._store(shot, large, kind, clock, person)

    def _store(
        self,
        shot: Shot,
        picture: "np.ndarray",
        kind: SourceType,
        clock: Clock,
        person: "np.ndarray | None",
    ) -> Render:
        checks: tuple[Check, ...] = ()
        if person is not None:
            apart = self._gates.distance(person, shot.sitter, picture)
            checks = () if apart is None else (most("likeness", apart, LIKENESS),)
        with clock.step("step_encode"):
            blob, preview = self._files.png(picture, kind), self._files.jpeg(picture, kind)
        checks = (*checks, tags(self._blobs.get(blob), kind))
        height, width = picture.shape[:2]
        render = Render(blob, preview, width, height, shot.seed, NAME, timings=clock.seconds)
        return msgspec.structs.replace(
            render, versions=self._versions(), checks=checks, notes=sentences(checks)
        )

    def _versions(self) -> dict[str, str]:
        return {
            "northlight": studio_version(),
            "profile": NAME,
            "model": self._server.model,
            "host": self._server.host,
        }


def _remember(sitters: "OrderedDict[str, np.ndarray]", key: str, picture: "np.ndarray") -> None:
    """Keep the last few, in memory only: whoever deletes a picture has deleted it."""
    sitters[key] = picture
    while len(sitters) > KEPT:
        sitters.popitem(last=False)


def _sent(shot: Shot) -> bool:
    """Whether the person agreed that this one leaves the machine, and it is of use there.

    A picture of their own to hang behind an invented sitter stays here, with its whole portrait.
    """
    own = shot.operation == "generate" and shot.backdrop.kind == "picture"
    return shot.profile == NAME and shot.operation in OPERATIONS and not own


def _kind(invented: bool) -> SourceType:
    return "trainedAlgorithmicMedia" if invented else "compositeWithTrainedAlgorithmicMedia"
