"""Who runs the studio says a word; who is not expected hears so; everybody else notices nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting

from bot.core.conversation import Conversation
from bot.core.guests import Guests
from bot.core.replies import Apology, Gallery, Progress, Say
from bot.core.turns import Turn
from bot.errors import NotAdmitted
from bot.frontends.collecting import CollectingChannel

ADMIN = "telegram:1"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Sitting]:
    """A studio with an admin."""
    async with sitting(tmp_path, SCRIPT) as guest:
        guests = Guests(frozenset(), frozenset({ADMIN}))
        guest.conversation._guests = guest.conversation._operators._guests = guests
        yield guest


async def order(conversation: Conversation, text: str, person: str = ADMIN) -> str:
    """What somebody hears when they say something."""
    channel = CollectingChannel()
    await conversation.handle(Turn(person, person, text), channel)
    return getattr(channel.entries[-1], "text", "")


async def test_stats_count_what_happened(run: Sitting) -> None:
    """Jobs, turns, failures and what is still owed."""
    await run.say("headshot")
    await run.say("go")
    await run.pictures()
    await run.until(lambda _: run.conversation.tally.counts["deliveries.sent"] == 1)
    text = await order(run.conversation, "/stats")
    assert "The studio is open. Waiting 0, shooting 0." in text
    assert "done 1, failed 0, called off 0" in text
    assert "Turns: test 2" in text
    assert "Delivered 1, still owed: 0" in text


async def test_a_paused_studio_talks_and_shoots_later(run: Sitting) -> None:
    """The picture keeps its place, and is made when the studio goes on."""
    assert await order(run.conversation, "pause") == WORDS.say("operator_pause")
    await run.say("headshot")
    await run.say("go")
    held = WORDS.say("held")
    await run.until(lambda es: any(isinstance(e, Progress) and e.text == held for e in es))
    assert "is paused. Waiting 1" in await order(run.conversation, "stats")
    assert await order(run.conversation, "resume") == WORDS.say("operator_resume")
    await run.pictures()


async def test_a_held_picture_can_be_called_off(run: Sitting) -> None:
    """Cancel does not wait for the break to end."""
    await order(run.conversation, "pause")
    await run.say("headshot")
    await run.say("go")
    await run.tap("Cancel")
    await run.until(lambda _: WORDS.say("cancelled") in run.says)
    assert await run.history.jobs() == []


async def test_a_draining_studio_finishes_and_takes_nothing_new(tmp_path: Path) -> None:
    """The admin is still heard."""
    async with sitting(tmp_path, SCRIPT, delay=0.1) as run:
        guests = Guests(frozenset(), frozenset({ADMIN}))
        run.conversation._guests = run.conversation._operators._guests = guests
        await run.say("headshot")
        await run.say("go")
        assert await order(run.conversation, "drain") == WORDS.say("operator_drain")
        await run.say("another")
        assert run.says[-1] == WORDS.say("draining")
        assert isinstance(await run.pictures(), Gallery)
        assert await order(run.conversation, "resume") == WORDS.say("operator_resume")
        assert await order(run.conversation, "headshot", PERSON) != WORDS.say("draining")


@pytest.mark.parametrize("word", ["stats", "/pause", "resume", "drain"])
async def test_who_is_no_admin_gives_no_orders(run: Sitting, word: str) -> None:
    """To everybody else these are words like any other."""
    assert await order(run.conversation, word, "web:eve") == WORDS.say("not_understood")
    await run.say("headshot")
    await run.say("go")
    await run.pictures()


async def test_a_repeated_delivery_of_an_order_counts_once(run: Sitting) -> None:
    """A platform that sends an update twice does not undo what came between."""
    channel = CollectingChannel()
    turn = Turn(ADMIN, ADMIN, "pause", client_id="7")
    await run.conversation.handle(turn, channel)
    await order(run.conversation, "resume")
    await run.conversation.handle(turn, channel)
    assert "is open" in await order(run.conversation, "stats")


async def test_everybody_learns_their_own_id(run: Sitting) -> None:
    """It is what the guest list wants."""
    assert await order(run.conversation, "/whoami", "web:eve") == "You are web:eve."


@pytest.mark.parametrize(
    ("turn", "admitted"),
    [
        (Turn("telegram:7", "telegram:7"), True),
        (Turn("telegram:-100:8", "telegram:8", places=("telegram:-100",)), True),
        (Turn("discord:5:77", "discord:5", places=("discord:66", "discord:77")), True),
        (Turn("web:x", "web:x"), True),
        (Turn(ADMIN, ADMIN), True),
        (Turn("console:you", "console:you"), True),
        (Turn("telegram:8", "telegram:8", places=("telegram:8",)), False),
        (Turn("discord:7", "discord:7"), False),
    ],
)
def test_the_guest_list_names_people_places_and_platforms(turn: Turn, admitted: bool) -> None:
    """Whoever is at this machine, and who runs the studio, needs no invitation."""
    allow = frozenset({"telegram:7", "telegram:-100", "discord:66", "web"})
    guests = Guests(allow, frozenset({ADMIN}))
    if admitted:
        guests.admit(turn)
        return
    with pytest.raises(NotAdmitted):
        guests.admit(turn)


async def test_who_is_not_expected_hears_so_and_leaves_no_trace(run: Sitting) -> None:
    """With the id that would let them in; nothing of theirs is kept, not even a greeting."""
    run.conversation._guests = Guests(frozenset({"telegram:7"}))
    channel = CollectingChannel()
    await run.conversation.welcome("telegram:8", "telegram:8", channel)
    await run.conversation.handle(Turn("telegram:8", "telegram:8", "headshot"), channel)
    for entry in channel.entries:
        assert isinstance(entry, Apology)
        assert "telegram:8" in entry.text
    assert len(channel.entries) == 2
    assert not isinstance(channel.entries[0], Say)
    assert run.history._sessions == {}
    assert await run.history.transcript("telegram:8") == []
