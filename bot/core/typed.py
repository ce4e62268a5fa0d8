"""A typed yes or no, in every language the offline interviewer reads."""

import re

from prompts import Prompts

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def answer(text: str) -> str:
    """The words of `text` alone, in lower case: "Ja, das bin ich!" is "ja das bin ich"."""
    return " ".join(_WORD.findall(text.casefold().replace("\u2019", "'")))


def agrees(prompts: Prompts, text: str) -> bool:
    """Whether `text` is a plain yes and nothing else."""
    said = answer(text)
    own = any(said in language.agreement for language in prompts.languages.values())
    return own or said in prompts.lexicon.agreement


def refuses(prompts: Prompts, text: str) -> bool:
    """Whether `text` is a plain no and nothing else."""
    said = answer(text)
    own = any(said in language.refusal for language in prompts.languages.values())
    return own or said in prompts.lexicon.refusal
