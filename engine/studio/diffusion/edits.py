"""Edits of a given picture: a region drawn anew, a portrait from a selfie, more room around it.

Each is `(shot, kit, clock) -> Assignment`, see assignment.py. What a model draws never replaces
more of the picture than was asked for, and a person who exists is still they afterwards.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import PhotoRejected, StudioFailed
from engine.profiles import Profile
from engine.shots import Operation, Shot
from engine.studio.clock import Clock
from engine.studio.crop import NATIVE
from engine.studio.diffusion.assignment import (
    Assignment,
    Kit,
    prompt_of,
    request_for,
    size_of,
)
from engine.studio.diffusion.ending import Ending
from engine.studio.diffusion.masks import given_mask, kept_face, region_mask, region_named
from engine.studio.diffusion.outpaint import Canvas, canvas_for
from engine.studio.diffusion.parts import Sitter, face_oval
from engine.studio.diffusion.pasting import SEEN, Window, behind, paste, resized, window_around
from engine.studio.diffusion.request import STRIDE, Request
from engine.studio.encode import SourceType, source_type_of
from engine.studio.faces import anatomy
from engine.studio.matte import Matter
from engine.studio.networks import Profile as MatteName
from engine.studio.photo import read_source
from engine.studio.upscale import Upscaler

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

EDITS: tuple[Operation, ...] = ("inpaint", "outpaint", "edit")
STRENGTHS = {"eyes": 0.55, "mouth": 0.65, "skin": 0.35, "face": 0.7, "glasses": 0.85, "hair": 0.9}
"""How far a region is drawn from noise; others wholly. Where the old shape should shine through,
less: an eye stays in its place."""
NEEDS_MATTE = ("background", "wardrobe", "hair", "skin", "person")
MATTES: tuple[MatteName, ...] = ("u2net", "u2netp", "birefnet-portrait")
ENLARGE = 1.25
"""How many times finer the model must draw for the picture to be enlarged first."""
MANY_PIXELS = 1024 * 1024
"""Of a reference picture; more costs time and shows the model nothing new."""
AROUND = 2.2
"""Half the side of what a reference shows around the face, in face widths, where it is larger."""
NEW_FACES = ("face", "person")
"""Regions in which somebody is drawn whose age nobody knows."""
MOST_OF_A_FACE = 0.5
"""Share of a face under a sent mask from which it is drawn anew."""
SAME_PERSON = (
    "The same person as in the reference photo: the same face, features, proportions, age, skin"
    " tone and marks, and the same hair."
)


def steps_before(shot: Shot, profile: Profile) -> dict[str, float]:
    """The steps a shot takes before the model draws, with their expected seconds.

    None where it starts from no given picture. An unknown region is refused when it is drawn.
    """
    if shot.operation not in EDITS:
        return {}
    matte = shot.operation == "edit" and "edit" not in profile.can
    if shot.operation == "inpaint" and not shot.mask:
        with suppress(StudioFailed):
            matte = region_named(shot.region) in NEEDS_MATTE
    steps = {"step_light": 0.3, **({"step_matte": 3.0} if matte else {})}
    framed = shot.operation == "outpaint" or matte
    return steps | {"step_enlarge": 2.0} if framed and shot.operation != "inpaint" else steps


def inpaint(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """Draw a region anew, or what is white in a sent mask. Raises an `EngineError`."""
    source = _Source.read(shot, kit, clock)
    region = "" if shot.mask else region_named(shot.region)
    mask, sitter = _marked(shot, source, region, clock)
    window, size = window_around(mask, _pixels(kit.profile))
    behind_them = sitter if region == "background" else None
    request = _request(
        shot,
        kit.profile,
        size,
        image=resized(source.rgb[window.part], size),
        mask=_small(mask > SEEN if behind_them else mask, window, size),
        strength=STRENGTHS.get(region, 1.0),
    )

    def join(drawn: "np.ndarray") -> "np.ndarray":
        if behind_them is None:
            return paste(source.rgb, drawn, mask, window)
        cut_out = (behind_them.alpha, behind_them.face)
        return behind(source.rgb, drawn, mask, window, cut_out)

    other = region in NEW_FACES or _covers_face(source, region, mask)
    return source.assignment(request, join, enlarge=_is_small(source.rgb), new_face=other)


def outpaint(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """Give a picture more room, drawn where there is none. Raises an `EngineError`."""
    source, canvas = _framed(_Source.read(shot, kit, clock), shot, clock)
    size = _near(canvas.rgb.shape, _pixels(kit.profile))
    request = _request(
        shot,
        kit.profile,
        size,
        image=resized(canvas.rgb, size),
        mask=_small(canvas.mask, canvas.whole, size),
    )
    return source.assignment(request, canvas.joined, enlarge=_is_small(canvas.rgb))


def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """A new portrait of the person in a selfie. Raises an `EngineError`.

    A model that takes references sees the selfie and draws all of it anew. One that does not gets
    the selfie itself, and draws all of it but the face.
    """
    source = _Source.read(shot, kit, clock)
    if source.landmarks is None:
        raise PhotoRejected("no face found", code="photo_no_person")
    if "edit" in kit.profile.can:
        request = _request(
            shot,
            kit.profile,
            size_of(shot, kit.profile),
            prompt=edit_prompt(shot, kit.profile),
            references=(_reference(source.rgb, source.landmarks),),
        )
        return source.assignment(request, lambda drawn: drawn, enlarge=True)
    if "inpaint" not in kit.profile.can:
        raise StudioFailed(
            f"{kit.profile.name} cannot edit", code="model_cannot", name=kit.profile.name
        )
    return _around_the_face(shot, source, clock)


def edit_prompt(shot: Shot, profile: Profile) -> str:
    """What is told of a reference: the composer's own words where the shot has them."""
    return shot.dialects.get("edit") or f"{SAME_PERSON} {prompt_of(shot, profile)}"


