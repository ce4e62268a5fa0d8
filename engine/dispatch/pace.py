"""How fast this machine works, kept in a small file so that a restart need not learn it again."""

import hashlib
import logging
import math
import os
import tempfile
import time
from pathlib import Path

import msgspec
from msgspec import Struct, structs

log = logging.getLogger(__name__)

BOUNDS = (0.05, 20.0)
SPREAD = 0.6
"""How far off a promise may be while nothing is known: up to e to this power either way."""
LEAST_SPREAD = 0.08
SURPRISE = 1.0
"""One surprise says no more than this about how far off the next one may be."""
REFERENCE_S = 0.009
"""What `calibrate` takes on a core of the machine on which the studios' promises were measured."""
CORES = 2
ROUNDS, BLOCK = 3, bytes(1 << 20)
MANY = 1000
VERSION = 1


class Pace(Struct, frozen=True):
    """How much longer than promised something takes: `factor`, seen `count` times.

    `spread` is the mean distance of its logarithm from what was expected, 0 or more.
    """

    factor: float = 1.0
    spread: float = SPREAD
    count: int = 0

    def seen(self, factor: float, alpha: float) -> "Pace":
        """The pace after one more observation: a geometric mean at first, later one that forgets.

        The expectation counts as one observation; `alpha` (0..1) is the least weight of a new one.
        """
        share = max(alpha, 1 / (self.count + 2))
        off = math.log(min(max(factor, BOUNDS[0]), BOUNDS[1]) / self.factor)
        spread = self.spread + share * (min(abs(off), SURPRISE) - self.spread)
        return Pace(self.factor * math.exp(share * off), spread, self.count + 1)


class Learned(Struct, frozen=True):
    """Everything a machine has shown: paces by operation, step and size, and typical seconds."""

    paces: dict[str, Pace] = {}
    typical: dict[str, float] = {}
    version: int = VERSION


def read(path: Path) -> Learned:
    """What the file holds; nothing learned where it is missing, damaged or of another version."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Learned)
    except FileNotFoundError:
        return Learned()
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("what was learned of this machine's pace cannot be read: %s", error)
        return Learned()
    return _sane(found) if found.version == VERSION else Learned()


def write(path: Path, learned: Learned) -> None:
    """Replace the file in one step, so that a crash leaves the old one. Raises `OSError`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(learned))
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def calibrate() -> float:
    """How much longer than the reference machine this one takes, roughly; works for 10-100 ms.

    Hashing says how fast a core is, and how much of one is to be had just now.
    """
    took = min(_hashing() for _ in range(ROUNDS))
    cores = min(_cores(), CORES)
    return min(max(took / REFERENCE_S * CORES / cores, 0.5), BOUNDS[1])


def _hashing() -> float:
    begun = time.perf_counter()
    for _ in range(8):
        hashlib.blake2b(BLOCK).digest()
    return time.perf_counter() - begun


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _sane(found: Learned) -> Learned:
    """Only what could have been learned: numbers within their bounds."""
    paces = {key: pace for key, pace in found.paces.items() if _is_sane(pace)}
    typical = {key: s for key, s in found.typical.items() if math.isfinite(s) and s > 0}
    return structs.replace(found, paces=dict(list(paces.items())[:MANY]), typical=typical)


def _is_sane(pace: Pace) -> bool:
    sound = BOUNDS[0] <= pace.factor <= BOUNDS[1]
    return sound and 0 <= pace.spread <= math.log(BOUNDS[1] / BOUNDS[0]) and pace.count >= 0
