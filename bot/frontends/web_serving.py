"""The web page on its port: no process exit, one clear line when it cannot be served."""

import asyncio
import errno
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from bot.errors import ConfigError
from bot.frontends.guest_server import GuestServer, serve_until_cancelled

MAX_FRAME = 1024 * 1024  # bytes of one message from the page
GOODBYE_S = 5


async def serve(
    app: ASGIApp, host: str, port: int, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve until the task is cancelled; then say goodbye to open pages and return.

    `on_ready` is called once with the address to open. Raises `ConfigError`, one clear line, when
    the port is taken or the host is not this machine's.
    """
    listening = await asyncio.to_thread(_listen, host, port)
    server = _Server(_config(app), lambda: on_ready and on_ready(_address(host, listening)))
    await serve_until_cancelled(server, listening)


class _Server(GuestServer):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._on_ready()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=MAX_FRAME,
        timeout_graceful_shutdown=GOODBYE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ConfigError(f"Cannot listen on {host}: {error.strerror or error}.") from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigError(_reason(error, host, port)) from error
    listening.setblocking(False)
    return listening


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is already in use: choose another, or stop what runs there."
    return f"Cannot listen on {host}:{port}: {error.strerror}."


def _address(host: str, listening: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else name
    return f"http://{shown}:{listening.getsockname()[1]}"
