"""Who is portrayed: the same sitter as before, or somebody else. Pure."""

from msgspec import structs

from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import SpecPatch

PERSON_SLOTS = frozenset({"subject", "gender", "age"})
TRAITS = ("age", "hair", "skin_tone", "glasses")
"""What another sitter need not have in common with the one before."""


def described(session: Session) -> bool:
    """Whether an invented sitter was described."""
    return session.mode == "generate" and any(map(session.draft.spec.said, PERSON_SLOTS))


def new_sitter(patch: SpecPatch) -> bool:
    """Whether a change says who it is."""
    return any(s.slot in PERSON_SLOTS for s in patch.set)


def of_somebody_else(session: Session, reading: Reading) -> Reading:
    """Whoever describes a person after a picture means another, who need not be of the same age."""
    said = {change.slot for change in reading.patch.set}
    if not session.current or reading.intent != "brief" or "subject" not in said:
        return reading
    gone = tuple(s for s in TRAITS if s not in said and session.draft.spec.said(s))
    clear = (*reading.patch.clear, *gone)
    return structs.replace(reading, patch=structs.replace(reading.patch, clear=clear))


def for_one(reading: Reading) -> SpecPatch:
    """What a message changes of the brief: how many a set shall have is the set's alone."""
    if reading.intent != "series":
        return reading.patch
    sets = tuple(change for change in reading.patch.set if change.slot != "count")
    return structs.replace(reading.patch, set=sets)
