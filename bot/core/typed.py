"""A typed yes or no, in every language the offline interviewer reads, and what it is said to."""

import re

from msgspec import structs

from bot.core.session import SURE, Action, Session
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


def answered(prompts: Prompts, session: Session, text: str) -> Action | None:
    """What a plain yes or no does to the question just asked; None where none waits for one.

    A no to "shall I delete it?" is the action "keep".
    """
    yes, no = agrees(prompts, text), refuses(prompts, text)
    if not (yes or no):
        return None
    if session.pending == "own_backdrop":
        return Action("own_backdrop" if yes else "no_backdrop", value=session.backdrop_photo)
    if not session.pending.startswith(SURE):
        return None
    if no:
        return Action("keep")
    render = session.pending.removeprefix(SURE)
    return Action("delete", render=render) if render else Action("forget")


def asked_to_be_sure(session: Session, render: str = "") -> Session:
    """The session after "shall I delete this picture?", or everything where `render` is ""."""
    return structs.replace(session, pending=f"{SURE}{render}")


def no_longer(session: Session) -> Session:
    """The session for anything but the answer: only the very next words are one."""
    return structs.replace(session, pending="") if session.pending.startswith(SURE) else session
