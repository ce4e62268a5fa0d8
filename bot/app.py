"""The composition root: the only place that wires history, interviewer, engine and front-ends."""

import asyncio
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import prompts as prompts_package
from bot.config import Settings
from bot.core.conversation import Conversation
from bot.core.desk import Discard, explain
from bot.core.events import Observer
from bot.core.guests import Guests
from bot.core.ports import Channel, History, Interviewer
from bot.core.replies import Posted
from bot.core.session import Delivery
from bot.core.usage import Prices
from bot.core.vocabulary import named
from bot.history.sqlite import SqliteHistory
from bot.interview.lexicon_interviewer import LexiconInterviewer
from bot.links import FileLinks, host_of, no_link, tls_hosts_of
from bot.metrics import metrics
from bot.secret_key import cookie_key
from bot.studios import studio_for
from engine.base import Engine
from engine.blobs import DiskBlobs
from prompts import Prompts

if TYPE_CHECKING:
    from bot.frontends.telegram_webhook import Webhook

log = logging.getLogger(__name__)
CHATS = ("telegram", "discord")
COMMAND = "command_"  # begins the keys of what commands do
TURNS_GRACE_S = 3.0
SEED_BITS = 31


@dataclass(frozen=True, slots=True)
class App:
    """Everything wired, for front-ends to talk to."""

    settings: Settings
    prompts: Prompts
    blobs: DiskBlobs
    engine: Engine
    interviewer: Interviewer
    conversation: Conversation
    history: History
    links: FileLinks | None = None


def build_engine(settings: Settings) -> Engine:
    """The engine of this machine: a worker process around the studio that suits it. Blocks."""
    from engine.dispatch.local import LocalEngine

    studio = studio_for(settings)
    log.info("studio: %s", studio.text)
    data, model = settings.data_dir, studio.profile.name if studio.profile else "embedded"
    return LocalEngine(
        studio.factory,
        studio.settings,
        uploads=data / "uploads",
        env=studio.secrets,
        pace=data / f"pace-{Path(model).name}.json",  # each studio has its own promises
        cards=tuple(card.index for card in studio.cards),
    )


def build_interviewer(settings: Settings, prompts: Prompts) -> Interviewer:
    """The language model when a key is set, with the lexicon behind it; else the lexicon."""
    lexicon = LexiconInterviewer(prompts)
    if not settings.openai_api_key.get_secret_value():
        return lexicon
    from bot.interview.openai_interviewer import LlmSettings, OpenAIInterviewer

    llm = LlmSettings(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        model=settings.llm_model,
        timeout_s=settings.llm_timeout_s,
        prices=Prices(settings.llm_price_in, settings.llm_price_out),
    )
    return OpenAIInterviewer(prompts, lexicon, llm)


@asynccontextmanager
async def running(
    settings: Settings, engine: Engine | None = None, observer: Observer | None = None
) -> AsyncIterator[App]:
    """The studio, open: history and engine started, closed in reverse whatever happens.

    `engine` replaces this machine's own, as tests do; `observer` hears what happens.
    """
    prompts = await asyncio.to_thread(prompts_package.load)
    blobs = DiskBlobs(settings.data_dir / "blobs")
    history = SqliteHistory(settings.data_dir / "northlight.db")
    engine = engine or await asyncio.to_thread(build_engine, settings)
    interviewer = build_interviewer(settings, prompts)
    conversation = Conversation(
        history,
        interviewer,
        engine,
        prompts,
        discard=_discard(blobs),
        new_seed=new_seed,
        observer=observer,
        guests=Guests(settings.allow, settings.admins),
    )
    await history.open()
    try:
        await engine.start()
        yield App(settings, prompts, blobs, engine, interviewer, conversation, history)
    finally:
        await conversation.close()
        await engine.close()
        await interviewer.close()
        await history.close()


@asynccontextmanager
async def remembering(settings: Settings) -> AsyncIterator[History]:
    """The history alone, for commands that need no studio."""
    history = SqliteHistory(settings.data_dir / "northlight.db")
    await history.open()
    try:
        yield history
    finally:
        await history.close()


async def serve(
    settings: Settings,
    on_ready: Callable[[str], None],
    *,
    on_stop: Callable[[], None] = lambda: None,
    engine: Engine | None = None,
) -> None:
    """Run every configured front-end until told to stop; finish what can be finished.

    `on_stop` is called when the first signal comes; `engine` replaces this machine's own.
    """
    from bot.frontends.web_app import create_web_app, hub_of
    from bot.frontends.web_app import serve as serve_web

    secret = await asyncio.to_thread(cookie_key, settings)
    links = FileLinks(secret, settings.public_url)
    async with (
        metrics(settings.metrics_host, settings.metrics_port) as observer,
        running(settings, engine, observer) as running_app,
    ):
        app = replace(running_app, links=links)
        web = create_web_app(
            app.conversation,
            app.blobs,
            secret,
            explain=partial(explain, app.prompts),
            hosts=tuple(filter(None, (settings.host, host_of(settings.public_url)))),
            tls_hosts=tls_hosts_of(settings.public_url),
        )
        chats = _chats(app)
        resumed = await app.conversation.resume(_router(hub_of(web).channel, chats))
        if resumed:
            log.info("resumed unfinished jobs", extra={"jobs": resumed})
        page = serve_web(web, settings.host, settings.port, on_ready)

        async def settle() -> None:
            on_stop()
            await app.conversation.settle(TURNS_GRACE_S)

        await _until_stopped(page, [chat.run() for chat in chats.values()], settle)


