"""Fences around a server's answers: how much is read of one, and where a picture may lie."""

import ipaddress
import math
import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx2

ERROR_BYTES = 64 * 1024
"""Of an error's body: enough for its code, whatever else a broken server sends along."""
LONGEST_WAIT_S = 24 * 3600.0
ORDINARY = {"http": 80, "https": 443}


def fenced_client(timeout: Any) -> "httpx2.Client":  # noqa: ANN401 - httpx2's own
    """A client that follows no redirects, and of an error reads no more than `ERROR_BYTES`.

    A redirect would take a photo to a server its owner was not told of.
    """
    import httpx2

    class Cut(httpx2.SyncByteStream):
        def __init__(self, stream: Any) -> None:  # noqa: ANN401 - its own protocol
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            left = ERROR_BYTES
            for part in self._stream:
                yield part[:left]
                left -= len(part)
                if left <= 0:
                    return

        def close(self) -> None:
            self._stream.close()

    def cut(response: "httpx2.Response") -> None:
        if response.status_code >= 400:
            # Compressed, few bytes may be many, and cut they are nothing; plain ones are asked for.
            response.headers.pop("content-encoding", None)
            response.stream = Cut(response.stream)

    return httpx2.Client(
        timeout=timeout,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [cut]},
    )


def may_fetch(url: str, home: str) -> bool:
    """Whether a picture may be fetched from `url`: from the server at `home` itself, or from
    anywhere on the public internet. Nothing else: an answer must not have this machine look into
    its own network. Looks the name up, which blocks.
    """
    there = _place(url)
    if there is None:
        return False
    if there == _place(home):
        return True
    try:
        found = socket.getaddrinfo(*there, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(_is_public(str(address[0])) for *_, address in found)


def retry_after_s(header: str) -> float:
    """Seconds to wait (RFC 9110, 10.2.3), from a number or a date; 0 where it says nothing."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT_S) if math.isfinite(seconds) else 0.0


def _place(url: str) -> tuple[str, int] | None:
    """Host and port of a web address; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or ORDINARY[parts.scheme]
    except (KeyError, ValueError):
        return None
    return (parts.hostname, port) if parts.hostname else None


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast
