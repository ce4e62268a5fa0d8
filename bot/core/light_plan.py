"""How a brief would be lit: the numbers behind the light plan."""

from bot.core.plan import OWN_PICTURE
from bot.core.spec import PortraitSpec, Scalar
from engine.base import KeyLight
from engine.shots import LightPlan
from prompts import Prompts
from prompts.lights import Pattern

FILM_LONG_MM = 36.0
PLAIN = ("seamless", "canvas", "gradient")
UNSURE = 0.3
"""A key light read with less confidence is not spoken of."""
SIDE_SEEN = 0.1
FARTHEST, BEHIND = 75.0, 132.0
"""Degrees from the camera of a light fully to one side, and of one that comes from behind."""
LEVEL, RISE = 10.0, 45.0
"""Degrees above the eyes of a light read as neither high nor low, and what a full reading adds."""
LOWEST = -10.0
WIDEST, NARROWEST = 1.5, 0.3
HARD, TINTED = 0.5, 0.15


def light_plan(spec: PortraitSpec, prompts: Prompts, photo: KeyLight | None = None) -> LightPlan:
    """The plan of a completed spec. Pure: the same light gives the same plan.

    For a `photo`, whose sitter brings their light, it is that light, unless another was said; its
    side stays theirs where none was.
    """
    if photo and not spec.said("lighting"):
        return own_light_plan(photo, spec, prompts)
    lights = prompts.lights
    pattern = lights.patterns[_or(spec, "lighting", "loop")]
    side = 1 if spec.value("key_side") == "right" else -1
    if photo and abs(photo.side) >= SIDE_SEEN and not spec.said("key_side"):
        side = 1 if photo.side > 0 else -1
    distance = distance_of(spec, prompts)
    return LightPlan(
        aside=side * pattern.aside,
        above=pattern.above,
        width=lights.sizes[_or(spec, "softness", "soft")],
        fill=pattern.fill,
        fill_from=pattern.fill_from,
        source=pattern.source,
        behind=pattern.behind,
        backdrop=_colour(spec, prompts),
        distance=distance,
        labels=_labels(spec, prompts, pattern, distance),
    )


def own_light_plan(light: KeyLight, spec: PortraitSpec, prompts: Prompts) -> LightPlan:
    """The plan of the light a photo was taken in, as it was read off the face.

    It has no fill, for what opened its shadows cannot be read; nor a distance, nor, where the light
    comes from behind, a height.
    """
    said = spec.said("backdrop")
    aside = light.side * FARTHEST
    if light.behind:
        aside = BEHIND if light.side >= 0 else -BEHIND
    return LightPlan(
        aside=aside,
        above=max(LEVEL + RISE * light.height, LOWEST),
        width=WIDEST - (WIDEST - NARROWEST) * light.hardness,
        backdrop=_colour(spec, prompts) if said else "",
        labels=_own_labels(light, spec if said else PortraitSpec(), prompts),
    )


def _own_labels(light: KeyLight, spec: PortraitSpec, prompts: Prompts) -> dict[str, str]:
    say, above = prompts.say, round(max(LEVEL + RISE * light.height, LOWEST))
    manner = [say("light_hard" if light.hardness > HARD else "light_soft")]
    manner += [say("light_warm")] * (light.warmth > TINTED)
    manner += [say("light_cool")] * (light.warmth < -TINTED)
    labels = {"title": say("plan_own"), "key": say("plan_key", softness=", ".join(manner))}
    if not light.behind:
        height = "plan_height" if above >= 0 else "plan_height_under"
        labels["height"] = say(height, degrees=abs(above))
    if behind := spec.value("backdrop"):
        own = behind == OWN_PICTURE
        labels["backdrop"] = say("label_own_picture") if own else prompts.label("backdrop", behind)
    return labels


def distance_of(spec: PortraitSpec, prompts: Prompts) -> float:
    """Metres from camera to sitter: the metres in the frame times focal length over 36 mm."""
    height = prompts.lights.heights[_or(spec, "shot", "medium")]
    return round(height * float(spec.value("lens_mm") or 85) / FILM_LONG_MM, 1)


def _or(spec: PortraitSpec, slot: str, otherwise: str) -> str:
    return str(spec.value(slot) or otherwise)


def _colour(spec: PortraitSpec, prompts: Prompts) -> str:
    entry = prompts.backdrop(_or(spec, "backdrop", ""))
    return entry.colour if entry and entry.kind in PLAIN else ""


def _labels(
    spec: PortraitSpec, prompts: Prompts, pattern: Pattern, distance: float
) -> dict[str, str]:
    say, label = prompts.say, prompts.label
    own, behind = spec.value("backdrop") == OWN_PICTURE, _or(spec, "backdrop", "")
    softness = label("softness", _or(spec, "softness", "soft")).lower()
    lens = label("lens_mm", spec.value("lens_mm") or 85)
    labels = {
        "title": label("lighting", _or(spec, "lighting", "loop")),
        "key": say("plan_key", softness=softness),
        "height": say("plan_height", degrees=round(pattern.above)),
        "backdrop": say("label_own_picture") if own else label("backdrop", behind),
        "camera": say("plan_camera", lens=lens, stop=label("aperture", _or_stop(spec))),
        "distance": say("plan_distance", metres=f"{distance:g}"),
    }
    if pattern.fill:
        labels["fill"] = say("plan_fill", ratio=round(2**pattern.fill))
    return labels


def _or_stop(spec: PortraitSpec) -> Scalar:
    return spec.value("aperture") or 2.8
