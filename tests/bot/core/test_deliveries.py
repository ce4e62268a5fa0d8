"""A result reaches its person once: whatever crashes, whatever is tapped."""

from pathlib import Path

import pytest
from support.faults import FaultyHistory
from support.mailboxes import ScriptedMailbox, mailboxes
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting

from bot.core.replies import Ask, Gallery, Say
from bot.core.session import DeliveryState
from bot.core.turns import Turn

CAME, AGAIN = WORDS.say("btn_arrived"), WORDS.say("btn_send_again")


async def shot(guest: Sitting, box: ScriptedMailbox) -> None:
    """One picture, as far as `box` lets it come."""
    for turn in (Turn(PERSON, PERSON, text="headshot"), Turn(PERSON, PERSON, text="go")):
        await guest.conversation.handle(turn, box)
    await box.until(lambda: box.tried > 0)
    await box.drained()


async def restarted(guest: Sitting, folder: Path) -> ScriptedMailbox:
    """The same history, a new process: nothing else is remembered."""
    guest.rewire(guest.history)
    box = mailboxes(guest.conversation).channel(PERSON)
    await guest.conversation.resume(lambda _: box)
    await box.drained()
    return box


async def states(guest: Sitting) -> list[DeliveryState]:
    return [d.state for d in await guest.history.deliveries()]


@pytest.fixture
def box(guest: Sitting) -> ScriptedMailbox:
    return mailboxes(guest.conversation).channel(PERSON)


async def test_a_delivered_picture_is_not_sent_again(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """A crash after the note."""
    await shot(guest, box)
    assert len(box.of(Gallery)) == 1
    assert await states(guest) == []
    assert not (await restarted(guest, tmp_path)).shown


async def test_a_picture_that_was_not_sent_is_sent_after_the_restart(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """A crash before the moment: nobody is asked, it simply comes."""
    box.stop_before_sending()
    await shot(guest, box)
    assert await states(guest) == ["pending"]
    again = await restarted(guest, tmp_path)
    assert len(again.of(Gallery)) == 1
    assert not again.of(Ask)
    assert await states(guest) == []


async def test_a_crash_in_the_moment_is_a_question_and_no_second_copy(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """It may be there; the person knows."""
    box.stop_while_sending()
    await shot(guest, box)
    assert await states(guest) == ["sending"]
    again = await restarted(guest, tmp_path)
    assert not again.of(Gallery)
    (question,) = again.of(Ask)
    assert question.text == WORDS.say("ask_arrived")
    assert [c.label for c in question.choices] == [CAME, AGAIN]
    assert not (await restarted(guest, tmp_path)).shown  # asked once


@pytest.mark.parametrize(("word", "galleries"), [("oui", 0), ("no", 1)])
async def test_did_it_arrive_is_answered_by_typing(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path, word: str, galleries: int
) -> None:
    """A plain yes or no to the question just asked, and only to that one."""
    box.stop_while_sending()
    await shot(guest, box)
    again = await restarted(guest, tmp_path)
    await guest.conversation.handle(Turn(PERSON, PERSON, text=word), again)
    await again.drained()
    assert len(again.of(Gallery)) == galleries
    assert await states(guest) == []


@pytest.mark.parametrize(("label", "galleries"), [(CAME, 0), (AGAIN, 1)])
async def test_the_answer_settles_it_once(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path, label: str, galleries: int
) -> None:
    """Whichever is tapped, twice or both: at most one more copy."""
    box.stop_while_sending()
    await shot(guest, box)
    again = await restarted(guest, tmp_path)
    (question,) = again.of(Ask)
    taps = {c.label: c.id for c in question.choices}
    for each in (label, label, CAME, AGAIN):
        await guest.conversation.handle(Turn(PERSON, PERSON, choice=taps[each]), again)
        await again.drained()
    assert len(again.of(Gallery)) == galleries
    assert [s.text for s in again.of(Say)].count(WORDS.say("choice_used")) == 3
    assert await states(guest) == []


async def test_who_cannot_be_reached_gets_it_with_their_next_message(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """They had blocked the bot; before and between nothing is tried in vain."""
    box.out_of_reach = True
    await shot(guest, box)
    assert await states(guest) == ["undeliverable"]
    box.out_of_reach = False
    await guest.conversation.handle(Turn(PERSON, PERSON, text="hello"), box)
    await box.drained()
    assert len(box.of(Gallery)) == 1
    await guest.conversation.handle(Turn(PERSON, PERSON, text="hello"), box)
    await box.drained()
    assert len(box.of(Gallery)) == 1


async def test_a_history_that_fails_when_they_come_back_forgets_nothing(guest: Sitting) -> None:
    """What waits for them comes with the message after that."""
    guest.rewire(history := FaultyHistory())
    box = mailboxes(guest.conversation).channel(PERSON)
    box.out_of_reach = True
    await shot(guest, box)
    box.out_of_reach, history.cannot = False, {"deliveries"}
    await guest.conversation.handle(Turn(PERSON, PERSON, text="hello"), box)
    history.cannot.clear()
    await guest.conversation.handle(Turn(PERSON, PERSON, text="hello"), box)
    await box.drained()
    assert len(box.of(Gallery)) == 1


async def test_who_could_not_be_reached_is_tried_after_a_restart(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """They may have opened the door meanwhile."""
    box.out_of_reach = True
    await shot(guest, box)
    assert len((await restarted(guest, tmp_path)).of(Gallery)) == 1


async def test_a_lost_line_keeps_the_picture_until_it_is_back(
    guest: Sitting, box: ScriptedMailbox
) -> None:
    """However long that takes; and it comes once."""
    box.unplugged = 20
    await shot(guest, box)
    await box.drained()
    assert box.tried > 20
    assert len(box.of(Gallery)) == 1
    assert await states(guest) == []


async def test_an_answer_lost_on_the_way_is_asked_about_at_once(
    guest: Sitting, box: ScriptedMailbox
) -> None:
    """A timeout after the upload: better to ask than to send two."""
    box.answers_lost = 1
    await shot(guest, box)
    assert len(box.of(Gallery)) == 1  # it had arrived
    assert [q.text for q in box.of(Ask)][-1] == WORDS.say("ask_arrived")
    assert await states(guest) == ["asked"]


async def test_a_failure_that_was_not_told_is_told_without_a_question(tmp_path: Path) -> None:
    """A sentence may come twice; a question about a sentence would puzzle."""
    from support.faults import FailingStudio

    from bot.core.replies import Apology
    from engine.dispatch.inprocess import InProcessEngine

    engine = InProcessEngine(FailingStudio("disk_full"))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        box = mailboxes(guest.conversation).channel(PERSON)
        box.stop_while_sending()
        await shot(guest, box)
        again = await restarted(guest, tmp_path)
        assert [a.code for a in again.of(Apology)] == ["disk_full"]
        assert not again.of(Ask)


async def test_a_page_needs_no_account(guest: Sitting) -> None:
    """Its transcript is replayed: being shown is being delivered."""
    await guest.say("headshot")
    await guest.say("go")
    await guest.pictures()
    await guest.until(lambda _: guest.conversation.tally.counts["deliveries.sent"] == 1)
    assert await states(guest) == []


async def test_a_person_who_is_forgotten_gets_nothing(
    guest: Sitting, box: ScriptedMailbox, tmp_path: Path
) -> None:
    """Not even what was already on its way."""
    box.out_of_reach = True
    await shot(guest, box)
    await guest.history.forget(PERSON)
    box.out_of_reach = False
    assert not (await restarted(guest, tmp_path)).of(Gallery)
