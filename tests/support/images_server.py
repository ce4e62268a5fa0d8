"""A server that speaks OpenAI's images API over real HTTP, and says what a test wants."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from msgspec import Struct, field

KEY = "sk-hush-hush"


class Asked(Struct, frozen=True):
    """One request: its path, its fields, the bytes of its files, in order, and its headers."""

    path: str
    fields: dict[str, Any]
    files: dict[str, list[bytes]]
    headers: dict[str, str]


class Said(Struct, frozen=True):
    """An answer: `body` goes out as it is; the connection breaks off after `cut` bytes of it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None


def picture(data: bytes) -> Said:
    """A picture in base64, as GPT image models answer."""
    return Said(body=_json({"created": 1, "data": [{"b64_json": b64encode(data).decode()}]}))


def at(url: str) -> Said:
    """A picture as an address, as many compatible servers answer."""
    return Said(body=_json({"created": 1, "data": [{"url": url}]}))


def refusal(status: int, code: str = "", kind: str = "", message: str = "no", **more: str) -> Said:
    """An error as the API words it; `more` are headers, "_" for "-"."""
    error = {"message": message, "type": kind, "param": None, "code": code or None}
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    return Said(status, _json({"error": error}), headers)


Answer = Said | Callable[[Asked], Said]


class ImagesServer:
    """Answers with `script` in turn, the last for ever; keeps what it was asked.

    `files` are what it hands out by path, to whoever asks.
    """

    def __init__(self, *script: Answer) -> None:
        self.script: list[Answer] = list(script)
        self.asked: list[Asked] = []
        self.files: dict[str, bytes] = {}
        self.fetched: list[dict[str, str]] = []
        self.url = ""

    @contextmanager
    def open(self) -> Iterator["ImagesServer"]:
        """Serve on this machine while the block runs."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, asked: Asked) -> Said:
        """What it says to this request."""
        self.asked.append(asked)
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return said if isinstance(said, Said) else said(asked)


def _handler(owner: ImagesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fields, files = _read(self.headers["content-type"], body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._say(owner.answer(Asked(self.path, fields, files, headers)))

        def do_GET(self) -> None:
            owner.fetched.append({name.lower(): v for name, v in self.headers.items()})
            data = owner.files.get(self.path)
            self._say(Said(404) if data is None else Said(body=data))

        def _say(self, said: Said) -> None:
            time.sleep(said.delay)
            try:
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body[: said.cut])
            except OSError:
                return  # whoever asked has left
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal."""

    return Handler


def _read(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, list[bytes]]]:
    if kind.startswith("application/json"):
        return json.loads(body), {}
    message = BytesParser(policy=HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + body)
    fields: dict[str, Any] = {}
    files: dict[str, list[bytes]] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if part.get_filename():
            files.setdefault(name.removesuffix("[]"), []).append(data)
        else:
            fields[name] = data.decode()
    return fields, files


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
