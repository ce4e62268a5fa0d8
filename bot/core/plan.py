"""From a spec to shots: pure, and the same for the same spec and seed."""

from typing import cast

from msgspec import structs

from bot.core.spec import PortraitSpec
from engine.shots import Backdrop, BackdropKind, Operation, Scalar, Series, Shot
from prompts import Prompts, compose

WARMTH_RANGE = (-2, 2)
PRINT_SCALE = 4
OWN_PICTURE = "own-picture"
"""The backdrop slot's value for a picture of the sitter's own."""
SEED_STRIDE = 1009
"""A prime: seeds of "again" never meet the seeds of a series, which are consecutive."""
LIGHT_SLOTS = ("backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture")
"""One set-up in a studio, as the light plan shows it: with these fixed, no stand is moved."""
LOCKED = (*LIGHT_SLOTS, "film", "aspect")


def plan(
    spec: PortraitSpec,
    prompts: Prompts,
    *,
    seed: int,
    operation: Operation = "generate",
    source: str | None = None,
    picture: str = "",
) -> Series:
    """The shot list of a completed spec: `count` shots with seeds seed, seed+1, …

    `picture` is the blob of the sitter's own backdrop, used where the spec asks for it.
    """
    shot = shot_of(spec, prompts, operation, source, picture)
    count = int(spec.value("count") or 1) if operation == "generate" else 1
    shots = tuple(structs.replace(shot, seed=seed + i) for i in range(count))
    return Series(shots, LOCKED if count > 1 else ())


def again(shot: Shot, seed: int) -> Shot:
    """The same brief with another seed: for a generated portrait, another sitter."""
    return structs.replace(shot, seed=seed)


def larger(shot: Shot, scale: int = PRINT_SCALE) -> Shot:
    """The same picture at print size: the seed brings back every pixel's origin."""
    return structs.replace(shot, scale=scale)


def changed(shot: Shot, spec: PortraitSpec, prompts: Prompts) -> Shot:
    """The same picture (seed, source, size) under another spec."""
    picture = shot.backdrop.source or ""
    fresh = shot_of(spec, prompts, shot.operation, shot.source, picture)
    return structs.replace(
        fresh, seed=shot.seed, scale=shot.scale, sitter=shot.sitter,
        change=shot.change, region=shot.region, mask=shot.mask,
    )  # fmt: skip


def cut_out(shot: Shot, picture: str) -> Shot:
    """The sitter alone: from their photo, or from `picture`, the blob of an invented portrait."""
    source = shot.source if shot.operation == "swap" else picture
    return structs.replace(shot, operation="cutout", source=source)


def printed(shot: Shot, source: str, size: str, sheet: bool) -> Shot:
    """A print of the picture whose blob is `source`; `size` is a name of `prints.SIZES`."""
    spec: dict[str, Scalar] = {"size": size}
    if sheet:
        spec["sheet"] = "yes"
    return structs.replace(shot, operation="print", source=source, spec=spec)


def shot_of(
    spec: PortraitSpec,
    prompts: Prompts,
    operation: Operation,
    source: str | None,
    picture: str = "",
) -> Shot:
    """A completed spec as a shot of seed 0; see `plan` for `picture`."""
    values = spec.values()
    words = compose(values, prompts)
    return Shot(
        operation=operation,
        seed=0,
        spec=values,
        backdrop=backdrop_of(spec, prompts, picture),
        aspect=upright(spec, prompts),
        source=source,
        prompt=words.prompt,
        negative=words.negative,
        dialects={
            "clip": words.clip,
            "prose": words.prose,
            "structured": words.structured,
            "edit": words.edit,
        },
    )


def backdrop_of(spec: PortraitSpec, prompts: Prompts, picture: str = "") -> Backdrop:
    """The backdrop with its colours, from an id, a colour name, a hex colour, or `picture`."""
    if picture and spec.value("backdrop") == OWN_PICTURE:
        return Backdrop(OWN_PICTURE, "picture", source=picture)
    entry = prompts.backdrop(str(spec.value("backdrop")))
    if entry is None:
        entry = prompts.backdrops[str(prompts.defaults["backdrop"])]
    return Backdrop(entry.id, cast(BackdropKind, entry.kind), entry.colour, entry.accent)


def upright(spec: PortraitSpec, prompts: Prompts) -> str:
    """The format to shoot in: the spec's, unless that is wider than tall; then the look's own."""
    look = prompts.looks.get(str(spec.value("look")))
    own = look.fields.get("aspect", "") if look else ""
    wanted = (spec.value("aspect") or "", own, prompts.defaults["aspect"])
    return next(str(a) for a in wanted if _is_upright(str(a)))


def _is_upright(aspect: str) -> bool:
    wide, _, tall = aspect.partition(":")
    return wide.isdecimal() and tall.isdecimal() and 0 < int(wide) <= int(tall)


def warmer_by(spec_value: Scalar | None, step: int) -> int:
    """The next warmth, held inside `WARMTH_RANGE`."""
    low, high = WARMTH_RANGE
    return max(low, min(high, int(spec_value or 0) + step))
