"""The brief card in a real browser: fields are tapped, locked and undone, the light is drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.browsing import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
Visit = Callable[..., Awaitable[Visitor]]
BRIEF = "LinkedIn headshot, woman in her 30s, navy blazer, grey backdrop, loop light, soft smile"


async def carded(visitor: Visitor) -> None:
    """From words to the card."""
    await visitor.say(BRIEF)
    await visitor.page.locator(".brief").wait_for()


async def test_a_field_is_changed_and_taken_back_on_the_page(visit: Visit) -> None:
    visitor = await visit()
    page = visitor.page
    await carded(visitor)
    await page.get_by_role("button", name="Backdrop: Grey seamless. Change it").click()
    await visitor.tap("Dark canvas")
    changed = page.get_by_role("button", name="Backdrop: Dark canvas. Change it")
    await changed.wait_for()
    await visitor.tap("Undo")
    await page.locator(".brief").nth(2).wait_for()
    back = page.locator(".brief").last.get_by_role("button", name="Backdrop: Grey seamless")
    await back.wait_for()
    assert visitor.errors == []


async def test_a_lock_turns_in_place_and_survives_a_reload(visit: Visit) -> None:
    visitor = await visit(width=390, height=844)
    page = visitor.page
    await carded(visitor)
    entries = await page.locator(".entry").count()
    await page.get_by_role("button", name="Lock backdrop", exact=True).click()
    await page.get_by_role("button", name="Unlock backdrop", exact=True).wait_for()
    assert await page.locator(".entry").count() == entries
    assert await page.locator(".mark.locked").count() == 1
    await page.reload()
    await page.get_by_role("button", name="Unlock backdrop", exact=True).wait_for()
    assert visitor.errors == []


async def test_the_light_plan_is_seen_enlarged_and_kept(visit: Visit, tmp_path: Path) -> None:
    visitor = await visit()
    page = visitor.page
    await carded(visitor)
    plan = page.locator(".plan img")
    await plan.wait_for()
    assert "Loop light" in str(await plan.get_attribute("alt"))
    await page.locator(".plan .frame").click()
    await page.locator("dialog[open]").wait_for()
    await page.keyboard.press("Escape")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download the light plan, SVG").click()
    kept = tmp_path / (await started.value).suggested_filename
    await (await started.value).save_as(kept)
    text = await asyncio.to_thread(kept.read_text)
    assert kept.suffix == ".svg"
    assert "<svg" in text
    assert visitor.errors == []


@pytest.mark.parametrize("width", [390, 1280])
async def test_everything_on_the_card_can_be_reached(visit: Visit, width: int) -> None:
    """Nothing is wider than the page; fields and locks are buttons with names of their own."""
    visitor = await visit(width=width)
    page = visitor.page
    await carded(visitor)
    await page.locator(".plan img").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    names = await page.locator(".brief button").evaluate_all(
        "buttons => buttons.map(b => b.getAttribute('aria-label'))"
    )
    assert all(names)
    assert len(set(names)) == len(names)
    lines = await page.locator(".brief .line").count()
    assert len(names) == 2 * lines + 1
