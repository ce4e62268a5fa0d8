"""The wire to an images server: pictures out, our own errors out, never the server's words."""

import logging
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from engine.errors import StudioFailed
from engine.studio.hosted.fences import fenced_client, may_fetch, retry_after_s
from engine.studio.hosted.settings import Server, Size

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

log = logging.getLogger(__name__)

Tick = Callable[[float], None]
CONNECT_S = 10.0
POLL_S = 0.2
PATIENCE_S = 20.0
"""Longest wait a busy server may ask for before the one further try."""
HEAVIEST = 64 * 2**20
"""Bytes of an answer, or of a picture it points to."""
LARGEST = 32_000_000
"""Pixels of a picture that comes back."""
SLOWING = 0.7
"""Of a picture's usual time, how much is shown as done when it is over."""
REFUSED = ("moderation", "content_policy", "content_filter", "safety", "image_generation_user")


class _Picture(Struct):
    b64_json: str | None = None
    url: str | None = None


class _Answer(Struct):
    data: list[_Picture] = []


class ImagesClient:
    """Asks one server for pictures; one instance serves one thread at a time.

    `usual_s` is what a picture usually takes, for the progress that is shown meanwhile.
    """

    def __init__(self, server: Server, usual_s: float = 30.0) -> None:
        self._server, self._usual_s = server, usual_s

    def generate(self, prompt: str, size: Size, tick: Tick) -> bytes:
        """A picture from words, as the bytes of its file.

        `tick(fraction)` runs a few times a second and may raise to stop waiting; the answer is then
        thrown away. Raises `StudioFailed` with one of the codes of `images_…` in the replies.
        """
        request = self._request(prompt, size)
        return self._ask(lambda c: c.images.with_streaming_response.generate(**request), tick)

    def edit(
        self,
        prompt: str,
        size: Size,
        pictures: Sequence[bytes],
        tick: Tick,
        mask: bytes | None = None,
    ) -> bytes:
        """A picture from pictures (PNG) and words; `tick` and errors as for `generate`.

        `mask` is a PNG of the first picture's size, transparent where it is to be drawn anew.
        """
        files = [(f"{n}.png", data, "image/png") for n, data in enumerate(pictures)]
        request = self._request(prompt, size)
        request["image"] = files if len(files) > 1 else files[0]
        if mask:
            request["mask"] = ("mask.png", mask, "image/png")
        if self._server.model.startswith("gpt-image-1.5"):
            request["input_fidelity"] = "high"  # the later models always keep it, and refuse this
        return self._ask(lambda c: c.images.with_streaming_response.edit(**request), tick)

    def _request(self, prompt: str, size: Size) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._server.model,
            "prompt": prompt,
            "size": f"{size[0]}x{size[1]}",
            "n": 1,
        }
        if self._server.quality:
            request["quality"] = self._server.quality
        return request

    def _ask(self, send: "Callable[[OpenAI], Any]", tick: Tick) -> bytes:
        """Ask; once more when the server is busy and says for how long, if that is short."""
        try:
            return self._wait(send, tick)
        except _Busy as busy:
            seconds = busy.seconds
            if not 0 < seconds <= PATIENCE_S:
                raise
        _rest(seconds, tick)
        return self._wait(send, tick)

    def _wait(self, send: "Callable[[OpenAI], Any]", tick: Tick) -> bytes:
        call = _Call(self._server, send)
        begun = time.monotonic()
        try:
            while not call.done.wait(POLL_S):
                passed = time.monotonic() - begun
                if passed > self._server.timeout_s:
                    raise StudioFailed("no answer in time", code="images_timeout")
                tick(_eased(passed / self._usual_s))
        finally:
            call.given_up.set()
        return call.result()


class _Busy(StudioFailed):
    """The server asks to come back later."""

    code = "images_busy"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        words = round(seconds) or 60
        super().__init__(f"busy for {words} s", seconds=words)


