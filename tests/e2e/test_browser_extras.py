"""What surrounds a picture from one's own photo, seen from the browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from support.browsing import House, Visitor
from support.sittings import photo
from support.studios import CoachStudio

from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def coached(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose studio has a coach."""
    house = House(tmp_path, lambda data: InProcessEngine(CoachStudio(DiskBlobs(data / "blobs"), 1)))
    await house.open()
    yield house
    await house.close()


async def test_a_first_look_and_the_truth_sheet_are_seen_in_place(
    browser: Browser, coached: House, tmp_path: Path
) -> None:
    """The look goes when the picture comes; what explains a picture cannot be saved."""
    (tmp_path / "us.png").write_bytes(photo() + b"three")
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    visitor = Visitor(page, coached.url)
    await visitor.enter()
    await page.locator("#file").set_input_files(tmp_path / "us.png")
    await visitor.say("")
    await visitor.tap("Yes, go ahead")
    await visitor.tap("2")
    await visitor.say("put me on a dark canvas backdrop")
    await page.locator(".shooting.seen .plate img").wait_for()
    await visitor.tap("What changed?")
    truth = page.locator(".gallery").last.locator("figure.shown")
    await truth.wait_for()
    assert await page.locator(".plate img").count() == 0
    assert await truth.locator(".save").count() == 0
    await truth.locator("button").click()
    await page.locator("#viewed").wait_for()
    await context.close()
