"""Whole dialogues with the whole studio but its pictures: what a person would live through."""

import itertools
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct, field, structs

from benchmarks._fast_studio import FastStudio
from benchmarks._interviews import Outcome, Row, Said, same
from bot.core.conversation import Conversation
from bot.core.ports import Interviewer
from bot.core.replies import Ask, Entry, Gallery, Heard, Progress
from bot.core.session import Session
from bot.core.spec import SLOTS, Field, PortraitSpec
from bot.core.turns import Turn
from bot.frontends.collecting import CollectingChannel
from bot.history.memory import MemoryHistory
from engine.dispatch.inprocess import InProcessEngine
from prompts import Prompts

MOST_ANSWERS = 8
"""Answers a sitter gives after their dialogue, until the bot offers to shoot."""
LANGUAGES = ("en", "de", "es", "fr")
EMPTY_KEYS = ("not_understood", "smalltalk", "help", "other_language", "only_emoji")
"""Sentences that take a message no further; right for small talk, useless for a wish."""
TALK = frozenset({"smalltalk", "help", "ask", "skip"})
Value = str | int | float
State = dict[str, Value]


class Turned(Struct):
    """One turn: what was said, what came back (every entry), and how long the first took."""

    text: str
    replies: list[Entry]
    took_ms: float = 0.0


class Played(Struct):
    """A dialogue as it went. `outcomes` compares the brief at its end with what was meant.

    `questions` were asked before the bot first showed the brief or shot; `reasked` are slots asked
    a second time, `needless` those asked although they had been said; `empty` are wishes answered
    with nothing useful, `repeated` turns answered word for word as the one before, `silent` those
    not answered at all; `untapped` questions that came without the two ways out.
    """

    row: Row
    turns: list[Turned] = field(default_factory=list)
    outcomes: list[tuple[str, Outcome]] = field(default_factory=list)
    questions: int = 0
    ready: bool = False
    asked: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    reasked: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    untapped: list[str] = field(default_factory=list)


class Table:
    """One person at one studio: the conversation, and everything it posts."""

    def __init__(self, conversation: Conversation, history: MemoryHistory) -> None:
        self.conversation, self.history = conversation, history
        self.channel = CollectingChannel()

    async def say(self, text: str) -> Turned:
        """Say something and wait until everything that comes of it has come."""
        before, began = self.channel.last, time.perf_counter()
        turn = Turn("dialogue", "dialogue", text)
        await self.conversation.handle(turn, self.channel)
        took_ms = 1000 * (time.perf_counter() - began)
        await self._idle()
        posted = sorted(self.channel.posted.items())
        replies: list[Entry] = [e for seq, e in posted if seq > before and not isinstance(e, Heard)]
        return Turned(text, replies, took_ms)

    async def session(self) -> Session:
        """How the session stands."""
        return await self.history.session("dialogue", "dialogue")

    async def presume(self, given: Mapping[str, Value]) -> None:
        """Put into the brief what the dialogue takes for granted and did not say itself."""
        session = await self.session()
        fields = {slot: Field(value) for slot, value in given.items()}
        spec = PortraitSpec({**session.draft.spec.fields, **fields})
        if spec.values() != session.draft.spec.values():
            draft = structs.replace(session.draft, spec=spec)
            await self.history.save(structs.replace(session, draft=draft))

    async def _idle(self) -> None:
        while jobs := await self.history.jobs("dialogue"):
            await self.channel.ended(jobs[0].seq)


@asynccontextmanager
async def table(reader: Interviewer, known: Prompts) -> AsyncIterator[Table]:
    """A studio that takes every slot, with nobody in it yet."""

    async def discard(blobs: Sequence[str]) -> None:
        pass

    seeds = itertools.count(1)
    history, engine = MemoryHistory(), InProcessEngine(FastStudio(dict.fromkeys(SLOTS)))
    conversation = Conversation(
        history, reader, engine, known, discard=discard, new_seed=lambda: next(seeds)
    )
    await engine.start()
    try:
        yield Table(conversation, history)
    finally:
        await conversation.close()
        await engine.close()


async def play_whole(
    reader: Interviewer, known: Prompts, row: Row, answers: Mapping[str, str]
) -> Played:
    """Play a dialogue; where it ends before the bot was ready, a plain sitter answers on."""
    played, judge = Played(row), _Judge(known)
    async with table(reader, known) as house:
        for said in row.turns:
            await house.presume(said.spec)
            before = (await house.session()).draft.spec
            turned = await house.say(said.text)
            judge.turn(played, said, turned, before)
        spec = (await house.session()).draft.spec
        played.outcomes = list(_compared(meant(row.turns), spec, _changed(row.turns)))
        await _go_on(house, judge, played, answers)
    return played


