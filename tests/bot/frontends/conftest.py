"""What the chats' tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support import telegram_phone
from support.conversations import ScriptedConversation
from support.sittings import Sitting, reading, sitting
from support.web_pages import HERE, LIMIT, explain

from bot.frontends.web_app import create_web_app
from engine.blobs import DiskBlobs

READINGS = {
    "a woman": reading(subject="a woman", gender="woman"),
    "a man": reading(subject="a man", gender="man", backdrop="canvas-dark"),
    "shoot": reading("shoot"),
    "help": reading("help"),
    "history": reading("history"),
    "blue": reading(backdrop="gradient-blue"),
    "canvas": reading("skip", gender="woman", backdrop="canvas-dark"),
}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Sitting]:
    """A studio that has just opened, for Telegram's people."""
    async with sitting(tmp_path, telegram_phone.READINGS) as studio:
        yield studio


@pytest.fixture
async def ann(studio: Sitting, tmp_path: Path) -> AsyncIterator[telegram_phone.Phone]:
    """Ann, who has Telegram open."""
    async with telegram_phone.phone(studio, tmp_path) as ann:
        yield ann


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    """A studio that has worked before, for Discord's people.

    The simulation waits for whatever the bot begins, and the engine's worker, begun with the first
    job, never ends.
    """
    async with sitting(tmp_path, READINGS) as guest:
        await guest.say("shoot")
        await guest.pictures()
        yield guest


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


@pytest.fixture
def conversation(blobs: DiskBlobs) -> ScriptedConversation:
    return ScriptedConversation(blobs=blobs)


@pytest.fixture
def app(conversation: ScriptedConversation, blobs: DiskBlobs) -> Any:
    return create_web_app(conversation, blobs, "secret", LIMIT, explain=explain)  # type: ignore[arg-type]  # a twin


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app, HERE) as client:
        client.get("/")
        yield client
