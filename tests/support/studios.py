"""A studio that draws test cards: real files, no models, and faults on demand."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from engine import errors
from engine.base import Box, Capabilities, Drawing, KeyLight, Photo, Report
from engine.blobs import DiskBlobs
from engine.errors import EngineError, PhotoRejected
from engine.jobs import Render
from engine.shots import LightPlan, Operation, Scalar, Shot

FACTORY = "support.studios:card_studio"
WIDTH, HEIGHT = 90, 120
Slots = dict[str, tuple[Scalar, ...] | None]
Honours = dict[Operation, Slots]
HONOURED: Slots = {
    "backdrop": None,
    "age": None,
    "lighting": ("butterfly", "loop"),
}


def worker_env() -> dict[str, str]:
    """Environment overrides with which a worker process can import this module."""
    tests = Path(__file__).parents[1]
    return {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}


def card_studio(settings: Mapping[str, str]) -> "CardStudio":
    """The factory for worker processes; `settings` are `CardStudio`'s arguments as text."""
    if settings.get("broken"):
        raise ImportError("this studio cannot be built")
    if (name := settings.get("needs_env")) and name not in os.environ:
        raise ImportError(f"{name} must be set before the studio is imported")
    return CardStudio(
        DiskBlobs(Path(settings["blobs"])),
        delay=float(settings.get("delay", "0")),
        steps=int(settings.get("steps", "2")),
        mark_warm="mark_warm" in settings,
    )