async def _go_on(house: Table, judge: "_Judge", played: Played, answers: Mapping[str, str]) -> None:
    for _ in range(MOST_ANSWERS):
        if played.ready:
            return
        session = await house.session()
        text = answers.get(session.pending) or answers["look" if session.asked else "subject"]
        turned = await house.say(text)
        judge.turn(played, None, turned, session.draft.spec)


class _Judge:
    """Says what a person would complain about."""

    def __init__(self, known: Prompts) -> None:
        self._useless = {known.say_in(each, key) for key in EMPTY_KEYS for each in LANGUAGES}
        self._questions = {
            known.say_in(each, f"ask_{slot}"): slot for slot in SLOTS for each in LANGUAGES
        }
        self._ways_out = [
            {known.say_in(each, key) for key in ("btn_surprise", "btn_just_shoot")}
            for each in LANGUAGES
        ]

    def turn(self, played: Played, said: Said | None, turned: Turned, before: PortraitSpec) -> None:
        """Note a turn and its faults. `said` is None for a turn the dialogue does not hold."""
        if said and "restart" in said.intent:
            played.asked.clear()
            before = PortraitSpec()
            played.questions = played.questions if played.ready else 0
        for entry in turned.replies:
            self._entry(played, entry, before)
        if not turned.replies:
            played.silent.append(turned.text)
        elif said and said.intent not in TALK and self._is_empty(said, turned):
            played.empty.append(turned.text)
        if played.turns and self._same_words(turned, played.turns[-1]):
            played.repeated.append(turned.text)
        played.turns.append(turned)

    def asked(self, entry: Entry) -> str:
        """The slot an entry asks for, or ""."""
        text = getattr(entry, "text", "")
        return next((slot for words, slot in self._questions.items() if words in text), "")

    def _entry(self, played: Played, entry: Entry, before: PortraitSpec) -> None:
        played.ready = played.ready or _is_ready(entry)
        slot = self.asked(entry)
        if not slot:
            return
        played.questions += not played.ready
        if slot in played.asked:
            played.reasked.append(slot)
        if before.said(slot):
            played.needless.append(slot)
        played.asked.append(slot)
        labels = {choice.label for choice in getattr(entry, "choices", ())}
        if not any(ways <= labels for ways in self._ways_out):
            played.untapped.append(slot)

    def _is_empty(self, said: Said, turned: Turned) -> bool:
        """Whether a wish came to nothing: all that was said back leads no further."""
        wanted = any(not _optional(value) for value in said.set.values()) or said.clear
        ordered = not {*said.intent.split("|")} & {"brief", *TALK}
        words = {getattr(entry, "text", "") for entry in turned.replies}
        return bool(wanted or ordered) and words <= self._useless

    @staticmethod
    def _same_words(one: Turned, other: Turned) -> bool:
        def words(turned: Turned) -> list[str]:
            return [e.text for e in turned.replies if not isinstance(e, Progress | Gallery | Ask)]

        return bool(words(one)) and words(one) == words(other) and one.text != other.text


def _is_ready(entry: Entry) -> bool:
    """Whether the bot offers to shoot, or shows what it has shot."""
    return isinstance(entry, Gallery) or (isinstance(entry, Ask) and entry.brief is not None)


def meant(turns: Sequence[Said]) -> State:
    """What a sitter wants in the end: every change in turn, undone and begun anew as they say."""
    state, past = State(), list[State]()
    for said in turns:
        state = {**state, **said.spec}
        if said.intent == "undo":
            state = past.pop() if past else state
        elif said.intent == "restart":
            state = {}
        else:
            after = {s: _either(state.get(s), v) for s, v in {**state, **said.set}.items()}
            after = {s: v for s, v in after.items() if s not in said.clear}
            past += [state] * (after != state)
            state = after
    return state


def _changed(turns: Sequence[Said]) -> frozenset[str]:
    """Slots that a sitter was free to leave out somewhere: no invention if they are there."""
    return frozenset(s for said in turns for s, v in said.set.items() if _optional(v))


def _optional(value: Value) -> bool:
    return str(value).endswith("|") or value == ""


def _either(before: Value | None, now: Value) -> Value:
    """What may be left out may also stay as it was."""
    keeps = before is not None and before != now and _optional(now)
    return f"{before}|{now}" if keeps else now


def _compared(
    wanted: State, spec: PortraitSpec, free: frozenset[str]
) -> Iterator[tuple[str, Outcome]]:
    """What became of each slot by the end: only what was said counts, never what was assumed."""
    given = {slot: value for slot, value in spec.values().items() if spec.said(slot)}
    for slot in dict.fromkeys((*wanted, *given)):
        value = given.get(slot)
        if value is None:
            if not _optional(wanted[slot]):
                yield slot, "missed"
        elif slot not in wanted or wanted[slot] == "":
            if slot not in free:
                yield slot, "invented"
        else:
            yield slot, "right" if same(wanted[slot], value) else "wrong"
