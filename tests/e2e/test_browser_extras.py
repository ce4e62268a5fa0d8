"""What surrounds a picture from one's own photo, seen from the browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec import structs
from playwright.async_api import Browser, Route
from support.browsing import House, Visitor
from support.set_studio import SetStudio
from support.sittings import another_photo, photo
from support.studios import CoachStudio

from bot.history.sqlite import SqliteHistory
from engine.base import Drawing, Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render
from engine.shots import LightPlan, Shot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


class Coach(CoachStudio):
    """Draws what explains a picture as large as a phone's screen, as the real one does."""

    def draw(self, plan: LightPlan) -> Drawing:
        """A blank sheet."""
        return structs.replace(super().draw(plan), svg=self._sheet(), width=600, height=700)

    def _extra(self, what: str, of: str) -> str:
        return self._sheet() if what == "truth" else super()._extra(what, of)

    def _sheet(self) -> str:
        svg = "<svg xmlns='http://www.w3.org/2000/svg' width='600' height='700'/>"
        return self._blobs.put(svg.encode(), "svg")


async def slowly(route: Route) -> None:
    """A picture on a slow network."""
    await asyncio.sleep(0.6)
    await route.continue_()


@pytest_asyncio.fixture(loop_scope="session")
async def coached(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose studio has a coach, who draws large."""
    house = House(tmp_path, lambda data: InProcessEngine(Coach(DiskBlobs(data / "blobs"), 1)))
    await house.open()
    yield house
    await house.close()


IN_VIEW = """(() => {
  const end = [...document.querySelectorAll('.gallery img')].at(-1).getBoundingClientRect().bottom;
  return end <= document.getElementById('composer').getBoundingClientRect().top;
})()"""
"""Whether the newest picture is seen to its end."""


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
    await page.get_by_role("button", name="What changed?").wait_for()
    await page.route("**/media/*", slowly)
    await visitor.tap("What changed?")
    truth = page.locator(".gallery").last.locator("figure.shown")
    await truth.wait_for()
    await visitor.until("[...document.images].every(i => i.complete)")
    await visitor.until(IN_VIEW)
    assert await page.locator(".plate img").count() == 0
    assert await truth.locator(".save").count() == 0
    await truth.locator("button").click()
    await page.locator("#viewed").wait_for()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sets(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose studio makes contact sheets."""
    house = House(tmp_path, lambda data: InProcessEngine(Zipped(DiskBlobs(data / "blobs"))))
    await house.open()
    yield house
    await house.close()


class Zipped(SetStudio):
    """Hands a sheet over as its studio does: the file is an archive."""

    def render(self, shot: Shot, report: Report) -> Render:
        made = super().render(shot, report)
        packed = self._blobs.put(b"PK", "zip") if shot.frames else made.blob
        return structs.replace(made, blob=packed)


async def test_a_contact_sheet_hangs_once_and_its_file_follows(
    browser: Browser, sets: House
) -> None:
    """Two columns on a phone, the sheet across them; what comes again is only its file."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, timezone_id="Asia/Tokyo", locale="de-DE"
    )
    page = await context.new_page()
    visitor = Visitor(page, sets.url)
    await visitor.enter()
    history = sets.app.conversation._history
    assert isinstance(history, SqliteHistory)
    [[likes]] = await history._db.run("SELECT likes FROM people")
    assert "Asia/Tokyo" in likes
    assert "de-DE" in likes
    await visitor.say("portrait of a woman in her 40s with a navy backdrop")
    await visitor.say("a set of four")
    await visitor.tap("Shoot")
    await page.locator(".gallery .files .save").first.wait_for()
    assert await page.locator(".gallery img[alt^='Contact sheet']").count() == 1
    assert await page.locator(".gallery").count() == 2
    first, second, third, *_, sheet = await page.locator(".pictures figure").evaluate_all(
        "figures => figures.map(figure => figure.getBoundingClientRect().toJSON())"
    )  # at once, for the page may still be scrolling
    assert first["y"] == second["y"] < third["y"] < sheet["y"]
    assert sheet["width"] > 1.9 * first["width"]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


HIDDEN = """(() => {
  const taps = [...document.querySelectorAll('.choices')].at(-1).getBoundingClientRect();
  return taps.bottom - document.getElementById('composer').getBoundingClientRect().top;
})()"""
"""How many pixels of the last taps lie behind what one writes in; none where that is negative."""


async def test_a_question_stays_in_view_while_the_pictures_above_it_come_and_the_desk_grows(
    browser: Browser, coached: House, tmp_path: Path
) -> None:
    """A slow network, or a photo put beside the words, hides no tap that is waited for."""
    (tmp_path / "me.png").write_bytes(photo() + b"dark")
    context = await browser.new_context(viewport={"width": 390, "height": 600})
    page = await context.new_page()
    await page.route("**/media/*", slowly)
    visitor = Visitor(page, coached.url)
    await visitor.enter()
    await page.locator("#file").set_input_files(tmp_path / "me.png")
    await visitor.say("")
    await visitor.tap("Yes, go ahead")
    await page.get_by_role("button", name="Use it anyway").wait_for()
    await visitor.until("[...document.images].every(i => i.complete)")
    await visitor.until(f"{HIDDEN} < 0")
    await page.locator("#file").set_input_files(tmp_path / "me.png")
    await page.locator("#staged li").wait_for()
    await visitor.until(f"{HIDDEN} < 0")
    assert visitor.errors == []
    await context.close()


async def test_photos_put_side_by_side_are_taken_as_an_album(
    browser: Browser, coached: House, tmp_path: Path
) -> None:
    """One question about them all, the best one taken, the other a tap away."""
    for name, data in (("dark.png", photo() + b"dark"), ("good.png", another_photo())):
        (tmp_path / name).write_bytes(data)
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    visitor = Visitor(page, coached.url)
    await visitor.enter()
    await page.locator("#file").set_input_files([tmp_path / "dark.png", tmp_path / "good.png"])
    await visitor.say("put me on a dark canvas backdrop")
    await page.get_by_role("button", name="Yes, go ahead").wait_for()
    await visitor.until("!document.querySelector('.pending')")
    assert await page.get_by_role("button", name="Yes, go ahead").count() == 1
    assert await page.locator(".heard img").count() == 2
    assert await page.locator(".heard .bubble").count() == 1
    assert await page.get_by_role("button", name="1", exact=True).count() == 1
    assert visitor.errors == []
    await context.close()
