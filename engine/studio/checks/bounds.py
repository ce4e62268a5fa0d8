"""How a measured value meets its bound, and by how much it misses."""

import re

from engine.jobs import Check

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
SLACK = 1e-9


def within(name: str, value: float, low: float, high: float) -> Check:
    """A check that `value` lies in [low, high]."""
    passed = low - SLACK <= value <= high + SLACK
    return Check(name, round(float(value), 4), f"{low:g}..{high:g}", bool(passed))


def least(name: str, value: float, low: float) -> Check:
    """A check that `value` is at least `low`."""
    return Check(name, round(float(value), 4), f">= {low:g}", bool(value >= low))


def most(name: str, value: float, high: float) -> Check:
    """A check that `value` is at most `high`."""
    return Check(name, round(float(value), 4), f"<= {high:g}", bool(value <= high))


def excess(check: Check) -> float:
    """How far a failed check misses its bound, as a share of the bound (or of the range); else 0.

    Reads the bound's own notation, so that stored checks can be compared too.
    """
    if check.passed:
        return 0.0
    edges = [float(number) for number in _NUMBER.findall(check.bound)] or [0.0]
    nearest = min(edges, key=lambda edge: abs(edge - check.value))
    scale = edges[-1] - edges[0] if len(edges) > 1 else abs(nearest)
    return abs(check.value - nearest) / max(scale, 1e-3)
