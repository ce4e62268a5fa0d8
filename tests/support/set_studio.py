"""A studio for sets: test cards whose contact sheets report the drift they were told to."""

from msgspec import structs

from engine.base import Capabilities, Report
from engine.blobs import DiskBlobs
from engine.errors import StudioFailed
from engine.jobs import Check, Render
from engine.shots import Shot
from engine.studio.wish import capabilities
from support.studios import CardStudio, draw_card

FREE = dict.fromkeys(
    ("backdrop", "lighting", "film", "warmth", "shot", "aspect", "softness", "expression", "age")
)
DIRECTED = FREE | dict.fromkeys(("pose", "wardrobe"))


class SetStudio(CardStudio):
    """Honours what a picture model would, from a photo only what a photo leaves open.

    `apart` are reports to come, one per contact sheet: by frame (from 0) the measures that fail.
    `broken` are the shots, by what their spec holds, that fail. `blind` are slots that make no
    difference to the picture. `notes` are what every picture says. Every shot made is in `shots`.
    """

    def __init__(self, blobs: DiskBlobs, delay: float = 0.0, directed: bool = True) -> None:
        super().__init__(blobs, delay=delay)
        self.apart: list[dict[int, tuple[str, ...]]] = []
        self.broken: tuple[str, str] | None = None
        self.blind: tuple[str, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.shots: list[Shot] = []
        self._directed = directed

    def capabilities(self) -> Capabilities:
        """Poses and clothes only where it can direct."""
        slots = DIRECTED if self._directed else FREE
        photo = {slot: None for slot in FREE if slot not in ("expression", "age")}
        return Capabilities("set", {"generate": slots, "swap": photo})  # pyright: ignore[reportArgumentType] - any value

    def render(self, shot: Shot, report: Report) -> Render:
        """A card; of frames, a card with the drift that was laid ready."""
        if self.broken and shot.spec.get(self.broken[0]) == self.broken[1]:
            raise StudioFailed("asked for")
        self.shots.append(shot)
        render = super().render(shot, report)
        spec = {slot: value for slot, value in shot.spec.items() if slot not in self.blind}
        words = f"{sorted(spec.items())} {shot.operation} {shot.backdrop.id}"
        words += "" if self.blind else str(shot.seed)
        drawn = draw_card(structs.replace(shot, seed=0) if self.blind else shot)
        card = self._blobs.put(drawn + words.encode(), "png")
        render = structs.replace(render, blob=card, preview=card)
        if not shot.frames:
            return structs.replace(render, notes=self.notes)
        apart = self.apart.pop(0) if self.apart else {}
        drift = tuple(_checks(n, apart) for n in range(len(shot.frames)))
        return structs.replace(render, drift=drift)


def _checks(number: int, apart: dict[int, tuple[str, ...]]) -> tuple[Check, ...]:
    if not number:
        return ()
    failed = apart.get(number, ())
    names = dict.fromkeys((*failed, "skin"))
    return tuple(Check(name, 1.0, "<= 2", name not in failed) for name in names)


class Heads(SetStudio):
    """Promises what the embedded studio promises."""

    def capabilities(self) -> Capabilities:
        return capabilities()
