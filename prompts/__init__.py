"""Words as data: the vocabulary, looks, backdrops, and every sentence the studio says."""

from prompts.ages import age_range
from prompts.compose import Composed, compose
from prompts.contradictions import Rule
from prompts.errors import PromptError
from prompts.library import Prompts, load
from prompts.looks import Look
from prompts.phrases import Phrases
from prompts.scenery import BackdropEntry
from prompts.vocab import SLOTS, Scalar, Slot, Value

__all__ = [
    "SLOTS", "BackdropEntry", "Composed", "Look", "Phrases", "PromptError", "Prompts", "Rule",
    "Scalar", "Slot", "Value", "age_range", "compose", "load",
]  # fmt: skip
