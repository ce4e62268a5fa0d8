"""`serve` is a task like any other: it ends when cancelled and never ends the process."""

import asyncio
import signal
import socket
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.asyncio.client import connect

from bot.errors import ConfigError
from bot.frontends.web_app import create_web_app, serve
from engine.blobs import DiskBlobs


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def started(app: Any, port: int) -> tuple[asyncio.Task[None], str]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(app, "127.0.0.1", port, ready.set_result))
    return task, await ready


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_serves_until_cancelled_and_leaves_signals_alone() -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    port = free_port()
    task, url = await started(Starlette(routes=[Route("/", hello)]), port)
    assert url == f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as client:
        assert (await client.get(url)).text == "hello"
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before
    await ended(task)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


async def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigError, match=rf"^Port {port} on 127\.0\.0\.1 is already in use.*$"
        ):
            await serve(Starlette(), "127.0.0.1", port)


async def test_a_host_that_is_not_this_machine_s_is_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r"^Cannot listen on 192\.0\.2\.1"):
        await serve(Starlette(), "192.0.2.1", free_port())


async def test_an_open_page_does_not_hold_up_the_end(tmp_path: Any) -> None:
    from support.conversations import ScriptedConversation

    app = create_web_app(
        ScriptedConversation(),  # type: ignore[arg-type]  # a twin
        DiskBlobs(tmp_path),
        "s",
        explain=lambda code, **_: code,
    )
    task, url = await started(app, free_port())
    async with connect(url.replace("http", "ws") + "/ws") as page:
        await page.send('{"kind":"hello"}')
        assert "ready" in str(await page.recv())
        await ended(task)
        await page.wait_closed()


async def test_a_message_beyond_the_limit_closes_that_page_only(tmp_path: Any) -> None:
    from support.conversations import ScriptedConversation

    app = create_web_app(
        ScriptedConversation(),  # type: ignore[arg-type]  # a twin
        DiskBlobs(tmp_path),
        "s",
        explain=lambda code, **_: code,
    )
    task, url = await started(app, free_port())
    async with connect(url.replace("http", "ws") + "/ws") as page:
        await page.send("x" * 2_000_000)
        await page.wait_closed()
        assert page.close_code == 1009
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/healthz")).text == "ok"
    await ended(task)
