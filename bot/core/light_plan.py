"""How a brief would be lit: the numbers behind the light plan."""

from bot.core.plan import OWN_PICTURE
from bot.core.spec import PortraitSpec, Scalar
from engine.shots import LightPlan
from prompts import Prompts
from prompts.lights import Pattern

FILM_LONG_MM = 36.0
PLAIN = ("seamless", "canvas", "gradient")


def light_plan(spec: PortraitSpec, prompts: Prompts) -> LightPlan:
    """The plan of a completed spec. Pure: the same light gives the same plan."""
    lights = prompts.lights
    pattern = lights.patterns[_or(spec, "lighting", "loop")]
    side = 1 if spec.value("key_side") == "right" else -1
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