def _around_the_face(shot: Shot, source: "_Source", clock: Clock) -> Assignment:
    """All but the face drawn anew, for models that take no reference."""
    source, canvas = _framed(source, shot, clock, always=True)
    assert source.landmarks is not None
    with clock.step("step_matte"):
        body = anatomy(source.landmarks)
        alpha = matter_of(source.kit).alpha(source.rgb, body)
    mask = canvas.placed(1 - kept_face(Sitter(source.rgb, alpha, source.landmarks)), outside=1.0)
    size = size_of(shot, source.kit.profile)
    request = _request(
        shot,
        source.kit.profile,
        size,
        image=resized(canvas.rgb, size),
        mask=_small(mask, canvas.whole, size),
    )

    def join(drawn: "np.ndarray") -> "np.ndarray":
        return paste(canvas.rgb, drawn, mask, canvas.whole, source.rgb)

    return source.assignment(request, join, enlarge=_is_small(canvas.rgb))


def _framed(
    source: "_Source", shot: Shot, clock: Clock, always: bool = False
) -> "tuple[_Source, Canvas]":
    """The source in its frame; enlarged first where the model draws finer than it is."""
    framing = str(shot.spec.get("shot", ""))
    canvas = canvas_for(source.rgb, source.landmarks, shot.aspect, framing, always)
    growth = (_pixels(source.kit.profile) / canvas.mask.size) ** 0.5
    if growth < ENLARGE:
        return source, canvas
    source = source.enlarged(2 if growth <= 2 * ENLARGE else 4, clock)
    return source, canvas_for(source.rgb, source.landmarks, shot.aspect, framing, always)


def _is_small(rgb: "np.ndarray") -> bool:
    """Whether a result is still to be brought to the shot's scale: it is of a model's own size."""
    return max(rgb.shape[:2]) < 2 * NATIVE


@dataclass(frozen=True, slots=True)
class _Source:
    """The picture that is edited. `kind` is what the edited file says of itself."""

    rgb: "np.ndarray"
    kind: SourceType
    real: bool
    kit: Kit
    landmarks: "np.ndarray | None"

    @staticmethod
    def read(shot: Shot, kit: Kit, clock: Clock) -> "_Source":
        """The shot's picture with its largest face. Raises `PhotoRejected`."""
        rgb = kit.source(shot)
        drawn = source_type_of(kit.blobs.get(str(shot.source))) == "trainedAlgorithmicMedia"
        kind = "trainedAlgorithmicMedia" if drawn else "compositeWithTrainedAlgorithmicMedia"
        with clock.step("step_light"):
            faces = kit.finder.find(rgb)
            index = shot.sitter if 0 <= shot.sitter < len(faces) else 0
            points = kit.finder.landmarks(rgb, faces[index]) if faces else None
        return _Source(rgb, kind, not drawn, kit, points)

    def enlarged(self, factor: int, clock: Clock) -> "_Source":
        """By SPAN, which keeps skin: what is drawn beside it will be as fine."""
        with clock.step("step_enlarge") as tick:
            rgb = Upscaler(self.kit.weights).enlarge(self.rgb, factor, tick)
        points = None if self.landmarks is None else self.landmarks * factor
        return replace(self, rgb=rgb, landmarks=points)

    def assignment(
        self,
        request: Request,
        join: "Callable[[np.ndarray], np.ndarray]",
        enlarge: bool,
        new_face: bool = False,
    ) -> Assignment:
        """The assignment whose last step joins, and guards the likeness unless another is wanted.

        An invented person must stay the same one, too; only that nobody is told of it.
        """
        kept = None if new_face else self.landmarks
        finish = Ending(self.rgb, kept, join, self.kit, told=self.real)
        return Assignment(
            request, self.kind, real=self.real, enlarge=enlarge, finish=finish, new_face=new_face
        )


