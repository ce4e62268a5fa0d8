"""The webhook: Telegram's calls are taken, anybody else's are not."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest
from support.sittings import WORDS, Sitting
from support.telegram_phone import ANN, HOME, TOKEN
from support.telegram_server import Refusal, TelegramServer

from bot.core.desk import explain
from bot.frontends.telegram_app import TelegramApp
from bot.frontends.telegram_webhook import SECRET_HEADER, Webhook

SECRET = "s3cret-token"
MESSAGE = {"message_id": 1, "date": 1, "chat": HOME, "from": ANN, "text": "/help"}
UPDATE = {"update_id": 77, "message": MESSAGE}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def bot(studio: Sitting, server: TelegramServer, port: int) -> TelegramApp:
    hook = Webhook("https://studio.example/telegram/hook", "127.0.0.1", port, SECRET)
    words = partial(explain, WORDS)
    return TelegramApp(
        TOKEN, studio.conversation, studio.blobs, words, request=server, webhook=hook
    )


@asynccontextmanager
async def listening(studio: Sitting) -> AsyncIterator[tuple[TelegramServer, httpx.AsyncClient]]:
    server, port = TelegramServer(), free_port()
    app = bot(studio, server, port)
    running = asyncio.create_task(app.run())
    try:
        await server.until(lambda calls: any(c.method == "setWebhook" for c in calls))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield server, client
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=15)
        assert running.done()


async def call(client: httpx.AsyncClient, secret: str = SECRET, **request: Any) -> int:
    for _ in range(100):
        try:
            headers = {SECRET_HEADER.encode(): secret.encode()} if secret else {}
            answer = await client.post("/telegram/hook", headers=headers, **request)
        except httpx.ConnectError:
            await asyncio.sleep(0.02)
        else:
            return answer.status_code
    raise AssertionError("nobody listens")


async def test_telegram_is_told_where_to_call_and_is_heard(studio: Sitting) -> None:
    """The address, the secret and the kinds of updates; a call becomes an answer; once."""
    async with listening(studio) as (server, client):
        told = server.said("setWebhook")[0].params
        assert told["url"] == "https://studio.example/telegram/hook"
        assert told["secret_token"] == SECRET
        assert set(told["allowed_updates"]) == {"message", "callback_query"}
        assert await call(client, json=UPDATE) == 200
        assert await call(client, json=UPDATE) == 200
        await server.until(lambda calls: any(c.text == WORDS.say("help") for c in calls))
        await asyncio.sleep(0.05)
        assert len(server.said()) == 1
        assert not server.said("getUpdates")


@pytest.mark.parametrize("secret", ["", "guess", SECRET + "x", "schlüssel"])
async def test_nobody_else_can_pretend_to_be_telegram(studio: Sitting, secret: str) -> None:
    """Without the secret nothing is taken."""
    async with listening(studio) as (server, client):
        status = await call(client, secret, json=UPDATE)
        assert status == 403
        await asyncio.sleep(0.05)
        assert not server.said()


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"{}" + b" " * 1024 * 1025])
async def test_a_broken_call_is_refused_and_hurts_nobody(studio: Sitting, body: bytes) -> None:
    """The next one is heard."""
    async with listening(studio) as (server, client):
        assert await call(client, content=body) == 400
        assert await call(client, json=UPDATE) == 200
        await server.until(lambda calls: any(c.text == WORDS.say("help") for c in calls))


async def test_an_address_telegram_refuses_is_one_line(
    studio: Sitting, caplog: pytest.LogCaptureFixture
) -> None:
    """It names the setting; the rest of the program goes on."""
    server = TelegramServer()
    server.refuse = lambda call: (
        Refusal(400, "Bad Request: bad webhook: failed to resolve host")
        if call.method == "setWebhook"
        else None
    )
    await asyncio.wait_for(bot(studio, server, free_port()).run(), 15)
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "TELEGRAM_WEBHOOK_URL" in errors[0]
    assert "resolve host" in errors[0]


async def test_a_taken_port_is_one_line(studio: Sitting, caplog: pytest.LogCaptureFixture) -> None:
    """It names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        app = bot(studio, TelegramServer(), held.getsockname()[1])
        await asyncio.wait_for(app.run(), 15)
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "TELEGRAM_WEBHOOK_LISTEN" in errors[0]
