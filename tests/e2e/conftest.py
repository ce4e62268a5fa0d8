"""A real browser in front of the real studio: only the pictures may be test cards."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright
from support.browsing import House, Visitor, cards

# The names that tools/chromium.sh is content with.
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium; skipped aloud (fails where CI=true) when there is none."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        reason = "no Chromium on this machine: the browser tests did not run"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A studio that draws test cards."""
    house = House(tmp_path, cards)
    await house.open()
    yield house
    await house.close()


VisitorMaker = Callable[..., Awaitable[Visitor]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, house: House) -> AsyncIterator[VisitorMaker]:
    """`await visit(width=390)` brings a new person into the house, with a browser of their own."""
    contexts: list[BrowserContext] = []

    async def make(width: int = 1280, height: int = 900, url: str = "") -> Visitor:
        context = await browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        visitor = Visitor(await context.new_page(), url or house.url)
        await visitor.enter()
        return visitor

    yield make
    for context in contexts:
        await context.close()
