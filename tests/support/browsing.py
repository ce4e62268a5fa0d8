"""A whole studio with its door open, and somebody with a browser in front of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from playwright.async_api import ConsoleMessage, Page

from bot.app import App, running
from bot.config import Settings
from bot.core.desk import explain
from bot.frontends.web_app import create_web_app, hub_of, serve
from engine.base import Engine, Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render
from engine.shots import Shot
from support.studios import CardStudio

STEPS = ("step_read", "step_light", "step_grade", "step_encode")
EngineMaker = Callable[[Path], Engine]


class NamedCards(CardStudio):
    """Test cards, made in steps that have words in the replies."""

    def steps(self, shot: Shot) -> dict[str, float]:
        return dict.fromkeys(STEPS, max(self._delay, 0.001))

    def render(self, shot: Shot, report: Report) -> Render:
        def renamed(step: str, fraction: float = 0.0, preview: str = "") -> None:
            report(STEPS[int(step.removeprefix("step_"))], fraction, preview)

        return super().render(shot, renamed)


def cards(data: Path, delay: float = 0.15) -> Engine:
    """An engine that draws test cards in about half a second."""
    return InProcessEngine(NamedCards(DiskBlobs(data / "blobs"), delay, len(STEPS)))


class House:
    """A studio that can be opened, closed and opened again on the same data and port."""

    def __init__(self, data: Path, engine: EngineMaker | None, **settings: str) -> None:
        self._data, self._engine, self._settings = data, engine, settings
        self._port = free_port()
        self._stack = AsyncExitStack()
        self.url = f"http://127.0.0.1:{self._port}"
        self.app: App

    async def open(self) -> None:
        """Wire everything as the composition root does, and serve."""
        settings = Settings.model_validate({"NORTHLIGHT_DATA_DIR": self._data, **self._settings})
        engine = self._engine(self._data) if self._engine else None
        self.app = await self._stack.enter_async_context(running(settings, engine))
        web = create_web_app(
            self.app.conversation,
            self.app.blobs,
            "a test's key",
            explain=partial(explain, self.app.prompts),
        )
        await self.app.conversation.resume(hub_of(web).channel)
        await self._stack.enter_async_context(serving(web, self._port))

    async def close(self) -> None:
        """Shut the door; what is unfinished stays in history."""
        await self._stack.aclose()


@asynccontextmanager
async def serving(web: object, port: int) -> AsyncIterator[None]:
    """The page's server as a task."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(web, "127.0.0.1", port, ready.set_result))  # type: ignore[arg-type]  # an ASGI app
    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Visitor:
    """Somebody in front of the page. Everything the console complains of is kept in `errors`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(20_000)

    async def enter(self) -> None:
        """Open the page and wait for the greeting."""
        await self.page.goto(self.url)
        await self.page.locator(".entry.say").first.wait_for()

    async def say(self, text: str) -> None:
        """Write and press Enter."""
        await self.page.locator("#words").fill(text)
        await self.page.locator("#words").press("Enter")

    async def tap(self, label: str) -> None:
        """Tap the newest choice with this label."""
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    async def pictures(self, number: int, timeout_s: float = 20) -> list[str]:
        """Wait for this many pictures to be drawn on the page; their addresses."""
        shown = self.page.locator(".gallery img")
        await shown.nth(number - 1).wait_for(timeout=timeout_s * 1000)
        await self.until(
            "[...document.querySelectorAll('.gallery img')]"
            ".every(i => i.complete && i.naturalWidth)"
        )
        return [str(await shown.nth(i).get_attribute("src")) for i in range(number)]

    async def until(self, holds: str) -> None:
        """Wait for a JavaScript condition; asked from outside, since the page forbids `eval`."""
        async with asyncio.timeout(20):
            while not await self.page.evaluate(holds):  # noqa: ASYNC110 - the page has no event for it
                await asyncio.sleep(0.05)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
