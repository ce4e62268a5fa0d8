"""Real connections that misbehave cost no turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec import structs
from support.interviewers import ScriptedInterviewer
from support.llm import LEXICON, SESSION, SETTINGS, TEXT, Clock, is_the_lexicons

from bot.interview.openai_interviewer import FALLBACK, OpenAIInterviewer
from prompts.library import Prompts, load


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load()


async def test_cancelling_the_turn_is_no_failure_of_the_model(prompts: Prompts) -> None:
    """A closed page passes through."""
    async with served(hang) as url:
        interviewer = over_the_wire(prompts, url, timeout_s=30)
        task = asyncio.create_task(interviewer.read(SESSION, TEXT))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await interviewer.close()


Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n"
    )
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.01)


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{")
    await writer.drain()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    await writer.drain()


@asynccontextmanager
async def served(peer: Peer) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()


def over_the_wire(prompts: Prompts, url: str, timeout_s: float = 0.3) -> OpenAIInterviewer:
    settings = structs.replace(SETTINGS, base_url=url, timeout_s=timeout_s)
    lexicon, clock = ScriptedInterviewer({TEXT: LEXICON}), Clock()
    return OpenAIInterviewer(prompts, lexicon, settings, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("peer", [hang, drip, cut, garbage])
async def test_a_real_connection_that_misbehaves_costs_no_turn(
    prompts: Prompts, peer: Peer
) -> None:
    """Silence, a drip that outwits read time-outs, a cut line, another protocol."""
    async with served(peer) as url:
        interviewer = over_the_wire(prompts, url)
        reading = await interviewer.read(SESSION, TEXT)
        await interviewer.close()
    assert is_the_lexicons(reading)


async def test_nobody_listening_costs_no_turn(prompts: Prompts) -> None:
    """Connection refused."""
    async with served(hang) as url:
        pass
    interviewer = over_the_wire(prompts, url, timeout_s=5)
    assert (await interviewer.read(SESSION, TEXT)).notice == FALLBACK
    await interviewer.close()


async def test_no_test_reaches_a_real_model(prompts: Prompts) -> None:
    """The guard in the shared fixtures refuses any address beyond this machine."""
    with pytest.raises(ConnectionRefusedError, match="must not reach"):
        await asyncio.get_running_loop().getaddrinfo("api.openai.com", 443)
    interviewer = over_the_wire(prompts, "https://api.openai.com/v1", timeout_s=5)
    assert (await interviewer.read(SESSION, TEXT)).notice == FALLBACK
    await interviewer.close()
