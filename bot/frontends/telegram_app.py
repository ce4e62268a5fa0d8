"""The studio on Telegram: long polling, beside whatever else runs in this loop."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

import httpx
from telegram import BotCommand, Chat, Message, Update, User
from telegram.constants import UpdateType
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import (
    AIORateLimiter,
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest, HTTPXRequest

from bot.core.conversation import Conversation
from bot.core.turns import Turn
from bot.frontends.chat_cards import Words
from bot.frontends.chat_commands import MENU
from bot.frontends.chat_outbox import Deliver, Outbox, Outboxes, Pace
from bot.frontends.chat_pictures import Prints
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.telegram_courier import TelegramCourier
from bot.frontends.telegram_turns import (
    chat_of,
    command_of,
    is_for,
    person_of,
    places_of,
    session_of,
    tap_turn,
    to_turn,
)
from engine.blobs import DiskBlobs

log = logging.getLogger(__name__)

API = "https://api.telegram.org"
CONCURRENT = 64
MAX_RETRIES = 5  # of a call that Telegram asked us to repeat later
GOODBYE_S = 4.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
SILENCE_S = 300.0  # between two log lines about the same outage
UPLOAD_S = 120.0


class TelegramApp:
    """The front-end. `words(key, **facts)` is a sentence of the replies.

    `api` is where the Bot API is; `request` replaces the way out to it, as tests do; `edit_s` is
    seconds between two edits of progress in one chat.
    """

    def __init__(  # noqa: PLR0913 - the last three are seams, by keyword only
        self,
        token: str,
        conversation: Conversation,
        blobs: DiskBlobs,
        words: Words,
        *,
        api: str = API,
        request: BaseRequest | None = None,
        edit_s: float = 2.0,
    ) -> None:
        self._conversation, self._words = conversation, words
        self._prints = Prints(blobs)
        self._turnstile = Turnstile(conversation, words)
        pace = Pace(edit_s, _certainly_not_sent, _refused)
        self.outboxes = Outboxes(self._courier, pace, conversation.deliveries)
        self.application = _application(token, api, request)
        self.application.add_handler(MessageHandler(filters.ALL, self._on_message))
        self.application.add_handler(CallbackQueryHandler(self._on_tap))
        self.application.add_error_handler(_log_error)
        self._outage_at = float("-inf")

    def channel(self, session_id: str) -> Outbox:
        """Where replies for a session go; what is sent before Telegram is reached waits."""
        return self.outboxes.channel(session_id)

    async def open(self) -> None:
        """Say hello to Telegram. Raises `TelegramError`; may be tried again."""
        await self.application.initialize()
        await self.application.start()
        self.outboxes.ready.set()

    async def close(self) -> None:
        """Fetch nothing more, finish answers under way, say goodbye; within seconds."""
        updater = self.application.updater
        if updater and updater.running:
            await updater.stop()
        await self._turnstile.close(GOODBYE_S)
        await self.outboxes.close()
        if self.application.running:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.application.stop(), GOODBYE_S)
        await self.application.shutdown()
        await self.application.bot.shutdown()

    async def run(self) -> None:
        """Serve until the task is cancelled. A refused token is one log line, then the end."""
        try:
            await self._reached()
            await self._poll()
            await asyncio.Event().wait()
        except InvalidToken:  # its words quote the token
            log.error("Telegram refuses TELEGRAM_BOT_TOKEN: copy it again from @BotFather")
        finally:
            await self.close()

    async def _reached(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await self.open()
            except InvalidToken:
                raise
            except TelegramError as error:
                self._outage(error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _poll(self) -> None:
        await self._show_menu()
        updater = self.application.updater
        assert updater is not None
        await updater.start_polling(
            bootstrap_retries=-1,
            allowed_updates=[UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY],
            error_callback=self._outage,
        )
        log.info("on Telegram as @%s", self.application.bot.username)

    async def _show_menu(self) -> None:
        menu = [BotCommand(name, self._words(f"command_{name}")) for name in MENU]
        try:
            await self.application.bot.set_my_commands(menu)
        except TelegramError as error:
            log.warning("Telegram's command menu could not be set: %s", type(error).__name__)

    def _outage(self, error: TelegramError) -> None:
        if time.monotonic() - self._outage_at < SILENCE_S:
            return
        self._outage_at = time.monotonic()
        if isinstance(error, Conflict):
            log.error("Another program polls Telegram with the same token: stop one of them")
        else:
            reason = type(error).__name__
            log.warning("Telegram cannot be reached, trying on; is the network up? (%s)", reason)

    async def _on_message(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message, user = update.message, update.effective_user
        if message is None or user is None or user.is_bot or _is_service(message):
            return
        if not is_for(message, self.application.bot.username):
            return
        session_id = session_of(message.chat, user)
        channel = self.channel(session_id)
        command = command_of(message)
        if command and command.name == "start":
            await self._start(message.chat, user, str(update.update_id))
            return
        await self._turnstile.take(
            session_id, lambda: to_turn(message, user, str(update.update_id)), channel
        )

    async def _start(self, chat: Chat, user: User, client_id: str) -> None:
        session_id, places = session_of(chat, user), places_of(chat)
        channel = self.channel(session_id)
        if await self._conversation.transcript(session_id):
            turn = Turn(session_id, person_of(user), "help", client_id=client_id, places=places)
            await self._turnstile.tap(turn, channel)
        else:
            await self._conversation.welcome(session_id, person_of(user), channel, places)

    async def _on_tap(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        with suppress(BadRequest, NetworkError):  # only the little clock; the tap itself counts
            await query.answer()
        turn = tap_turn(query, chat, str(update.update_id))
        await self._turnstile.tap(turn, self.channel(turn.session))

    def _courier(self, session_id: str) -> Deliver:
        chat = chat_of(session_id)
        return TelegramCourier(
            lambda: self.application.bot, chat, self._prints, self._words
        ).deliver


def _application(
    token: str, api: str, request: BaseRequest | None
) -> Application[Any, Any, Any, Any, Any, Any]:
    out = request or HTTPXRequest(
        connection_pool_size=CONCURRENT, read_timeout=30, media_write_timeout=UPLOAD_S
    )
    builder = ApplicationBuilder().token(token).request(out)
    builder = builder.base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
    if request:
        builder = builder.get_updates_request(request)
    limiter = AIORateLimiter(max_retries=MAX_RETRIES)
    return builder.rate_limiter(limiter).concurrent_updates(CONCURRENT).build()


def _certainly_not_sent(error: Exception) -> bool:
    """No connection was had, or Telegram asked us to wait; after anything later it may be there."""
    return isinstance(error, RetryAfter) or isinstance(
        error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    )


def _refused(error: Exception) -> bool:
    """Telegram said no: blocked by the person, gone, or not allowed."""
    return isinstance(error, Forbidden | BadRequest | ChatMigrated | InvalidToken)


def _is_service(message: Message) -> bool:
    """Somebody joined, a title changed, a message was pinned: nothing was said to us."""
    return filters.StatusUpdate.ALL.check_update(Update(0, message=message)) is not False


async def _log_error(_: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    if isinstance(context.error, Forbidden):
        log.info("a person has left: %s", context.error)
    else:
        log.error("telegram update failed", exc_info=context.error)
