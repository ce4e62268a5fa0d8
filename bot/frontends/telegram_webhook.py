"""Telegram calls us: a small server for its updates, behind whatever ends TLS.

Starlette and uvicorn serve the web page already; python-telegram-bot's own would bring tornado.
"""

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.frontends.guest_server import GuestServer, serve_until_cancelled

log = logging.getLogger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY = 1024 * 1024  # an update is some kilobytes
GOODBYE_S = 3

Take = Callable[[dict[str, Any]], Awaitable[None]]


class Webhook(Struct, frozen=True):
    """`url` is what Telegram calls (https), `host` and `port` where we listen for it.

    `secret` comes back in a header with every call, so that nobody else can pretend to be Telegram.
    """

    url: str
    host: str
    port: int
    secret: str

    @property
    def path(self) -> str:
        """The part of the address that our server sees."""
        return urlsplit(self.url).path or "/"


def webhook_app(hook: Webhook, take: Take) -> Starlette:
    """The one route. Every update is taken and answered at once; the work happens elsewhere."""

    async def update(request: Request) -> Response:
        if not _is_telegram(request, hook.secret):
            return Response(status_code=403)
        body = await _body(request)
        try:
            payload = json.loads(body)
        except ValueError:
            return Response(status_code=400)
        if not isinstance(payload, dict):
            return Response(status_code=400)
        await take(payload)
        return Response()

    return Starlette(routes=[Route(hook.path, update, methods=["POST"])])


async def serve_webhook(hook: Webhook, take: Take) -> None:
    """Listen until cancelled. Raises OSError when the port cannot be had."""
    config = uvicorn.Config(
        webhook_app(hook, take), host=hook.host, port=hook.port, log_config=None,
        log_level="warning", access_log=False, lifespan="off",
        timeout_graceful_shutdown=GOODBYE_S, server_header=False,
    )  # fmt: skip
    # uvicorn would end the whole process where the port is taken
    listening = await asyncio.to_thread(socket.create_server, (hook.host, hook.port))
    await serve_until_cancelled(GuestServer(config), listening)


def _is_telegram(request: Request, secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "")
    return hmac.compare_digest(given.encode(), secret.encode())


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return b""
    return body
