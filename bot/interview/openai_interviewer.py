"""A language model reads the sitter's words; code believes only what it can verify."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct, structs

from bot.core.ports import Interviewer, Reading, Speaking
from bot.core.session import Session
from bot.core.turns import MAX_TEXT
from bot.core.usage import Prices, Usage
from bot.interview.answers import Answer, Manners, ModelFailed, NoStream, understood
from bot.interview.breaker import Breakers
from bot.interview.evidence import reading
from bot.interview.ladder import STEPS, Ladder, Message, Step, Unsupported, response_format
from bot.interview.speech import Speech
from bot.interview.understood import Malformed, Understood, broken_off
from bot.interview.witness import Witness
from prompts.library import Prompts

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI

LOG = logging.getLogger(__name__)
FALLBACK = "notice_llm_fallback"
CONNECT_S = 5.0
PATIENCE_S = 4.0
STUMBLE_S = 0.5
LONGEST_REST_S = 600.0
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REJECTED = frozenset({400, 415, 422, 501})


class LlmSettings(Struct, frozen=True):
    """Which model to ask, and where.

    `timeout_s` bounds a whole reading, in seconds; `prices` are per million tokens.
    """

    base_url: str
    api_key: str
    model: str
    timeout_s: float = 45.0
    prices: Prices = Prices()


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
        self._prompts, self._lexicon, self.settings = prompts, lexicon, settings
        self._connect, self.sleep = connect, sleep
        self.breakers = Breakers(clock)
        self.ladder, self.manners = Ladder(), Manners()
        told = prompts.interviewer
        self._told = told.version(prompts), told.instructions(prompts)
        self._client: AsyncOpenAI | None = None
        self._connecting = asyncio.Lock()

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        """Understand `text`. Never raises for a model's failure: the lexicon's reading stands."""
        found = await self._lexicon.read(session, text)
        if found.refused or not text.strip():
            return found
        if not self.breakers.allows(session.id):
            return structs.replace(found, notice=FALLBACK)
        said = text[:MAX_TEXT]
        witness = Witness(self._lexicon, self._prompts, said)

        async def checked(heard: Understood) -> Reading:
            return reading(await witness.heard(heard), found, said, self._prompts)

        async def fit(heard: Understood) -> str:
            return (await checked(heard)).reply

        asking = _Asking(self, Speech(speaking, fit) if speaking else None)
        try:
            heard = await asking.heard(self._messages(session, said))
            self.breakers.succeeded(session.id)
            read = structs.replace(await checked(heard), reader=f"openai:{self.settings.model}")
        except ModelFailed as failure:
            LOG.warning("the language model failed: %s", failure, extra={"session": session.id})
            if failure.answered:
                self.breakers.wasted(session.id)
            else:
                self.breakers.failed(failure.rest_s)
            read = structs.replace(found, notice=FALLBACK)
        version, text = self._told
        return structs.replace(read, prompt=version, instructions=text, usage=asking.usage)

    @property
    def elsewhere(self) -> bool:
        """Whether the sitter's words leave this machine to be read."""
        return urlsplit(self.settings.base_url).hostname not in _HERE

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def client(self) -> "AsyncOpenAI":
        """The one client, made when it is first needed."""
        async with self._connecting:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect, self.settings)
            return self._client

    def _messages(self, session: Session, text: str) -> list[Message]:
        spec = session.draft.spec.values()
        system = self._prompts.interviewer.system(self._prompts, spec, session.pending)
        return [{"role": "system", "content": system}, {"role": "user", "content": text}]


class _Asking:
    """One reading's questions to the model: what they took, and how far the last answer came."""

    def __init__(self, interviewer: OpenAIInterviewer, speech: Speech | None) -> None:
        self._interviewer, self._speech = interviewer, speech
        self._settings, self._manners = interviewer.settings, interviewer.manners
        self._answer = Answer()
        self.usage = Usage()

    async def heard(self, messages: list[Message]) -> Understood:
        """What the model understood. Raises `ModelFailed`."""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._interviewer.ladder.climb(self._ask, messages)
        except Exception as error:
            # Whatever a foreign server can answer, the sitter's turn is not lost over it.
            if kept := broken_off(self._answer.content):
                LOG.warning("the language model's reply broke off: %s", _brief(error))
                return kept
            if isinstance(error, ModelFailed):
                raise
            late = isinstance(error, TimeoutError)
            detail = "no answer in time" if late else _brief(error)
            raise ModelFailed(detail, answered=isinstance(error, Malformed)) from error

    async def _ask(self, step: Step, messages: list[Message]) -> Understood:
        while True:
            streaming = self._speech is not None and self._manners.now != "whole"
            try:
                return understood(await self._patiently(step, messages))
            except Unsupported as error:
                about_it = error.streams or step == STEPS[-1]
                if not (streaming and about_it and self._manners.lower()):
                    raise
            except NoStream:
                self._manners.lower()

    async def _patiently(self, step: Step, messages: list[Message]) -> Answer:
        """Ask; once more when the server is busy or stumbles, if it wants only a short wait."""
        from openai import APIError

        try:
            return await self._once(step, messages)
        except APIError as error:
            wait_s = _wait_s(error)
            if wait_s is None or wait_s > PATIENCE_S or broken_off(self._answer.content):
                raise _translated(error) from error
        await self._interviewer.sleep(wait_s)
        try:
            return await self._once(step, messages)
        except APIError as error:
            raise _translated(error) from error

    async def _once(self, step: Step, messages: list[Message]) -> Answer:
        client, answer = await self._interviewer.client(), Answer()
        self._answer = answer
        request: dict[str, Any] = {"model": self._settings.model, "messages": messages}
        request |= response_format(step)
        try:
            if self._speech is None or self._manners.now == "whole":
                answer.take(await client.chat.completions.create(**request))
            else:
                await self._listen(client, request, answer, self._speech)
        finally:
            self.usage += self._spent(messages, answer)
        return answer

    async def _listen(
        self, client: "AsyncOpenAI", request: dict[str, Any], answer: Answer, speech: Speech
    ) -> None:
        if self._manners.now == "counted":
            request["stream_options"] = {"include_usage": True}
        async with await client.chat.completions.create(**request, stream=True) as parts:
            async for part in parts:
                answer.add(part)
                await speech.follow(answer.content)
                if answer.enough:
                    return
        if not answer.begun:
            raise NoStream

    def _spent(self, messages: list[Message], answer: Answer) -> Usage:
        if not answer.begun:
            return Usage(calls=1)
        asked = "".join(message["content"] for message in messages)
        read, written, estimated = answer.tokens(asked)
        return Usage(1, read, written, self._settings.prices.of(read, written), estimated)


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
        return Unsupported(f"status {status}", "stream" in str(getattr(error, "body", "")).lower())
    rest_s = (_wait_s(error) or 0.0) if status == 429 else 0.0
    detail = f"{type(error).__name__} {status or ''}".strip()
    return ModelFailed(detail, rest_s if rest_s > PATIENCE_S else 0.0)


def _brief(error: Exception) -> str:
    """For the log, without anything that may repeat the sitter's words."""
    detail = f": {error}" if isinstance(error, Malformed | Unsupported) else ""
    return f"{type(error).__name__}{detail}"
