"""Templates with `{name}` variables. Values are inserted as they are, never read as templates."""

import re
from collections.abc import Mapping

VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A variable's place in a template."""

_STRAY = re.compile(r"[{}]")


def variables(template: str) -> frozenset[str]:
    """Names of the variables a template uses."""
    return frozenset(VARIABLE.findall(template))


def is_sound(template: str) -> bool:
    """Whether every brace belongs to a variable."""
    return not _STRAY.search(VARIABLE.sub("", template))


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with its variables replaced in one pass; raises KeyError when one is missing."""
    return VARIABLE.sub(lambda found: str(values[found[1]]), template)
