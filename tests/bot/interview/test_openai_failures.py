"""Whatever the language model does, the turn is read, and nobody waits for what is broken."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest
from msgspec import structs
from support.llm import SESSION, TEXT, Room, Said, finished, heard, is_the_lexicons, status

from bot.core.ports import Reading
from bot.core.spec import SetSlot
from bot.interview.openai_interviewer import FALLBACK
from prompts.library import Prompts, load

LIGHT = ("lighting", "rembrandt", "rembrandt light")


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load()


JSON = {"content-type": "application/json"}
FAILURES: dict[str, Said] = {
    "refusal": finished(None, refusal="I cannot help with that."),
    "truncated": finished('{"intent": "br', "length"),
    "filtered": finished("", "content_filter"),
    "unauthorised": status(401),
    "unknown model": status(404),
    "broken": status(500),
    "overloaded": status(529),
    "busy for an hour": status(429, **{"retry-after": "3600"}),
    "refused": httpx2.ConnectError("refused"),
    "hanging": httpx2.ReadTimeout("hanging"),
    "cut": httpx2.RemoteProtocolError("cut"),
    "not json": httpx2.Response(200, text="<html>captive portal</html>"),
    "half json": httpx2.Response(200, text='{"choices": [', headers=JSON),
    "null": httpx2.Response(200, json=None),
    "a list": httpx2.Response(200, json=[1]),
    "no choices": httpx2.Response(200, json={"choices": []}),
    "null choices": httpx2.Response(200, json={"choices": None}),
    "odd choices": httpx2.Response(200, json={"choices": [{"message": 3}]}),
    "no content": finished(None),
    "odd content": finished('"intent"'),
    "redirect": httpx2.Response(302, headers={"location": "http://model.test/v1/elsewhere"}),
}  # fmt: skip


@pytest.mark.parametrize("aloud", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_every_failure_ends_in_the_lexicons_reading(
    prompts: Prompts, failure: Said, aloud: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The turn is read, the notice is due, and the log repeats neither key nor words."""
    room = Room(prompts, failure)
    reading = await (room.listen() if aloud else room.read())
    assert is_the_lexicons(reading)
    assert room.spoken == []
    assert "sk-secret" not in caplog.text
    assert "blazer" not in caplog.text


@pytest.mark.parametrize(
    ("failure", "slept"),
    [
        (status(500), 0.5),
        (status(429), 0.5),
        (status(429, **{"retry-after": "2"}), 2.0),
        (status(503, **{"retry-after": "nonsense"}), 0.5),
        (httpx2.ConnectError("once"), 0.5),
    ],
)
async def test_a_stumble_is_waited_out(prompts: Prompts, failure: Said, slept: float) -> None:
    """One more try after the wait the server asks for, when that is short."""
    room = Room(prompts, failure, heard(LIGHT))
    assert (await room.read()).notice == ""
    assert room.clock.slept == [slept]


async def test_a_server_that_wants_an_hour_is_left_alone(prompts: Prompts) -> None:
    """At once, without waiting, for as long as it asks up to ten minutes."""
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    room = Room(prompts, status(429, **{"retry-after": later}), heard(LIGHT))
    await room.read()
    room.clock.now += 599
    assert (await room.read()).notice == FALLBACK
    assert len(room.server.asked) == 1
    room.clock.now += 2
    assert (await room.read()).notice == ""


async def test_after_three_failures_the_model_rests_for_a_minute(prompts: Prompts) -> None:
    """The chat stays quick; then one question finds out whether it is back."""
    room = Room(prompts, status(401))
    for _ in range(5):
        assert (await room.read()).notice == FALLBACK
    assert len(room.server.asked) == 3
    room.clock.now += 61
    await room.read()
    await room.read()
    assert len(room.server.asked) == 4
    room.server.script = [heard(LIGHT)]
    room.clock.now += 61
    assert (await room.read()).notice == ""
    assert (await room.read()).notice == ""


async def test_a_success_forgets_earlier_failures(prompts: Prompts) -> None:
    """Only failures in a row count."""
    script: list[Said] = [status(401), status(401), heard(LIGHT)] * 2
    room = Room(prompts, *script)
    notices = [(await room.read()).notice for _ in script]
    assert notices == [FALLBACK, FALLBACK, ""] * 2


async def test_what_one_sitter_provokes_is_no_rest_for_the_others(prompts: Prompts) -> None:
    """A model that refuses somebody's words is well: only that conversation leaves it alone."""
    room = Room(prompts, finished(None, refusal="I cannot help with that."))
    for _ in range(5):
        assert (await room.read()).notice == FALLBACK
    assert len(room.server.asked) == 3
    room.server.script = [heard(LIGHT)]
    other = structs.replace(SESSION, id="web:2")
    assert (await room.read(TEXT, other)).notice == ""
    assert (await room.read()).notice == FALLBACK
    room.clock.now += 61
    assert (await room.read()).notice == ""


async def test_only_one_turn_finds_out_whether_a_server_is_back(prompts: Prompts) -> None:
    """The others do not wait for it: a server that hangs would hold all of them up."""
    room = Room(prompts, status(401))
    for _ in range(3):
        await room.read()
    room.clock.now += 61
    breakers = room.interviewer.breakers
    assert [breakers.allows("a"), breakers.allows("b")] == [True, False]
    room.clock.now += 61
    assert breakers.allows("b")


async def test_what_the_lexicon_half_understood_is_still_asked(prompts: Prompts) -> None:
    """A model that makes nothing of a message does not hide the lexicon's guess."""
    guess = SetSlot("shot", "medium", "navy")
    room = Room(prompts, heard(), lexicon=Reading(unsure=(guess,)))
    assert (await room.read()).unsure == (guess,)
    room = Room(prompts, heard(LIGHT), lexicon=Reading(unsure=(guess,)))
    assert (await room.read()).unsure == ()