def new_seed() -> int:
    """A seed nobody can guess, small enough to read out loud."""
    return secrets.randbits(SEED_BITS)


class _Chat(Protocol):
    """A front-end that is reached over the network: Telegram, Discord."""

    def channel(self, session_id: str) -> Channel:
        """Where replies for a session go."""
        ...

    async def run(self) -> None:
        """Serve until cancelled; what can go wrong outside is logged, not raised."""
        ...


def _chats(app: App) -> dict[str, _Chat]:
    """The chats whose token is set, by the prefix of their session ids."""
    settings = app.settings
    tokens = {"telegram": settings.telegram_bot_token, "discord": settings.discord_bot_token}
    chats = {"telegram": _telegram, "discord": _discord}
    opened: dict[str, _Chat] = {}
    for name, token in tokens.items():
        if not token.get_secret_value():
            continue
        try:
            opened[name] = chats[name](app, token.get_secret_value())
        except ImportError as error:
            log.error("%s needs: pip install 'northlight[%s]' (%s)", name.title(), name, error)
    return opened


def _telegram(app: App, token: str) -> _Chat:
    from bot.frontends.telegram_app import TelegramApp

    return TelegramApp(
        token,
        app.conversation,
        app.blobs,
        partial(explain, app.prompts),
        api=app.settings.telegram_api_url,
        webhook=_telegram_webhook(app.settings),
        menus=_menus(app.prompts),
    )


def _menus(prompts: Prompts) -> dict[str, dict[str, str]]:
    """What the commands do, by language and command."""
    return {
        language: {
            key.removeprefix(COMMAND): prompts.say_in(language, key)
            for key in phrases
            if key.startswith(COMMAND)
        }
        for language, phrases in prompts.locales.known.items()
    }


def _telegram_webhook(settings: Settings) -> "Webhook | None":
    from bot.frontends.telegram_webhook import Webhook

    if not settings.telegram_webhook_url:
        return None
    host, _, port = settings.telegram_webhook_listen.rpartition(":")
    secret = settings.telegram_webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
    return Webhook(settings.telegram_webhook_url, host.strip("[]"), int(port), secret)


def _discord(app: App, token: str) -> _Chat:
    from bot.frontends.discord_app import DiscordApp, Extras

    extras = Extras(
        vocabulary=partial(named, app.prompts, app.engine.capabilities()),
        say=app.prompts.locales.say,
        link=app.links.link if app.links else no_link,
    )
    words = partial(explain, app.prompts)
    return DiscordApp(token, app.conversation, app.blobs, words, extras=extras)


class ClosedChat:
    """A chat whose token is not set now: what it is given waits in history until it is."""

    async def send(self, posted: Posted) -> None:
        """The transcript has it."""

    async def deliver(self, delivery: Delivery) -> None:
        """It stays pending."""


def _router(web: Callable[[str], Channel], chats: Mapping[str, _Chat]) -> Callable[[str], Channel]:
    def channel_for(session_id: str) -> Channel:
        name = session_id.partition(":")[0]
        if name in chats:
            return chats[name].channel(session_id)
        return ClosedChat() if name in CHATS else web(session_id)

    return channel_for


def _discard(blobs: DiskBlobs) -> Discard:
    def delete_all(ids: Sequence[str]) -> None:
        for blob in ids:
            blobs.delete(blob)

    async def discard(ids: Sequence[str]) -> None:
        await asyncio.to_thread(delete_all, ids)

    return discard


async def _nothing() -> None:
    """Nothing to settle."""


async def _until_stopped(
    page: Coroutine[Any, Any, None],
    chats: Sequence[Coroutine[Any, Any, None]],
    settle: Callable[[], Coroutine[Any, Any, None]] = _nothing,
) -> None:
    """Run them side by side. The page ends them all; a chat that fails leaves the others alone.

    A signal first has `settle` take leave of everybody while all of them still run; a second one
    does not wait for that.
    """
    beside = [asyncio.create_task(_alone(chat)) for chat in chats]
    front = asyncio.create_task(page)
    signals = [asyncio.Event(), asyncio.Event()]

    def stop() -> None:
        signals[signals[0].is_set()].set()

    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)
    first, second = (asyncio.create_task(each.wait()) for each in signals)
    try:
        await asyncio.wait({front, first}, return_when=asyncio.FIRST_COMPLETED)
        if not front.done():
            log.info("closing: nothing new is taken")
            leaving = asyncio.create_task(_alone(settle()))
            await asyncio.wait({leaving, second}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
    finally:
        for task in (front, first, second, *beside):
            task.cancel()
        await asyncio.gather(front, first, second, *beside, return_exceptions=True)
    if not front.cancelled():
        front.result()


async def _alone(chat: Coroutine[Any, Any, None]) -> None:
    try:
        await chat
    except Exception:
        log.exception("a chat has stopped")
