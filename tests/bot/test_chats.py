"""Chats stand beside the page: opened by their token, alone in their failures, found by prefix."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.interviewers import ScriptedInterviewer
from support.sittings import WORDS, sitting

from bot.app import App, ClosedChat, _chats, _router, _until_stopped
from bot.config import Settings
from bot.frontends.collecting import CollectingChannel
from bot.history.memory import MemoryHistory
from engine.blobs import DiskBlobs

ROOT = Path(__file__).parents[2]
BOTH = {"TELEGRAM_BOT_TOKEN": "1:a", "DISCORD_BOT_TOKEN": "b"}
PATIENCE_S = 15


async def opened(folder: Path, **tokens: str) -> dict[str, Any]:
    settings = Settings(_env_file=None, **tokens)  # type: ignore[arg-type]  # by alias
    async with sitting(folder) as guest:
        engine = guest._engine
        app = App(
            settings,
            WORDS,
            DiskBlobs(folder),
            engine,
            ScriptedInterviewer(),
            guest.conversation,
            MemoryHistory(),
        )
        return dict(_chats(app))


@pytest.mark.parametrize(
    ("tokens", "names"),
    [
        ({}, []),
        ({"TELEGRAM_BOT_TOKEN": "1:a"}, ["telegram"]),
        ({"DISCORD_BOT_TOKEN": "b"}, ["discord"]),
        (BOTH, ["telegram", "discord"]),
    ],
)
async def test_a_chat_opens_when_its_token_is_set(
    tmp_path: Path, tokens: dict[str, str], names: list[str]
) -> None:
    """And only then."""
    assert list(await opened(tmp_path, **tokens)) == names


def test_without_a_token_no_chat_library_is_loaded() -> None:
    """Who wants only the page pays for nothing else."""
    code = (
        "import sys; from types import SimpleNamespace as N; from bot.config import Settings\n"
        "from bot.app import _chats\n"
        "assert _chats(N(settings=Settings(_env_file=None))) == {}\n"
        "print([m for m in ('telegram', 'discord') if m in sys.modules])"
    )
    env = {k: v for k, v in os.environ.items() if k not in BOTH}
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "[]"


async def test_a_missing_package_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It says what to install; the other chat opens."""
    for name in [m for m in sys.modules if m.startswith("bot.frontends.telegram")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "telegram", None)
    assert list(await opened(tmp_path, **BOTH)) == ["discord"]
    assert ["northlight[telegram]" in r.message for r in caplog.records] == [True]


async def test_a_resumed_job_finds_its_chat(tmp_path: Path) -> None:
    """By the prefix of its session; one whose chat is closed is kept for later."""
    page = CollectingChannel()
    chats = await opened(tmp_path, TELEGRAM_BOT_TOKEN="1:a")
    channel_for = _router(lambda session: page, chats)
    assert channel_for("telegram:7") is chats["telegram"].channel("telegram:7")
    assert channel_for("web:abc") is page
    assert channel_for("shoot:1") is page
    assert isinstance(channel_for("discord:5"), ClosedChat)


async def test_a_chat_that_fails_leaves_the_page_alone(caplog: pytest.LogCaptureFixture) -> None:
    """One line with its cause, and the studio stays open."""
    failed, done = asyncio.Event(), []

    async def page() -> None:
        await failed.wait()
        await asyncio.sleep(0.01)
        done.append("page")

    async def chat() -> None:
        failed.set()
        raise RuntimeError("a library is unhappy")

    await asyncio.wait_for(_until_stopped(page(), [chat()]), PATIENCE_S)
    assert done == ["page"]
    assert [r.message for r in caplog.records] == ["a chat has stopped"]


SPEAKERS = """
import asyncio, os, signal, sys
from bot.app import _until_stopped

said = []

async def speaker(who):
    try:
        if who == "last":
            os.kill(os.getpid(), int(sys.argv[1]))
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.01)
        said.append(who)

asyncio.run(_until_stopped(speaker("page"), [speaker("chat"), speaker("last")]))
print(*sorted(said))
"""


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_everything_in_peace(name: signal.Signals) -> None:
    """Everybody hears it at once and says goodbye before the studio closes."""
    script = (sys.executable, "-c", SPEAKERS, str(int(name)))
    studio = await asyncio.create_subprocess_exec(*script, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(studio.communicate(), PATIENCE_S)
    assert (studio.returncode, said.split()) == (0, [b"chat", b"last", b"page"])


async def test_a_page_that_cannot_open_closes_the_chats_and_says_why() -> None:
    """A taken port is not hidden behind a chat that still runs."""
    said: list[str] = []

    async def page() -> None:
        await asyncio.sleep(0.01)
        raise ValueError("port taken")

    async def chat() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            said.append("goodbye")

    with pytest.raises(ValueError, match="port taken"):
        await asyncio.wait_for(_until_stopped(page(), [chat()]), PATIENCE_S)
    assert said == ["goodbye"]
