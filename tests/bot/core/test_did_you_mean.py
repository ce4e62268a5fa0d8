"""What the reader is not sure of is asked, with one tap."""

from pathlib import Path

from support.interviewers import ScriptedInterviewer
from support.sittings import PERSON, Sitting
from support.studios import CardStudio

from bot.core.ports import Reading
from bot.core.replies import Ask
from bot.core.session import MAYBE
from bot.core.spec import SetSlot
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

SAID = "stop at the belt"
GUESSES = (SetSlot("shot", "medium", SAID), SetSlot("shot", "full-body", SAID))


def unsure(tmp_path: Path) -> Sitting:
    engine = InProcessEngine(CardStudio(DiskBlobs(tmp_path)))
    return Sitting(ScriptedInterviewer({SAID: Reading(reader="script", unsure=GUESSES)}), engine)


async def test_a_guess_is_asked_and_changes_nothing(tmp_path: Path) -> None:
    """Every guess is a tap, and so is that none of them was meant."""
    guest = unsure(tmp_path)
    await guest.say(SAID)
    asked = guest.channel.entries[-1]
    assert isinstance(asked, Ask)
    assert "Waist up" in asked.text
    labels = [choice.label for choice in asked.choices]
    assert labels == ["Waist up", "Full body", "Not that", "Surprise me", "Just shoot"]
    session = await guest.history.session(PERSON, PERSON)
    assert not session.draft.spec.fields
    assert session.pending == f"{MAYBE}shot:medium"


async def test_a_tap_takes_the_guess(tmp_path: Path) -> None:
    guest = unsure(tmp_path)
    await guest.say(SAID)
    await guest.tap("Full body")
    session = await guest.history.session(PERSON, PERSON)
    assert session.draft.spec.value("shot") == "full-body"


async def test_not_that_goes_on_without_it(tmp_path: Path) -> None:
    """The next question comes, and nothing was set."""
    guest = unsure(tmp_path)
    await guest.say(SAID)
    await guest.tap("Not that")
    session = await guest.history.session(PERSON, PERSON)
    assert session.draft.spec.value("shot") is None
    assert session.pending != f"{MAYBE}shot:medium"
    assert isinstance(guest.channel.entries[-1], Ask)