class _Call:
    """One question in a thread of its own, which nobody has to wait for."""

    def __init__(self, server: Server, send: "Callable[[OpenAI], Any]") -> None:
        self._server, self._send = server, send
        self.done, self.given_up = threading.Event(), threading.Event()
        self._picture = b""
        self._error: Exception | None = None
        threading.Thread(target=self._run, name="images", daemon=True).start()

    def result(self) -> bytes:
        """The picture's bytes. Raises what went wrong."""
        if self._error:
            raise self._error
        return self._picture

    def _run(self) -> None:
        try:
            with _translated(), self._client() as client:
                with self._send(client) as response:
                    body = self._read(response.iter_bytes())
                self._picture = self._picture_in(body, client)
        except Exception as error:  # handed to whoever waits
            self._error = error
        finally:
            self.done.set()

    def _client(self) -> "OpenAI":
        import httpx2
        from openai import OpenAI

        timeout = httpx2.Timeout(self._server.timeout_s, connect=CONNECT_S)
        return OpenAI(
            base_url=self._server.base_url,
            api_key=self._server.api_key,
            timeout=timeout,
            max_retries=0,  # a second attempt is a second bill
            http_client=fenced_client(timeout),
        )

    def _read(self, parts: Iterator[bytes]) -> bytes:
        body = bytearray()
        for part in parts:
            body += part
            if len(body) > HEAVIEST:
                raise StudioFailed(f"over {HEAVIEST} bytes", code="images_bad_answer")
            if self.given_up.is_set():
                break
        return bytes(body)

    def _picture_in(self, body: bytes, client: "OpenAI") -> bytes:
        answer = msgspec.json.decode(body, type=_Answer)
        found = next((p for p in answer.data if p.b64_json or p.url), None)
        if found is None:
            # Some servers leave out what their moderation took away, and say nothing.
            raise StudioFailed("no picture in the answer", code="images_empty")
        if found.b64_json:
            return b64decode(found.b64_json.partition("base64,")[2] or found.b64_json)
        return self._fetched(str(found.url), client.timeout)

    def _fetched(self, url: str, timeout: Any) -> bytes:  # noqa: ANN401 - httpx2's own
        """The picture an answer points to; asked for without the key, which is not its host's."""
        if url.startswith("data:"):
            return b64decode(url.partition("base64,")[2])
        if not may_fetch(url, self._server.base_url):
            raise StudioFailed("an address that is not public", code="images_bad_answer")
        with fenced_client(timeout) as plain, plain.stream("GET", url) as response:
            response.raise_for_status()
            return self._read(response.iter_bytes())


@contextmanager
def _translated() -> Iterator[None]:
    """Foreign errors become ours, here alone; their texts may repeat the key, so they stay out."""
    import httpx2
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        raise StudioFailed("no answer in time", code="images_timeout") from error
    except openai.APIConnectionError as error:
        raise StudioFailed(_kind(error.__cause__), code="images_unreachable") from None
    except openai.APIStatusError as error:
        raise _status(error) from None
    except (openai.OpenAIError, httpx2.InvalidURL) as error:
        raise StudioFailed(_kind(error), code="images_cannot") from None
    except httpx2.TimeoutException as error:
        raise StudioFailed("no answer in time", code="images_timeout") from error
    except httpx2.HTTPError as error:
        raise StudioFailed(_kind(error), code="images_bad_answer") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise StudioFailed(_kind(error), code="images_bad_answer") from None


def _status(error: "APIStatusError") -> StudioFailed:
    status, about = error.status_code, f"{error.code} {error.type}".casefold()
    told = f"status {status} ({about})"
    if any(word in about for word in REFUSED) or _says_safety(error):
        return StudioFailed(told, code="images_refused")
    if status in (401, 403):
        return StudioFailed(told, code="images_key")
    if "insufficient_quota" in about or "billing" in about or status == 402:
        return StudioFailed(told, code="images_quota")
    if status in (429, 503):
        return _Busy(retry_after_s(error.response.headers.get("retry-after", "")))
    if status in (408, 504):
        return StudioFailed(told, code="images_timeout")
    return StudioFailed(told, code="images_down" if status >= 500 else "images_cannot")


def _says_safety(error: "APIStatusError") -> bool:
    """Some compatible servers refuse in words alone; these are looked at, and not kept."""
    return error.status_code == 400 and "safety system" in str(error.message).casefold()


def _rest(seconds: float, tick: Tick) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        tick(0.0)
        time.sleep(min(POLL_S, left))


def _eased(share: float) -> float:
    """Ever nearer to 1, which it never reaches: nobody knows how far the server is."""
    return 1.0 - (1.0 - SLOWING) ** share


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
