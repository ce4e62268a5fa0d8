"""Downloads from an official origin over HTTPS, resumable."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx2

_ATTEMPTS = 4
_CONNECT_S = 5.0
_READ_S = 20.0


class OriginFailed(Exception):
    """The origin did not deliver; the message is a clause such as `github.com answered 404`."""


class Origins:
    """The official origins, as seen from this machine during one run.

    A host that could not be reached is not tried again, so ten files cost one wait, not ten.
    """

    def __init__(self, *, pause_s: float = 1.0) -> None:
        self._pause_s = pause_s
        self._unreachable: set[str] = set()

    def download(self, url: str, part: Path, advance: Callable[[int], None]) -> None:
        """Complete `part` from `url`, going on where an earlier attempt stopped.

        `advance` is told the bytes that lie in `part` so far.

        Raises:
            OriginFailed: The host is unreachable, refuses, or breaks off again and again.
            OSError: `part` cannot be written.
        """
        import httpx2

        host = urlsplit(url).hostname or url
        if host in self._unreachable:
            raise OriginFailed(f"{host} cannot be reached")
        timeout = httpx2.Timeout(_READ_S, connect=_CONNECT_S)
        broken: Exception | None = None
        with httpx2.Client(timeout=timeout, follow_redirects=True) as client:
            for attempt in range(_ATTEMPTS):
                if attempt:
                    time.sleep(self._pause_s * 2 ** (attempt - 1))
                try:
                    return self._attempt(client, url, part, advance)
                except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
                    self._unreachable.add(host)
                    raise OriginFailed(f"{host} cannot be reached") from error
                except httpx2.TransportError as error:
                    broken = error
        raise OriginFailed(f"the download from {host} broke off {_ATTEMPTS} times") from broken

    def _attempt(
        self, client: httpx2.Client, url: str, part: Path, advance: Callable[[int], None]
    ) -> None:
        have = part.stat().st_size if part.exists() else 0
        # Compressed transfer would make byte ranges and file sizes mean different things.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                return
            _demand_success(response)
            resumed = response.status_code == 206
            with part.open("ab" if resumed else "wb") as out:
                _pour(response, out.write, have if resumed else 0, advance)
                out.flush()
                os.fsync(out.fileno())


def _demand_success(response: httpx2.Response) -> None:
    import httpx2

    if response.status_code >= 500 or response.status_code == 429:
        raise httpx2.RemoteProtocolError(f"status {response.status_code}")
    if response.status_code not in (200, 206):
        raise OriginFailed(f"{response.url.host} answered {response.status_code}")


def _pour(
    response: httpx2.Response,
    write: Callable[[bytes], object],
    done: int,
    advance: Callable[[int], None],
) -> None:
    for chunk in response.iter_raw():
        write(chunk)
        done += len(chunk)
        advance(done)
