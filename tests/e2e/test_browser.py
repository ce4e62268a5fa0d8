"""What a person with a browser can rely on, seen from the browser."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route
from support.browsing import House, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
Visit = Callable[..., Awaitable[Visitor]]
BRIEF = "LinkedIn headshot, woman in her 30s, navy blazer"
ANSWERS = ".entry:is(.ask, .say)"
PATIENCE_S = 300
"""For a picture on a machine that is busy with other tests."""


async def until_brief(visitor: Visitor) -> None:
    """Answer questions by tapping their first answer until the brief card is there."""
    page = visitor.page
    for _ in range(4):
        newest = page.locator(ANSWERS).last
        await newest.locator(".choice").first.wait_for()
        if await newest.locator(".brief").count():
            return
        answers = await page.locator(ANSWERS).count()
        await newest.locator(".choice").first.click()
        await visitor.until(f"document.querySelectorAll('{ANSWERS}').length > {answers}")
    raise AssertionError("four questions and still no brief")


async def briefed(visitor: Visitor) -> None:
    """From words to the brief card."""
    await visitor.say(BRIEF)
    await visitor.page.locator(".ask").first.wait_for()
    await until_brief(visitor)


async def start_shooting(visitor: Visitor) -> None:
    """From words to a job."""
    await briefed(visitor)
    await visitor.tap("Shoot")


async def shoot(visitor: Visitor) -> list[str]:
    """From words to a picture on the page."""
    await start_shooting(visitor)
    return await visitor.pictures(1)


async def test_from_a_sentence_to_a_portrait_to_ones_own_photo_on_canvas_and_back_again(
    visit: Visit, house: House, astronaut: Path
) -> None:
    visitor = await visit()
    page = visitor.page
    await briefed(visitor)
    assert await page.locator(".brief .mark.said").count() > 0
    assert await page.locator(".brief .mark.assumed").count() > 0
    await visitor.tap("Shoot")
    await page.locator(".shooting[data-state=working]").wait_for()
    await visitor.pictures(1)

    await page.locator("#file").set_input_files(astronaut)
    await visitor.say("")
    await visitor.tap("Yes, go ahead")
    await visitor.say("put me on a dark canvas backdrop")
    before = await visitor.pictures(2)

    await page.reload()
    assert await visitor.pictures(2) == before
    assert await page.locator(".heard img.own").count() == 1
    assert await page.locator(".heard", has_text=BRIEF).count() == 1
    assert await page.locator(".prompts").is_hidden()
    assert visitor.errors == []


async def test_a_double_tap_on_shoot_makes_one_picture(visit: Visit, house: House) -> None:
    visitor = await visit()
    await briefed(visitor)
    button = visitor.page.get_by_role("button", name="Shoot", exact=True).last
    await button.dblclick()
    await visitor.pictures(1)
    await asyncio.sleep(0.5)
    assert await visitor.page.locator(".progress").count() == 1
    assert await visitor.page.locator(".gallery").count() == 1


async def test_two_tabs_tapping_shoot_make_one_picture(visit: Visit) -> None:
    visitor = await visit()
    await briefed(visitor)
    other = Visitor(await visitor.page.context.new_page(), visitor.url)
    await other.enter()
    await other.page.locator(".brief").wait_for()
    await asyncio.gather(visitor.tap("Shoot"), other.tap("Shoot"))
    await visitor.pictures(1)
    await other.pictures(1)
    assert await visitor.page.locator(".progress").count() == 1


async def test_a_page_closed_during_a_job_shows_the_picture_when_opened_again(
    visit: Visit,
) -> None:
    visitor = await visit()
    await start_shooting(visitor)
    await visitor.page.locator(".shooting").wait_for()
    context = visitor.page.context
    await visitor.page.close()
    back = Visitor(await context.new_page(), visitor.url)
    await back.enter()
    await back.pictures(1)
    await back.page.locator(".shooting[data-state=done]").wait_for()
    assert back.errors == []


async def test_a_studio_that_restarts_during_a_job_finishes_it_in_the_page_that_waited(
    visit: Visit, house: House
) -> None:
    visitor = await visit()
    await start_shooting(visitor)
    await visitor.page.locator(".shooting").wait_for()
    await house.close()
    await visitor.page.locator("#banner").wait_for()
    await visitor.say("make the light softer next time")
    await house.open()
    await visitor.pictures(1)
    await visitor.page.locator("#banner").wait_for(state="hidden")
    await visitor.page.locator(".heard:not(.pending)", has_text="softer next time").wait_for()
    assert await visitor.page.locator(".heard", has_text="softer next time").count() == 1


async def test_words_written_while_away_survive_a_reload_and_arrive_once(
    visit: Visit, house: House
) -> None:
    visitor = await visit()
    await house.close()
    await visitor.page.locator("#banner").wait_for()
    await visitor.say("what is Rembrandt light?")
    await visitor.page.locator(".pending").wait_for()
    kept = await visitor.page.evaluate("Object.keys(localStorage).length")
    assert kept == 1
    await house.open()
    await visitor.page.locator(".heard:not(.pending)", has_text="Rembrandt").wait_for()
    await visitor.until("Object.keys(localStorage).length === 0")
    await visitor.page.reload()
    await visitor.page.locator(".heard").wait_for()
    assert await visitor.page.locator(".heard").count() == 1


async def test_a_photo_can_be_dropped_anywhere_and_pasted(visit: Visit, astronaut: Path) -> None:
    visitor = await visit()
    page = visitor.page
    data = b64encode(await asyncio.to_thread(astronaut.read_bytes)).decode()
    transfer = await page.evaluate_handle(
        "text => { const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));"
        "const t = new DataTransfer();"
        "t.items.add(new File([bytes], 'me.png', {type: 'image/png'})); return t }",
        data,
    )
    await page.dispatch_event("main", "dragenter", {"dataTransfer": transfer})
    assert await page.locator("#veil").is_visible()
    await page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    assert await page.locator("#veil").is_hidden()
    await page.locator("#staged li").wait_for()
    await page.evaluate(
        "t => document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: t}))", transfer
    )
    assert await page.locator("#staged li").count() == 2
    await page.get_by_role("button", name="Remove me.png").first.click()
    await page.locator("#send").click()
    await page.locator(".heard:not(.pending) img.own").wait_for()


async def test_a_photo_that_is_too_heavy_gets_a_sentence_and_the_chat_goes_on(
    visit: Visit, tmp_path: Path
) -> None:
    visitor = await visit()
    heavy = tmp_path / "heavy.jpg"
    with heavy.open("wb") as file:
        file.truncate(45 * 1024 * 1024)
    await visitor.page.locator("#file").set_input_files(heavy)
    await visitor.page.locator("#send").click()
    await visitor.page.locator(".apology").wait_for()
    assert await visitor.page.locator(".pending").count() == 0
    await visitor.say("help")
    await visitor.page.locator(".heard", has_text="help").wait_for()


@pytest.mark.parametrize("width", [360, 390, 768])
async def test_nothing_scrolls_sideways_on_a_phone(visit: Visit, width: int) -> None:
    visitor = await visit(width=width, height=844)
    await visitor.say("x" * 300)
    await shoot(visitor)
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


async def test_everything_can_be_done_with_the_keyboard(visit: Visit) -> None:
    visitor = await visit()
    page, keys = visitor.page, visitor.page.keyboard
    await keys.press("Tab")
    await keys.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "words"
    await keys.type("LinkedIn headshot")
    await keys.press("Shift+Enter")
    await keys.type("woman in her 30s, navy blazer")
    await keys.press("Enter")
    assert "\n" in await page.locator(".heard .bubble").first.inner_text()
    await page.locator(".ask").first.wait_for()
    await until_brief(visitor)
    await page.get_by_role("button", name="Shoot", exact=True).last.focus()
    await keys.press("Enter")
    await visitor.pictures(1)
    await page.locator(".gallery .frame").focus()
    await keys.press("Enter")
    assert await page.locator("#viewer").is_visible()
    await keys.press("+")
    assert await page.locator("#viewer.close-up").count() == 1
    await keys.press("Escape")
    assert await page.locator("#viewer").is_hidden()
    assert await page.evaluate("document.activeElement.className") == "frame"


async def test_words_are_shown_as_words_never_as_page(visit: Visit) -> None:
    visitor = await visit()
    await visitor.say("<img src=x onerror=alert(1)><b>bold</b>")
    await visitor.page.locator(".heard:not(.pending) .bubble").wait_for()
    shown = await visitor.page.locator(".heard .bubble").inner_text()
    assert shown == "<img src=x onerror=alert(1)><b>bold</b>"
    assert visitor.errors == []


async def test_a_prompt_fills_the_composer_and_sends_nothing(visit: Visit) -> None:
    visitor = await visit()
    idea = visitor.page.locator(".idea").first
    await idea.click()
    assert await visitor.page.locator("#words").input_value() == await idea.inner_text()
    assert await visitor.page.locator(".heard").count() == 0


async def test_a_picture_has_its_place_before_it_arrives(visit: Visit) -> None:
    visitor = await visit()
    arriving = asyncio.Event()

    async def hold(route: Route) -> None:
        await arriving.wait()
        await route.continue_()

    await visitor.page.route("**/media/**", hold)
    await start_shooting(visitor)
    image = visitor.page.locator(".gallery img")
    await image.wait_for()
    measure = "(i) => [i.clientWidth, i.clientHeight, document.documentElement.scrollHeight]"
    width, height, page = await image.evaluate(measure)
    arriving.set()
    await visitor.pictures(1)
    assert await image.evaluate(measure) == [width, height, page]
    assert height / width == pytest.approx(120 / 90, rel=0.02)


async def test_the_download_is_the_lossless_file_under_a_sensible_name(visit: Visit) -> None:
    visitor = await visit()
    await shoot(visitor)
    async with visitor.page.expect_download() as waiting:
        await visitor.page.locator(".save").first.click()
    download = await waiting.value
    assert download.suggested_filename == "northlight-1.png"
    assert (await asyncio.to_thread(Path(await download.path()).read_bytes)).startswith(b"\x89PNG")


async def test_forgetting_clears_the_wall(visit: Visit) -> None:
    visitor = await visit()
    await shoot(visitor)
    await visitor.say("forget me")
    await visitor.tap("Erase everything")
    await visitor.page.locator(".gallery").wait_for(state="detached")
    assert await visitor.page.locator(".heard").count() == 0


async def test_colours_can_be_chosen_and_are_remembered(visit: Visit) -> None:
    visitor = await visit()
    page = visitor.page
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = await page.evaluate(paper)
    await page.locator("#theme").click()
    await page.locator("#theme").click()
    dark = await page.evaluate(paper)
    assert dark != light
    await page.reload()
    assert await page.evaluate(paper) == dark


async def test_with_real_models_a_portrait_and_ones_own_photo_on_dark_canvas(
    browser: Browser, weights: Callable[[str], Path], tmp_path: Path, astronaut: Path
) -> None:
    for name in ("random-face-mapping", "random-face-synthesis", "u2net", "yunet"):
        weights(name)
    house = House(tmp_path, None)
    await house.open()
    try:
        visitor = Visitor(await browser.new_page(), house.url)
        await visitor.enter()
        await start_shooting(visitor)
        await visitor.pictures(1, PATIENCE_S)
        await visitor.page.locator("#file").set_input_files(astronaut)
        await visitor.say("put me on a dark canvas backdrop")
        await visitor.tap("Yes, go ahead")
        await visitor.tap("Use it anyway")
        await visitor.pictures(3, PATIENCE_S)
        portrait, _diagram, swapped = await looked_at(visitor)
        await visitor.page.context.close()
    finally:
        await house.close()
    assert portrait["width"] >= 1024
    assert portrait["spread"] > 20, "an empty picture"
    assert swapped["corner"] < 90, "the canvas is not dark"
    assert swapped["spread"] > 20, "an empty picture"
    assert visitor.errors == []


async def looked_at(visitor: Visitor) -> list[dict[str, float]]:
    """Per picture: its width, the grey of its upper left corner, and how much the grey varies."""
    return await visitor.page.evaluate(
        """[...document.querySelectorAll('.gallery img')].map(image => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 64;
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0, 64, 64);
            const grey = [];
            const data = context.getImageData(0, 0, 64, 64).data;
            for (let i = 0; i < data.length; i += 4)
                grey.push((data[i] + data[i+1] + data[i+2]) / 3);
            const mean = grey.reduce((a, b) => a + b) / grey.length;
            const spread = Math.sqrt(grey.reduce((a, b) => a + (b - mean) ** 2, 0) / grey.length);
            return {width: image.naturalWidth, corner: grey[65], spread};
        })"""
    )