class CardStudio:
    """Draws a plain labelled card per shot, in `steps` steps of `delay` seconds each.

    A shot's `prompt` may ask for a fault, so that faults cross a process as plain data:

        fail:CODE     raise the engine's error of that code
        raise         raise a foreign exception
        crash         kill this process, always
        spoiled_once  find this process spoiled, the first time this shot is made
        crash_once    kill this process, the first time this shot is made
        hang          report one step, then nothing until the file `release` exists in the blobs
        noise         print on stdout and stderr, then go on
        hold          report again and again until that file exists
    """

    def __init__(
        self, blobs: DiskBlobs, delay: float = 0.0, steps: int = 2, mark_warm: bool = False
    ) -> None:
        self._blobs, self._delay, self._steps = blobs, delay, steps
        self._mark_warm = mark_warm
        self._folder = blobs.path("0" * 64 + ".png").parents[1]

    def warm(self) -> None:
        """Leave a mark that says so, where asked to."""
        if not self._mark_warm:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "warmed").touch()

    def capabilities(self) -> Capabilities:
        """Some slots whole, one in part, the rest not at all."""
        honours: Honours = {"generate": HONOURED, "swap": HONOURED, "upscale": {}}
        return Capabilities("card", honours, reasons={"pose": "not_honoured_pose"})

    def steps(self, shot: Shot) -> dict[str, float]:
        """`step_0`, `step_1`, ... at the configured delay each."""
        return {f"step_{i}": max(self._delay, 0.001) for i in range(self._steps)}

    def receive(self, data: bytes) -> Photo:
        """Accept anything that looks like a PNG; `b"foreign"` breaks the studio."""
        if data == b"foreign":
            raise ValueError("a library is unhappy")
        if not data.startswith(b"\x89PNG"):
            raise PhotoRejected("not a PNG", code="photo_not_an_image", got=len(data))
        return Photo(self._blobs.put(data, "png"), WIDTH, HEIGHT, (Box(1, 2, 3, 4),))

    def draw(self, plan: LightPlan) -> Drawing:
        """Two small files that name the light."""
        title = plan.labels["title"]
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'><title>{title}</title></svg>".encode()
        card = draw_card(Shot("swap", sum(map(ord, title))))
        return Drawing(self._blobs.put(card, "png"), self._blobs.put(svg, "svg"), WIDTH, HEIGHT)

    def render(self, shot: Shot, report: Report) -> Render:
        """Draw the card, in steps, with the fault the prompt asks for."""
        fault, _, argument = shot.prompt.partition(":")
        for number in range(self._steps):
            report(f"step_{number}", 0.0)
            time.sleep(self._delay)
            if number == 0:
                self._fault(fault, argument, shot, report)
        self._note("made", shot)
        card = draw_card(shot)
        blob = self._blobs.put(card, "png")
        return Render(blob, blob, WIDTH, HEIGHT, shot.seed, "card", timings={"draw": 0.0})

    def _fault(self, fault: str, argument: str, shot: Shot, report: Report) -> None:
        if fault == "fail":
            raise _error(argument)
        if fault == "raise":
            raise ZeroDivisionError("a secret traceback")
        if fault == "spoiled_once" and self._note("spoiled", shot) == 1:
            raise errors.ProcessSpoiled("an illegal memory access was encountered")
        if fault == "crash" or (fault == "crash_once" and self._note("crash", shot) == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "noise":
            sys.stdout.write('{"type":"answer","call":1,"result":null}\nchatter\n')
            sys.stdout.flush()
            os.write(1, b"\xff\xfe raw noise without an end of line")
            sys.stderr.write("x" * 100_000 + "\n")
        while fault in ("hang", "hold") and not (self._folder / "release").exists():
            time.sleep(0.005)
            if fault == "hold":
                report("step_0", 0.5)

    def _note(self, what: str, shot: Shot) -> int:
        """Leave a mark on disk, which outlives a crash; returns how many there are now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        notes = self._folder / f"{what}-{shot.seed}.log"
        with notes.open("a") as file:
            file.write(f"{os.getpid()} {threading.get_ident()}\n")
        return len(notes.read_text().splitlines())


class CoachStudio(CardStudio):
    """Test cards with everything around them: light, advice, numbers, first looks, truth sheets.

    A picture of one's own is always lit from the wrong side. A photo that ends with `b"none"`,
    `b"three"` or `b"dark"` has no face, three faces, or a hint.
    """

    def receive(self, data: bytes) -> Photo:
        """The photo with what a coach would see in it."""
        photo = super().receive(data)
        count = 0 if data.endswith(b"none") else 3 if data.endswith(b"three") else 1
        return structs.replace(
            photo,
            faces=tuple(Box(10 * n, 10, 8, 8) for n in range(count)),
            hints=("photo_advice",) if data.endswith(b"dark") else (),
            light=KeyLight(-0.8, 0.6, 0.2, 0.4, 0.9) if count else None,
            diagram=self._extra("diagram", photo.blob) if count else "",
            numbered=self._extra("numbered", photo.blob) if count > 1 else "",
        )

    def render(self, shot: Shot, report: Report) -> Render:
        """The card, after a first look at it, with a truth sheet where there was a photo."""
        report("step_0", 0.0, self._extra("look", f"{shot.seed}{shot.operation}"))
        render = super().render(shot, report)
        truth = (
            self._extra("truth", f"{shot.seed}{shot.source}") if shot.operation == "swap" else ""
        )
        own = shot.backdrop.kind == "picture"
        notes = ("note_backdrop_disagrees",) if own else ()
        return structs.replace(render, truth=truth, notes=notes)

    def _extra(self, what: str, of: str) -> str:
        card = draw_card(Shot("swap", sum(map(ord, f"{what}{of}"))))
        return self._blobs.put(card, "png")


def times_made(blobs: Path, seed: int) -> int:
    """How often the shot with this seed was drawn to the end."""
    notes = blobs / f"made-{seed}.log"
    return len(notes.read_text().splitlines()) if notes.exists() else 0


def draw_card(shot: Shot) -> bytes:
    """A PNG that says "TEST CARD" and the seed: nobody could take it for a portrait."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    card = Image.new("RGB", (WIDTH, HEIGHT), shot.backdrop.colour)
    draw = ImageDraw.Draw(card)
    draw.rectangle((4, 4, WIDTH - 5, HEIGHT - 5), outline="black")
    draw.multiline_text((12, 40), f"TEST CARD\n{shot.operation}\n#{shot.seed}", fill="black")
    buffer = BytesIO()
    card.save(buffer, "PNG")
    return buffer.getvalue()


def _error(code: str) -> EngineError:
    kinds = [k for k in vars(errors).values() if getattr(k, "code", None) == code]
    return (kinds or [EngineError])[0]("asked for", code=code, name="a-weight")
