"""A language model's server that says what a test wants."""

import json
from typing import Any

import httpx2
from openai import AsyncOpenAI

from bot.interview.openai_interviewer import LlmSettings

SETTINGS = LlmSettings("http://model.test/v1", "sk-secret", "tiny", timeout_s=5.0)
Said = httpx2.Response | Exception | dict[str, Any] | str


def heard(*changes: tuple[str, Any, str], **fields: Any) -> dict[str, Any]:
    """A well-formed answer: `changes` are (slot, value, quote)."""
    slots = [{"slot": s, "value": v, "quote": q} for s, v, q in changes]
    empty = {"intent": "brief", "set": slots, "clear": [], "topic": None, "reply": None}
    return {**empty, **fields}


def completion(content: str | None, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    said = {"role": "assistant", "content": content, "refusal": None, **message}
    choice = {"index": 0, "finish_reason": finish, "message": said}
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "tiny",
        "choices": [choice],
    }  # fmt: skip


class FakeServer:
    """Answers with `script` in turn, the last for ever; keeps what it was asked."""

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
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx2.Response):
            return said
        content = said if isinstance(said, str) else json.dumps(said)
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
