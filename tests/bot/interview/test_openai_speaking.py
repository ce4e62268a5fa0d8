"""A spoken reply appears while the model writes it, and never says more than is believed."""

import asyncio
import json
from typing import Any, cast

import httpx2
import pytest
from msgspec import structs
from support.llm import (
    COUNT,
    LEXICON,
    SESSION,
    SETTINGS,
    TEXT,
    Room,
    Stream,
    clearing,
    heard,
    streamed,
)

from bot.core.ports import Reading
from bot.core.usage import Prices, Usage, total
from bot.interview.openai_interviewer import FALLBACK
from bot.interview.understood import broken_off, growing
from prompts.interviewer import told
from prompts.library import Prompts, load

LIGHT = ("lighting", "rembrandt", "rembrandt light")
REPLY = "Rembrandt light it is, soft, with the navy blazer. That suits a calm face."
ANSWER = heard(LIGHT, intent="correct", reply=REPLY)


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load()


def rejected(detail: str, code: int = 400) -> httpx2.Response:
    return httpx2.Response(code, json={"error": {"message": detail, "type": "invalid_request"}})


def test_an_answer_speaks_only_when_nothing_but_its_reply_is_missing() -> None:
    """Half a command is no command, and a reply that comes first waits for them all."""
    text = json.dumps(ANSWER)
    begin = text.index('"reply": "') + len('"reply": "')
    assert all(growing(text[:at]) is None for at in range(begin))
    assert [growing(text[:at]).reply for at in range(begin, begin + 3)] == ["", "R", "Re"]  # type: ignore[union-attr]  # shown above to be there
    backwards = json.dumps(dict(reversed(ANSWER.items())))
    assert all(growing(backwards[:at]) is None for at in range(len(backwards) - 1))


@pytest.mark.parametrize("before", ["", "```json\n", "<think>hm {no}</think>\n"])
def test_fences_and_thoughts_do_not_keep_it_from_speaking(before: str) -> None:
    """What stands before the object is never part of the reply."""
    found = growing(before + json.dumps(ANSWER)[:-20])
    assert found is not None
    assert REPLY.startswith(found.reply or "-")


def test_escapes_are_never_shown_half() -> None:
    """Quotes, accents and emoji in JSON's own spelling come whole or not yet."""
    said = 'Ça "va" 😀 \\ so'
    text = json.dumps(heard(reply=said), ensure_ascii=True)
    begin = text.index('"reply": "')
    replies = [g.reply or "" for at in range(begin, len(text)) if (g := growing(text[:at]))]
    assert len(replies) > 20
    assert all(said.startswith(reply) for reply in replies)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("One sentence. Another that was cu", "One sentence."),
        ("One that was cu", "One that was…"),
        ("いい光です。次", "いい光です。"),
    ],
)
def test_a_reply_that_broke_off_ends_with_a_sentence(reply: str, kept: str) -> None:
    """Or shows that it was cut."""
    found = broken_off(json.dumps(heard(LIGHT, reply=reply), ensure_ascii=False)[:-2])
    assert found is not None
    assert found.reply == kept


async def test_the_reply_grows_word_by_word_and_never_shows_json(prompts: Prompts) -> None:
    """Each saying begins with the one before; none holds a brace, a key or half a word."""
    room = Room(prompts, ANSWER)
    reading = await room.listen()
    assert len(room.spoken) > 4
    for earlier, later in zip(room.spoken, [*room.spoken[1:], REPLY], strict=True):
        assert later.startswith(earlier)
        assert later == REPLY or later.split() == REPLY.split()[: len(later.split())]
    assert reading.reply == REPLY
    assert reading.patch.set[1].value == "rembrandt"


async def test_words_are_spoken_while_the_server_still_writes(prompts: Prompts) -> None:
    """The first words come before the last are written."""
    response = streamed(ANSWER)
    room, stream = Room(prompts, response), cast(Stream, response.stream)
    seen: list[int] = []

    async def speaking(words: str) -> None:
        seen.append(stream.sent)

    await room.interviewer.read(SESSION, TEXT, speaking)
    assert seen[0] < seen[-1] <= stream.sent
    assert seen[0] < 0.8 * stream.sent


