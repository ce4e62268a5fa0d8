"""What shots in a row leave for each other, so that an estimate does not count it twice."""

from collections import OrderedDict
from collections.abc import Sequence

from engine.shots import Shot
from engine.studio.portrait import subject_key
from engine.studio.sitting import remembered, sitter_key

SITTER = ("step_sample", "step_light", "step_matte")
SUBJECT = ("step_look", "step_upscale")
PORTRAITS = ("generate", "swap", "cutout")


def reuse(shots: Sequence[Shot]) -> list[tuple[str, ...]]:
    """For each shot the steps that an earlier one has spared it, as the studio's memory goes."""
    sitters: OrderedDict[str, bool] = OrderedDict()
    subjects: OrderedDict[str, bool] = OrderedDict()
    spared = []
    for shot in shots:
        if shot.operation not in PORTRAITS:
            spared.append(())
            continue
        steps = _seen(sitters, sitter_key(shot), SITTER)
        if shot.operation != "cutout":
            steps += _seen(subjects, subject_key(shot), SUBJECT)
        spared.append(steps)
    return spared


def without(steps: dict[str, float], spared: tuple[str, ...]) -> dict[str, float]:
    """The steps that are left."""
    return {step: seconds for step, seconds in steps.items() if step not in spared}


def _seen(kept: "OrderedDict[str, bool]", key: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    known = key in kept
    remembered(kept, key, lambda: True)
    return steps if known else ()
