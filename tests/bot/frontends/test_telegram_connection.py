"""Telegram out of reach, in a hurry, or refusing us: no reply is lost, one line is logged."""

import asyncio
from functools import partial
from pathlib import Path

import httpx
import pytest
from support.sittings import WORDS, Sitting
from support.telegram_phone import (
    SESSION,
    TOKEN,
    Phone,
)
from support.telegram_server import Refusal, TelegramServer
from telegram.error import NetworkError

from bot.core.desk import explain
from bot.core.replies import Posted, Say
from bot.frontends.telegram_app import TelegramApp
from engine.blobs import DiskBlobs

PATIENCE_S = 15


async def test_a_lost_connection_loses_no_reply(ann: Phone) -> None:
    """What certainly did not arrive is sent again."""
    refused = NetworkError("connection refused")
    refused.__cause__ = httpx.ConnectError("as httpx has it")
    failures = iter([refused])
    ann.server.refuse = lambda call: next(failures, None)
    await ann.app.channel(SESSION).send(Posted(1, Say("hello")))
    assert [c.text for c in await ann.heard()] == ["hello", "hello"]


async def test_telegram_asks_for_patience_and_gets_it(ann: Phone) -> None:
    """`retry_after` is honoured."""
    refusals = iter([Refusal(429, "Too Many Requests", {"retry_after": 0.05})])
    ann.server.refuse = lambda call: next(refusals, None)
    await ann.app.channel(SESSION).send(Posted(1, Say("hello")))
    assert [c.text for c in await ann.heard()] == ["hello", "hello"]


async def test_a_refused_token_is_one_line_without_the_token(
    studio: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The other front-ends go on: nothing is raised."""
    server = TelegramServer()
    server.refuse = lambda call: Refusal(401, "Unauthorized")
    blobs = DiskBlobs(tmp_path / "blobs")
    app = TelegramApp(TOKEN, studio.conversation, blobs, partial(explain, WORDS), request=server)
    await asyncio.wait_for(app.run(), PATIENCE_S)
    (record,) = caplog.records
    assert "TELEGRAM_BOT_TOKEN" in record.message
    assert TOKEN not in caplog.text


async def test_without_a_network_it_says_so_and_tries_on(
    studio: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line, not one per attempt; and it can be stopped at any time."""
    server = TelegramServer()
    server.refuse = lambda call: NetworkError("no route")
    blobs = DiskBlobs(tmp_path / "blobs")
    app = TelegramApp(TOKEN, studio.conversation, blobs, partial(explain, WORDS), request=server)
    await app.channel(SESSION).send(Posted(1, Say("waits")))
    running = asyncio.create_task(app.run())
    while not caplog.records:  # noqa: ASYNC110 - a log has no event to wait for
        await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.wait([running], timeout=PATIENCE_S)
    assert running.cancelled()
    assert ["cannot be reached" in r.message for r in caplog.records] == [True]
    assert not server.said()
