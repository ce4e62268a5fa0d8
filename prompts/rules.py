"""The composer's rules, read from `compose.toml` and checked whole."""

from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.templates import is_sound, variables
from prompts.vocab import SLOTS

PARTS = (
    "shot", "subject", "hair", "skin_tone", "glasses", "expression", "pose", "wardrobe",
    "backdrop", "lighting", "warmth", "camera", "eyes", "skin", "film", "look",
)  # fmt: skip
"""A prompt's clauses in the order in which photographers brief, and picture models weigh words."""

_TEMPLATES: dict[str, frozenset[str]] = {
    "wardrobe": frozenset({"wardrobe"}),
    "seamless": frozenset({"tone"}),
    "canvas": frozenset({"tone"}),
    "gradient": frozenset({"tone"}),
    "place": frozenset({"tone"}),
    "blur": frozenset(),
    "lighting": frozenset({"softness", "lighting", "side"}),
    "eyes": frozenset(),
}
_PROSE: dict[str, frozenset[str]] = {
    "opening": frozenset({"framing", "subject"}),
    "setting": frozenset({"lighting", "backdrop"}),
    "camera": frozenset({"camera", "eyes", "skin"}),
}

_EDIT: dict[str, set[str]] = {
    "person": set(), "framing": {"framing"}, "changed": {"what"}, "kept": {"what"},
}  # fmt: skip


class Avoid(Struct, frozen=True, forbid_unknown_fields=True):
    """What every picture keeps away from, and `instead` the same said positively.

    `shots` are the framings it concerns (empty: all); `colour` says: films in colour only.
    """

    negative: str
    instead: str
    shots: tuple[str, ...] = ()
    colour: bool = False


class Clip(Struct, frozen=True, forbid_unknown_fields=True):
    """CLIP's budget: parts always there, the others by priority, tokens at most, weights.

    `short` says a clause in fewer tokens.
    """

    always: tuple[str, ...]
    priority: tuple[str, ...]
    most: dict[str, int]
    weights: dict[str, float]
    short: dict[str, str]


class Prose(Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence per clause."""

    opening: str
    setting: str
    camera: str
    film: str
    look: str
    instead: str


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """Sentences for a model that sees a photo of the person; `names` of what may stay as there."""

    person: str
    framing: str
    changed: str
    kept: str
    names: dict[str, str]


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """Templates of the composer's clauses; `articles` lists garments worn without 'a'."""

    wardrobe: str
    seamless: str
    canvas: str
    gradient: str
    place: str
    blur: str
    lighting: str
    eyes: str
    articles: tuple[str, ...]
    essential: tuple[str, ...]
    unwanted: tuple[str, ...]
    avoid: tuple[Avoid, ...]
    clip: Clip
    prose: Prose
    edit: Edit

    def avoided(self, shot: object, film: object) -> tuple[Avoid, ...]:
        """What concerns a picture of this framing on this film."""
        mono = film == "tri-x-400"
        return tuple(
            a for a in self.avoid if not (mono and a.colour) and (not a.shots or shot in a.shots)
        )


def load_rules(path: Path) -> Rules:
    """The composer's rules.

    Raises `PromptError` for a missing or unused variable, an unknown slot or a part that stands in
    no place or in two.
    """
    rules = read_toml(path, Rules)
    for key, wanted in _TEMPLATES.items():
        _check(path.name, key, getattr(rules, key), wanted)
    for key in Prose.__struct_fields__:
        _check(path.name, f"prose.{key}", getattr(rules.prose, key), _PROSE.get(key, {key}))
    for key, wanted in _EDIT.items():
        _check(path.name, f"edit.{key}", getattr(rules.edit, key), wanted)
    if wrong := sorted(set(rules.edit.names) - set(PARTS)):
        raise PromptError(path.name, "edit.names", f"{wrong[0]} is no part")
    if wrong := sorted(set(rules.essential) - set(SLOTS)):
        raise PromptError(path.name, "essential", f"{wrong[0]} is no slot")
    if sorted((*rules.clip.always, *rules.clip.priority)) != sorted(PARTS):
        raise PromptError(path.name, "clip", "every part stands once in always or priority")
    return rules


def _check(file: str, key: str, template: str, wanted: frozenset[str] | set[str]) -> None:
    if not is_sound(template) or variables(template) != wanted:
        raise PromptError(file, key, f"needs exactly {sorted(wanted) or 'no variables'}")