@pytest.mark.parametrize(
    "answer",
    [
        heard(intent="shoot", evidence="please", reply="Here is your picture!"),
        heard(intent="privacy", reply="We sell everything."),
        heard(intent="ask", topic="lighting:rembrandt", reply="Something else entirely, truly."),
        heard(("age", "12", "navy blazer"), reply="What a lovely child, let us begin."),
    ],
    ids=["shoot", "privacy", "explained", "minor"],
)
async def test_what_the_studio_says_itself_is_not_spoken_by_the_model(
    prompts: Prompts, answer: dict[str, Any]
) -> None:
    """Promises, explanations, refusals: not a word of the model's, not even for a moment."""
    room = Room(prompts, answer)
    reading = await room.listen()
    assert (room.spoken, reading.reply) == ([], "")


async def test_nobody_listening_means_no_stream(prompts: Prompts) -> None:
    """`shoot` and `brief` on the command line take the answer whole."""
    room = Room(prompts, ANSWER)
    assert (await room.read()).reply == REPLY
    assert "stream" not in room.server.asked[0]


ENDS: dict[str, dict[str, Any]] = {
    "cut": {"error": httpx2.RemoteProtocolError("peer closed")},
    "hanging": {"error": httpx2.ReadTimeout("silent")},
    "too long": {"finish": "length"},
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_an_answer_cut_in_its_reply_is_kept(prompts: Prompts, end: dict[str, Any]) -> None:
    """Everything else had been said and checked: the turn goes on, without a notice."""
    text = json.dumps(ANSWER)
    room = Room(prompts, streamed(text[: text.index("That suits") + 8], **end))
    reading = await room.listen()
    assert (reading.notice, reading.reader) == ("", "openai:tiny")
    assert reading.reply == "Rembrandt light it is, soft, with the navy blazer."
    assert reading.patch.set[1].value == "rembrandt"


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_an_answer_cut_in_its_commands_is_the_lexicons_turn(
    prompts: Prompts, end: dict[str, Any]
) -> None:
    """Half a list of changes is none."""
    text = json.dumps(ANSWER)
    room = Room(prompts, streamed(text[: text.index('"clear"')], **end))
    reading = await room.listen()
    assert reading.notice == FALLBACK
    assert reading.patch == LEXICON.patch
    assert room.spoken == []


async def test_a_filtered_reply_is_not_kept(prompts: Prompts) -> None:
    """What the server takes back is taken back."""
    room = Room(prompts, streamed(ANSWER, finish="content_filter"))
    reading = await room.listen()
    assert (reading.notice, reading.reply) == (FALLBACK, "")


async def test_a_reply_without_end_is_cut_off(prompts: Prompts) -> None:
    """The line is closed, so that nobody pays for an essay."""
    response = streamed(heard(intent="smalltalk", reply="well and so " * 5000))
    room, stream = Room(prompts, response), cast(Stream, response.stream)
    reading = await room.listen()
    assert stream.sent * 5 < 4000
    assert stream.closed
    assert 0 < len(reading.reply) <= 400


async def test_a_server_that_cannot_count_or_stream_still_answers(prompts: Prompts) -> None:
    """First without the count, then whole; what it masters is remembered."""
    counts, streams = rejected("Unknown field: stream_options"), rejected("stream not supported")
    room = Room(prompts, counts, streams, ANSWER)
    assert (await room.listen()).reply == REPLY
    assert (await room.listen()).reply == REPLY
    asked = [(a.get("stream"), "stream_options" in a) for a in room.server.asked]
    assert asked == [(True, True), (True, False), (None, False), (None, False)]
    assert set(room.server.steps) == {"json_schema"}


async def test_a_server_that_ignores_the_wish_to_stream_still_answers(prompts: Prompts) -> None:
    """It sends a whole answer where parts were expected; then it is asked for whole ones."""
    body = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "{}"}}]}
    room = Room(prompts, *[httpx2.Response(200, json=body)] * 2, ANSWER)
    assert (await room.listen()).reply == REPLY
    assert room.spoken == []


