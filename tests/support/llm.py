"""A language model's server that says what a test wants."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
from msgspec import structs
from openai import AsyncOpenAI

from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import SetSlot, SpecPatch
from bot.core.usage import Usage
from bot.interview.openai_interviewer import FALLBACK, LlmSettings, OpenAIInterviewer
from prompts.library import Prompts
from support.interviewers import ScriptedInterviewer

SETTINGS = LlmSettings("http://model.test/v1", "sk-secret", "tiny", timeout_s=5.0)
COUNT = {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
Said = httpx2.Response | Exception | dict[str, Any] | str | Callable[[dict[str, Any]], Any]


def heard(*changes: tuple[str, Any, str], **fields: Any) -> dict[str, Any]:
    """A well-formed answer: `changes` are (slot, value, quote); the reply comes last."""
    slots = [{"slot": s, "value": v, "quote": q} for s, v, q in changes]
    empty = {"intent": "brief", "evidence": "", "set": slots, "clear": [], "topic": None}
    return {**empty, "reply": None, **fields}


def clearing(slot: str, quote: str) -> dict[str, str]:
    """An entry of `clear`."""
    return {"slot": slot, "quote": quote}


def completion(content: str | None, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    said = {"role": "assistant", "content": content, "refusal": None, **message}
    choice = {"index": 0, "finish_reason": finish, "message": said}
    return {
        "usage": COUNT, "id": "1", "object": "chat.completion", "created": 1, "model": "tiny",
        "choices": [choice],
    }  # fmt: skip


class Stream(httpx2.AsyncByteStream):
    """Server-sent events: `content` in pieces of `size`, then an end, or `error` if given."""

    def __init__(
        self,
        content: str,
        finish: str = "stop",
        size: int = 5,
        error: Exception | None = None,
        count: dict[str, int] | None = COUNT,
    ) -> None:
        self._pieces = [content[at : at + size] for at in range(0, len(content), size)]
        self._finish, self._error, self._count = finish, error, count
        self.sent = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield _event([{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
            self.sent += 1
        if self._error:
            raise self._error
        yield _event([{"index": 0, "delta": {}, "finish_reason": self._finish}])
        if self._count:
            yield _event([], usage=self._count)
        yield b"data: [DONE]\n\n"

    async def aclose(self) -> None:
        self.closed = True


def _event(choices: list[dict[str, Any]], **more: Any) -> bytes:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "tiny"}
    return b"data: " + json.dumps({**chunk, "choices": choices, **more}).encode() + b"\n\n"


def streamed(content: str | dict[str, Any], **options: Any) -> httpx2.Response:
    """An answer that comes in parts; `options` are those of `Stream`."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    stream = Stream(text, **options)
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)


class FakeServer:
    """Answers with `script` in turn, the last for ever; keeps what it was asked.

    A function in the script is given the request and returns the answer.
    """

    def __init__(self, *script: Said) -> None:
        self.script: list[Any] = list(script)
        self.asked: list[dict[str, Any]] = []

    def connect(self, settings: LlmSettings) -> AsyncOpenAI:
        """A real client whose requests end here."""
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        return AsyncOpenAI(
            base_url=settings.base_url, api_key=settings.api_key, max_retries=0, http_client=client
        )

    @property
    def steps(self) -> list[str]:
        """The response format each question asked for."""
        return [asked.get("response_format", {}).get("type", "text") for asked in self.asked]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(said):
            said = said(self.asked[-1])
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx2.Response):
            return said
        content = said if isinstance(said, str) else json.dumps(said)
        if self.asked[-1].get("stream"):
            return streamed(content, size=max(5, len(content) // 100))
        return httpx2.Response(200, json=completion(content))


class Clock:
    """Seconds that pass when told to; sleeping passes them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


TEXT = "Soft  Rembrandt light please, and a navy blazer"
SESSION = Session("web:1", "ann")
BLAZER = SetSlot("wardrobe", "navy blazer", "navy blazer")
LEXICON = Reading(patch=SpecPatch((BLAZER,)), reader="lexicon")


class Room:
    """An interviewer, the server it asks, the lexicon under it, and a clock."""

    def __init__(
        self,
        prompts: Prompts,
        *script: Said,
        lexicon: Reading = LEXICON,
        settings: LlmSettings = SETTINGS,
    ) -> None:
        self.server = FakeServer(*script)
        self.clock = Clock()
        self.lexicon = ScriptedInterviewer({TEXT: lexicon})
        self.spoken: list[str] = []
        self.interviewer = OpenAIInterviewer(
            prompts, self.lexicon, settings, self.server.connect, self.clock, self.clock.sleep
        )

    async def read(self, text: str = TEXT, session: Session = SESSION) -> Reading:
        return await self.interviewer.read(session, text)

    async def listen(self, text: str = TEXT) -> Reading:
        """Read, and keep in `spoken` what was said meanwhile."""

        async def speaking(words: str) -> None:
            self.spoken.append(words)

        return await self.interviewer.read(SESSION, text, speaking)


def status(code: int, **headers: str) -> httpx2.Response:
    """An error whose text repeats what no log should."""
    return httpx2.Response(
        code, json={"error": {"message": "sk-secret", "type": "x"}}, headers=headers
    )


def finished(content: str | None, finish: str = "stop", **message: Any) -> httpx2.Response:
    """A whole answer that ended in this way."""
    return httpx2.Response(200, json=completion(content, finish, **message))


def is_the_lexicons(reading: Reading) -> bool:
    """Whether a reading is the lexicon's with the notice, whatever the failed attempts took."""
    bare = structs.replace(reading, prompt="", instructions="", usage=Usage())
    return bare == structs.replace(LEXICON, notice=FALLBACK)


def slots(reading: Reading) -> dict[str, object]:
    """The values a reading sets."""
    return {change.slot: change.value for change in reading.patch.set}
