"""Test cards from a studio that promises what a picture model does."""

from msgspec import structs

from engine.base import Capabilities, Report
from engine.blobs import DiskBlobs
from engine.jobs import Render
from engine.shots import Operation, Shot
from engine.studio.wish import capabilities
from support.studios import CardStudio, draw_card

SPOKEN = dict.fromkeys(
    (
        *("look", "subject", "age", "gender", "hair", "skin_tone", "glasses", "expression"),
        *("pose", "wardrobe", "shot", "backdrop", "lighting", "key_side", "softness", "warmth"),
        *("lens_mm", "aperture", "skin", "film", "count", "aspect"),
    )
)
MODEL: tuple[Operation, ...] = ("generate", "vary", "inpaint", "edit", "outpaint")


class ModelStudio(CardStudio):
    """The embedded studio's promises, and those of a model that can do `able`.

    Every shot that was made is in `shots`; every picture is a card of its own.
    """

    def __init__(self, blobs: DiskBlobs, able: tuple[Operation, ...] = MODEL) -> None:
        super().__init__(blobs)
        self.shots: list[Shot] = []
        self._able = able

    def capabilities(self) -> Capabilities:
        embedded = capabilities()
        honours = embedded.honours | dict.fromkeys(self._able, SPOKEN)
        return structs.replace(embedded, studio="klein", honours=honours, notice=None)  # pyright: ignore[reportArgumentType] - any value of each slot

    def render(self, shot: Shot, report: Report) -> Render:
        self.shots.append(shot)
        render = super().render(shot, report)
        blob = self._blobs.put(draw_card(shot) + str(len(self.shots)).encode(), "png")
        versions = {"profile": "klein", "torch": "2"}
        return structs.replace(render, blob=blob, preview=blob, model="klein", versions=versions)
