"""A language model reads the sitter's words; code believes only what it can verify."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, structs
from pydantic import ValidationError

from bot.core.ports import Interviewer, Reading
from bot.core.session import Session
from bot.core.turns import MAX_TEXT
from bot.interview.breaker import Breaker
from bot.interview.evidence import reading
from bot.interview.ladder import Ladder, Message, Step, Unsupported
from bot.interview.understood import Malformed, Understood, parse, reasons
from prompts.library import Prompts

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI

LOG = logging.getLogger(__name__)
FALLBACK = "notice_llm_fallback"
CONNECT_S = 5.0
PATIENCE_S = 4.0
STUMBLE_S = 0.5
LONGEST_REST_S = 600.0
_REJECTED = frozenset({400, 415, 422, 501})
T = TypeVar("T")


class LlmSettings(Struct, frozen=True):
    """Which model to ask, and where. `timeout_s` bounds a whole reading, in seconds."""

    base_url: str
    api_key: str
    model: str
    timeout_s: float = 45.0


class ModelFailed(Exception):
    """The model gave no reading. `rest_s`: how long it asked to be left alone, in seconds."""

    def __init__(self, detail: str, rest_s: float = 0.0) -> None:
        super().__init__(detail)
        self.rest_s = rest_s


Connect = Callable[[LlmSettings], "AsyncOpenAI"]


def connect(settings: LlmSettings) -> "AsyncOpenAI":
    """A client of any server that speaks OpenAI's chat completions. Connects to nothing yet."""
    import httpx2  # here, because loading openai costs most of a second
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        base_url=settings.base_url,
        api_key=settings.api_key or "none",
        timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_S),
        max_retries=0,
    )


class OpenAIInterviewer:
    """Implements the `Interviewer` port with a language model and, under it, the lexicon.

    The lexicon reads everything first: what it refuses never reaches the model, what the model
    misses it adds, and when the model fails its reading stands.
    """

    def __init__(
        self,
        prompts: Prompts,
        lexicon: Interviewer,
        settings: LlmSettings,
        connect: Connect = connect,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`connect`, `clock` (seconds) and `sleep` are seams for tests."""
        self._prompts, self._lexicon, self._settings = prompts, lexicon, settings
        self._connect, self._sleep = connect, sleep
        self._breaker = Breaker(clock)
        self._ladder = Ladder(self._ask)
        self._client: AsyncOpenAI | None = None
        self._connecting = asyncio.Lock()

    async def read(self, session: Session, text: str) -> Reading:
        """Understand `text`. Never raises for a model's failure: the lexicon's reading stands."""
        found = await self._lexicon.read(session, text)
        if found.refused or not text.strip():
            return found
        if not self._breaker.allows():
            return structs.replace(found, notice=FALLBACK)
        try:
            heard = await self._heard(session, text[:MAX_TEXT])
            self._breaker.succeeded()
            read = reading(heard, found, text[:MAX_TEXT], self._prompts)
            return structs.replace(read, reader=f"openai:{self._settings.model}")
        except ModelFailed as failure:
            LOG.warning("the language model failed: %s", failure)
            self._breaker.failed(failure.rest_s)
            return structs.replace(found, notice=FALLBACK)

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _heard(self, session: Session, text: str) -> Understood:
        spec = session.draft.spec.values()
        system = self._prompts.interviewer.system(self._prompts, spec, session.pending)
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._ladder.climb(messages)
        except ModelFailed:
            raise
        except TimeoutError as error:
            raise ModelFailed("no answer in time") from error
        except Exception as error:
            # Whatever a foreign server can answer, the sitter's turn is not lost over it.
            raise ModelFailed(_brief(error)) from error

    async def _ask(self, step: Step, messages: list[Message]) -> Understood:
        client = await self._connected()
        ask = _strictly if step == "schema" else partial(_loosely, as_json=step == "json_object")
        return await self._patiently(lambda: ask(client, self._settings.model, messages))

    async def _connected(self) -> "AsyncOpenAI":
        async with self._connecting:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect, self._settings)
            return self._client

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask; once more when the server is busy or stumbles, if it wants only a short wait."""
        from openai import APIError

        try:
            return await ask()
        except APIError as error:
            wait_s = _wait_s(error)
            if wait_s is None or wait_s > PATIENCE_S:
                raise _translated(error) from error
        await self._sleep(wait_s)
        try:
            return await ask()
        except APIError as error:
            raise _translated(error) from error


async def _strictly(client: "AsyncOpenAI", model: str, messages: list[Any]) -> Understood:
    """Ask with a schema for the server to enforce; an answer that evades it may still be read."""
    from openai import (
        ContentFilterFinishReasonError,
        LengthFinishReasonError,
    )

    try:
        completion = await client.chat.completions.parse(
            model=model, messages=messages, response_format=Understood
        )
    except LengthFinishReasonError as error:
        raise ModelFailed("the answer was cut off") from error
    except ContentFilterFinishReasonError as error:
        raise ModelFailed("the answer was filtered") from error
    except ValidationError as error:
        return _salvaged(error)
    message = completion.choices[0].message
    if message.refusal:
        raise ModelFailed("the model refused")
    if message.parsed is None:
        raise Malformed("the answer is empty")
    return message.parsed


def _salvaged(error: ValidationError) -> Understood:
    """The reading in an answer that was not bare JSON, such as one between fences."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return parse(str(first["input"]))
    raise Malformed(reasons(error)) from error


async def _loosely(
    client: "AsyncOpenAI", model: str, messages: list[Any], as_json: bool
) -> Understood:
    """Ask for JSON, or for plain text that holds it."""
    options: dict[str, Any] = {"response_format": {"type": "json_object"}} if as_json else {}
    completion = await client.chat.completions.create(model=model, messages=messages, **options)
    choice = completion.choices[0]
    if choice.finish_reason in ("length", "content_filter") or choice.message.refusal:
        raise ModelFailed(f"the model stopped: {choice.finish_reason}")
    return parse(choice.message.content or "")


def _wait_s(error: "APIError") -> float | None:
    """Seconds to wait before asking again; None when asking again would not help."""
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APIConnectionError) and not isinstance(error, APITimeoutError):
        return STUMBLE_S
    if isinstance(error, APIStatusError) and error.status_code not in _REJECTED:
        busy = error.status_code == 429 or error.status_code >= 500
        return _retry_after_s(error.response.headers.get("retry-after", "")) if busy else None
    return None


def _retry_after_s(header: str) -> float:
    """RFC 9110, 10.2.3: seconds, or a date."""
    try:
        return min(max(0.0, float(header)), LONGEST_REST_S)
    except ValueError:
        pass
    try:
        wait = parsedate_to_datetime(header) - datetime.now(UTC)
    except (ValueError, TypeError):
        return STUMBLE_S
    return min(max(0.0, wait.total_seconds()), LONGEST_REST_S)


def _translated(error: "APIError") -> Exception:
    """Our own error for the client library's; never the text, which may repeat a key or words."""
    status = getattr(error, "status_code", None)
    if status in _REJECTED:
        return Unsupported(f"status {status}")
    rest_s = (_wait_s(error) or 0.0) if status == 429 else 0.0
    detail = f"{type(error).__name__} {status or ''}".strip()
    return ModelFailed(detail, rest_s if rest_s > PATIENCE_S else 0.0)


def _brief(error: Exception) -> str:
    """For the log, without anything that may repeat the sitter's words."""
    detail = f": {error}" if isinstance(error, Malformed | Unsupported) else ""
    return f"{type(error).__name__}{detail}"
