"""An answer is got out of whatever server is there, as strictly as it can be asked."""

import pytest
from support.llm import Room, heard, is_the_lexicons, slots, status

from bot.interview.ladder import SLIPS
from prompts.library import Prompts, load

LIGHT = ("lighting", "rembrandt", "rembrandt light")
SHOOT = '{"intent": "shoot", "evidence": "please"}'


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load()


@pytest.mark.parametrize("code", [400, 422, 501])
async def test_the_ladder_finds_the_step_a_server_masters(prompts: Prompts, code: int) -> None:
    """Rejected steps are left behind, and not tried again."""
    fenced = f"Sure!\n```json\n{SHOOT}\n```\nAnything else?"
    room = Room(prompts, status(code), status(code), fenced)
    assert (await room.read()).intent == "shoot"
    assert (await room.read()).intent == "shoot"
    assert room.server.steps == ["json_schema", "json_object", "text", "text"]
    assert "JSON schema" in room.server.asked[2]["messages"][0]["content"]
    assert "JSON schema" not in room.server.asked[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{SHOOT}\n```",
        f'<think>{{"intent": "brief"}} no…</think> {SHOOT}',
        f'Here {{is}} it: {{"mood": 1}} {SHOOT} {{',
    ],
)
async def test_json_is_found_among_chatter(prompts: Prompts, content: str) -> None:
    """Fences, thoughts and small talk around the answer do no harm, even where schemas fail."""
    room = Room(prompts, content)
    reading = await room.read()
    assert (reading.intent, reading.notice) == ("shoot", "")


@pytest.mark.parametrize(
    "rubbish",
    [
        "I would love to take your portrait!",
        "",
        "[]",
        "{" * 5000,
        '{"intent": "dance", "set": []}',
        '{"intent": "brief", "set": [{"slot": "age"}]}',
        '{"intent": "brief", "set": "light"}',
        '{"intent": "brief", "clear": [{}], "reply": 7}',
    ],
)
async def test_rubbish_is_asked_again_once_with_the_reason(prompts: Prompts, rubbish: str) -> None:
    """A repaired answer counts; twice rubbish leaves it to the lexicon."""
    room = Room(prompts, rubbish, heard(LIGHT))
    assert "lighting" in slots(await room.read())
    assert "could not be used" in room.server.asked[1]["messages"][-1]["content"]
    room = Room(prompts, rubbish)
    assert is_the_lexicons(await room.read())
    assert len(room.server.asked) == 2


async def test_one_slip_leaves_the_step_as_it_was(prompts: Prompts) -> None:
    """A single answer gone wrong does not make a server be asked less strictly for ever."""
    room = Room(prompts, "Gladly!", heard(LIGHT), heard(LIGHT))
    await room.read()
    await room.read()
    assert room.server.steps == ["json_schema", "json_object", "json_schema"]


async def test_a_server_that_slips_again_and_again_is_asked_less_strictly(
    prompts: Prompts,
) -> None:
    """What never holds at a step is not tried there any longer."""
    room = Room(prompts, *["Gladly!", heard(LIGHT)] * SLIPS, heard(LIGHT))
    for _ in range(SLIPS + 1):
        await room.read()
    assert room.server.steps == ["json_schema", "json_object"] * SLIPS + ["json_object"]
