"""What follows from the checks: which attempt is kept, and what the person is told."""

import logging
from collections.abc import Iterable

from engine.jobs import Check
from engine.studio.checks.bounds import excess

SENTENCES = {
    "likeness": "check_likeness",
    "structure": "check_structure",
    "upscale_structure": "check_enlarged_face",
    "skin_lightness": "check_skin_drift",
    "skin_hue": "check_skin_drift",
    "face_colour": "check_face_colour",
    "face_colour_p95": "check_face_colour",
    "halo": "check_halo",
    "halo_share": "check_halo",
    "spill": "check_spill",
    "stray_alpha": "check_stray_alpha",
    "smudge": "check_smudge",
    "light": "check_light",
    "eye_sharpness": "check_eye_sharpness",
    "skin_texture": "check_skin_texture",
    "upscale_skin": "check_enlarged_skin",
    "face_clipping": "check_clipping",
    "grain": "check_grain",
    "grain_match": "check_grain",
    "eye_line": "check_crop",
    "centre": "check_crop",
    "headroom": "check_crop",
}
"""The person's sentence for each check, the gravest first."""

OURS = ("aspect", "long_side", "tags")
"""Checks that only a mistake of ours can fail, and that no sitter could see or act on."""

log = logging.getLogger(__name__)


def sentences(checks: Iterable[Check]) -> tuple[str, ...]:
    """Keys of the sentences for what failed, the gravest first, each once.

    A failure of `OURS` is logged as an error instead: a wrong tag says nothing to a sitter.
    """
    failed = {check.name: check for check in checks if not check.passed}
    for name, found in failed.items():
        if name not in SENTENCES:
            log.error("check %s failed: %s, bound %s", name, found.value, found.bound)
    return tuple(dict.fromkeys(key for name, key in SENTENCES.items() if name in failed))


def better(first: Iterable[Check], second: Iterable[Check]) -> bool:
    """Whether the second attempt is the one to keep.

    Fewer failures win; between equally many, the smaller sum of excesses relative to the bounds.
    A tie keeps the first, which is nearer to what was asked.
    """
    return _faults(second) < _faults(first)


def _faults(checks: Iterable[Check]) -> tuple[int, float]:
    failed = [check for check in checks if not check.passed]
    return len(failed), round(sum(excess(check) for check in failed), 6)