async def test_steps_and_manners_are_found_together(prompts: Prompts) -> None:
    """No schema, no JSON mode, no stream: plain text, whole."""
    room = Room(prompts, rejected("no"), rejected("no"), rejected("no"), rejected("no"), ANSWER)
    assert (await room.listen()).reply == REPLY
    assert room.server.steps == ["json_schema", "json_object", "text", "text", "text"]
    assert "stream" not in room.server.asked[-1]


async def test_two_people_are_spoken_to_at_once(prompts: Prompts) -> None:
    """One client, one ladder, two voices that do not mix."""
    answers = [heard(intent="smalltalk", reply=f"{who} is welcome here today.") for who in "AB"]
    room = Room(prompts, *answers)
    voices: dict[str, list[str]] = {"a": [], "b": []}

    async def hear(who: str) -> Reading:
        async def speaking(words: str) -> None:
            voices[who].append(words)
            await asyncio.sleep(0)

        return await room.interviewer.read(SESSION, "hello", speaking)

    await asyncio.gather(hear("a"), hear("b"))
    assert [{words[0] for words in said} for said in voices.values()] in (
        [{"A"}, {"B"}],
        [{"B"}, {"A"}],
    )


# --- what it takes ---

PRICED = structs.replace(SETTINGS, prices=Prices(prompt=2.0, completion=10.0))


@pytest.mark.parametrize("aloud", [False, True], ids=["whole", "streamed"])
async def test_tokens_and_cost_are_the_servers_count(prompts: Prompts, aloud: bool) -> None:
    """At the prices that were set."""
    room = Room(prompts, ANSWER, settings=PRICED)
    reading = await (room.listen() if aloud else room.read())
    read, written = COUNT["prompt_tokens"], COUNT["completion_tokens"]
    assert reading.usage == Usage(1, read, written, (2.0 * read + 10.0 * written) / 1e6)


async def test_a_repair_is_paid_for_too(prompts: Prompts) -> None:
    """Both questions count."""
    room = Room(prompts, "rubbish", ANSWER, settings=PRICED)
    reading = await room.listen()
    assert (reading.usage.calls, reading.usage.prompt_tokens) == (2, 2 * COUNT["prompt_tokens"])


async def test_an_answer_broken_off_is_estimated(prompts: Prompts) -> None:
    """It was worked for, and says that nobody counted."""
    error = httpx2.RemoteProtocolError("cut")
    room = Room(prompts, streamed(json.dumps(ANSWER)[:-9], error=error), settings=PRICED)
    usage = (await room.listen()).usage
    assert usage.estimated
    assert usage.prompt_tokens > 1000
    assert 0 < usage.completion_tokens < 200
    assert usage.cost > 0


async def test_a_question_nobody_heard_costs_nothing(prompts: Prompts) -> None:
    """It is counted as asked."""
    room = Room(prompts, httpx2.ConnectError("refused"), settings=PRICED)
    assert (await room.listen()).usage == Usage(calls=2)


async def test_the_instructions_are_named_with_the_reading(prompts: Prompts) -> None:
    """Name, hash and text; other instructions or another vocabulary have another hash."""
    room = Room(prompts, ANSWER)
    reading = await room.read()
    name, _, digest = reading.prompt.partition("@")
    assert (name, len(digest)) == ("interviewer", 12)
    other = structs.replace(prompts.interviewer, template="Other instructions.")
    assert other.version(prompts) != reading.prompt
    fewer = structs.replace(prompts, slots={"film": prompts.slots["film"]})
    assert prompts.interviewer.version(fewer) != reading.prompt
    system = room.server.asked[0]["messages"][0]["content"]
    assert told(reading.instructions, {}, "") == system


def test_a_sessions_usage_is_the_sum() -> None:
    """One estimate makes the sum an estimate."""
    parts = [Usage(1, 10, 2, 0.5), Usage(2, 5, 1, 0.25, estimated=True)]
    assert total(parts) == Usage(3, 15, 3, 0.75, estimated=True)
    assert total([]) == Usage()


async def test_a_removal_needs_the_words_too(prompts: Prompts) -> None:
    """A slot is not emptied because a model felt like it."""
    room = Room(prompts, heard(clear=[clearing("film", "no film"), "backdrop"]))
    assert (await room.read()).patch.clear == ()