def _marked(
    shot: Shot, source: _Source, region: str, clock: Clock
) -> "tuple[np.ndarray, Sitter | None]":
    """The shot's mask at the picture's size, and the sitter it was made from.

    The sitter is cut out only where it takes that.
    """
    import numpy as np

    rgb, points, kit = source.rgb, source.landmarks, source.kit
    if shot.mask:
        face = 0.0 if points is None else anatomy(points).width
        return given_mask(read_source(kit.blobs.path(shot.mask))[0], rgb.shape, face), None
    if points is None:
        raise PhotoRejected(f"no face to find {region} by", code="photo_no_person")
    alpha = np.ones(rgb.shape[:2], np.float32)
    if region in NEEDS_MATTE:
        with clock.step("step_matte"):
            alpha = matter_of(kit).alpha(rgb, anatomy(points))
    sitter = Sitter(rgb, alpha, points)
    return region_mask(sitter, region), sitter


def _covers_face(source: _Source, region: str, mask: "np.ndarray") -> bool:
    """Whether a sent mask has most of the face drawn anew."""
    if region or source.landmarks is None:
        return False
    face = face_oval(source.landmarks, mask.shape)
    return bool(face.any() and mask[face].mean() > MOST_OF_A_FACE)


def matter_of(kit: Kit) -> Matter:
    """Who cuts the sitter out, by the studio's matte."""
    named: dict[str, MatteName] = {name: name for name in MATTES}
    return kit.once("matter", lambda: Matter(kit.weights, named.get(kit.matte, "u2net")))


def _request(
    shot: Shot,
    profile: Profile,
    size: tuple[int, int],
    **more: Any,  # noqa: ANN401  the request's own fields
) -> Request:
    """The shot's request at another size than the profile's own."""
    width, height = size
    return replace(request_for(shot, profile), width=width, height=height, **more)


def _pixels(profile: Profile) -> int:
    """How many pixels a model's own pictures have."""
    return max(width * height for width, height in profile.sizes.values())


def _near(shape: tuple[int, ...], pixels: int) -> tuple[int, int]:
    """(width, height) of about `pixels` in multiples of 16, in the shape's proportions."""
    scale = (pixels / (shape[0] * shape[1])) ** 0.5
    width, height = (max(STRIDE, STRIDE * round(s * scale / STRIDE)) for s in shape[1::-1])
    return width, height


def _small(mask: "np.ndarray", window: Window, size: tuple[int, int]) -> "np.ndarray":
    """What of a mask lies in a window, at the model's size: float32; soft edges stay soft."""
    import cv2
    import numpy as np

    part = mask[window.part].astype(np.float32)
    return np.clip(cv2.resize(part, size, interpolation=cv2.INTER_AREA), 0, 1)


def _reference(rgb: "np.ndarray", landmarks: "np.ndarray") -> "np.ndarray":
    """What the model sees of a selfie: the person rather than the room, at most a megapixel."""
    import numpy as np

    body = anatomy(landmarks)
    reach = max(AROUND * body.width, 64.0)
    low = np.maximum((body.eyes[0] - reach, body.eyes[1] - reach), 0).astype(int)
    high = (body.eyes[0] + reach, body.eyes[1] + 1.4 * reach)
    part = rgb[low[1] : int(high[1]), low[0] : int(high[0])]
    scale = min(1.0, (MANY_PIXELS / (part.shape[0] * part.shape[1])) ** 0.5)
    return resized(part, (round(part.shape[1] * scale), round(part.shape[0] * scale)))
