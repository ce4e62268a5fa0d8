"""A model's reply grows on the page, from a server's event stream to the letters on the wall."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from support.browsing import House, Visitor, cards
from support.llm import heard

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPLY = "Nobody knows what to do with their hands; we will keep them out of the frame together."
ANSWER = json.dumps(heard(intent="smalltalk", reply=REPLY))
PIECE, PAUSE_S = 6, 0.15


async def dictate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer any request with the same words, a few letters at a time."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    for at in range(0, len(ANSWER), PIECE):
        delta = {"index": 0, "delta": {"content": ANSWER[at : at + PIECE]}, "finish_reason": None}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        writer.write(b"data: " + json.dumps({**chunk, "choices": [delta]}).encode() + b"\n\n")
        await writer.drain()
        await asyncio.sleep(PAUSE_S)
    writer.write(b"data: [DONE]\n\n")
    writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def talkative(tmp_path: Path) -> AsyncIterator[House]:
    """A studio whose reader is a language model on this machine."""
    server = await asyncio.start_server(dictate, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    house = House(tmp_path, cards, OPENAI_API_KEY="key", OPENAI_BASE_URL=url)
    await house.open()
    yield house
    await house.close()
    server.close()


async def test_a_reply_grows_in_its_place_and_is_read_aloud_once(
    browser: Browser, talkative: House
) -> None:
    """One element from the first word to the last, busy until it is whole, never any JSON."""
    context = await browser.new_context()
    visitor = Visitor(await context.new_page(), talkative.url)
    await visitor.enter()
    await visitor.say("I never know where to put my hands")
    growing = visitor.page.locator(".entry.say[aria-busy='true']")
    await growing.wait_for()
    await growing.evaluate("element => { element.id = 'spoken-reply' }")
    reply, seen = visitor.page.locator("#spoken-reply"), list[str]()
    while await reply.get_attribute("aria-busy") == "true":
        seen.append(await reply.inner_text())
        await asyncio.sleep(PAUSE_S)
    assert len(set(seen)) > 2
    assert all(REPLY.startswith(text) for text in seen)
    assert await reply.inner_text() == REPLY
    assert visitor.errors == []
    await visitor.page.reload()
    await visitor.page.get_by_text(REPLY).wait_for()
    await context.close()
