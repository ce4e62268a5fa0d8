"""A typed yes, no or number, in every language the offline interviewer reads, and what it is to."""

import re

from msgspec import structs

from bot.core.session import HOW_MANY, SURE, Action, ActionKind, Session
from bot.core.set_words import count_in
from prompts import Prompts
from prompts.speaking import speaking

OF_A_PICTURE: tuple[ActionKind, ...] = (
    "again", "other_backdrop", "upscale", "cutout", "print", "truth", "made", "series",
)  # fmt: skip
LABELLED: dict[str, ActionKind] = {
    "btn_shoot": "shoot",
    "btn_just_shoot": "shoot",
    "btn_surprise": "surprise",
    "btn_undo": "undo",
    "btn_restart": "restart",
    "btn_again": "again",
    "btn_other_backdrop": "other_backdrop",
    "btn_upscale": "upscale",
    "btn_cutout": "cutout",
    "btn_print": "print",
    "btn_truth": "truth",
    "btn_made": "made",
    "btn_series": "series",
}
"""Taps that are offered again and again, by the key of their words."""
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
    """What a plain answer does to the question just asked; None where it is something else.

    A no to "shall I delete it?" is the action "keep".
    """
    if session.pending.startswith(HOW_MANY) and (count := count_in(text, prompts)):
        return Action("series", value=count, render=session.pending.removeprefix(HOW_MANY))
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


def labelled(prompts: Prompts, session: Session, text: str) -> Action | None:
    """The tap whose words were typed instead, in the language that is spoken just now.

    English is left to the readers, who know these words in all their forms.
    """
    if speaking() not in prompts.locales:
        return None
    said = answer(text)
    for key, kind in LABELLED.items():
        if said == answer(prompts.say(key)):
            return _tapped(session, kind)
    return None


def _tapped(session: Session, kind: ActionKind) -> Action | None:
    if kind == "shoot" and session.plan:
        return Action("table", slot="shoot")
    if kind not in OF_A_PICTURE:
        return Action(kind)
    return Action(kind, render=session.current) if session.current else None


def asked_to_be_sure(session: Session, render: str = "") -> Session:
    """The session after "shall I delete this picture?", or everything where `render` is ""."""
    return structs.replace(session, pending=f"{SURE}{render}")


def no_longer(session: Session) -> Session:
    """The session for anything but the answer: only the very next words are one."""
    over = session.pending.startswith((SURE, HOW_MANY))
    return structs.replace(session, pending="") if over else session
