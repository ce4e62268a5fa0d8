"""The studio on Telegram: long polling or a webhook, beside whatever else runs in this loop."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any

import httpx
from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatAction, UpdateType
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
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
from bot.core.replies import Posted, Say
from bot.core.turns import Turn
from bot.errors import NorthlightError
from bot.frontends.chat_cards import Words, clip
from bot.frontends.chat_outbox import Deliver, Outbox, Outboxes, Pace
from bot.frontends.chat_pictures import Prints
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.telegram_albums import QUIET_S, Albums
from bot.frontends.telegram_courier import TelegramCourier
from bot.frontends.telegram_line import Line
from bot.frontends.telegram_manners import command_of, is_for, is_private, photo_of_another
from bot.frontends.telegram_menu import Menus, show_menu
from bot.frontends.telegram_places import Place, Places
from bot.frontends.telegram_turns import (
    chat_of,
    is_shared,
    person_of,
    places_of,
    session_of,
    tap_turn,
    to_turn,
)
from bot.frontends.telegram_webhook import Webhook, serve_webhook
from engine.blobs import DiskBlobs

log = logging.getLogger(__name__)

API = "https://api.telegram.org"
CONCURRENT = 64
ASKING = 4  # connections for long polling
MAX_RETRIES = 5  # of a call that Telegram asked us to repeat later
GOODBYE_S = 4.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
SILENCE_S = 300.0  # between two log lines about the same outage
UPLOAD_S = 120.0
MAX_ALERT = 200  # characters of a notice on a tap
UPDATES = [UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY]


class TelegramApp:
    """The front-end. `words(key, **facts)` is a sentence of the replies.

    `api` is where the Bot API is; `request` replaces the way out to it, as tests do; `edit_s` is
    seconds between two edits of progress in one chat. With a `webhook` Telegram calls, else we ask;
    `menus` describe the commands in other languages; after `quiet_s` an album is taken to be whole.
    """

    def __init__(  # noqa: PLR0913 - all but the first four are seams, by keyword only
        self,
        token: str,
        conversation: Conversation,
        blobs: DiskBlobs,
        words: Words,
        *,
        api: str = API,
        request: BaseRequest | None = None,
        edit_s: float = 2.0,
        webhook: Webhook | None = None,
        menus: Menus | None = None,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._conversation, self._words = conversation, words
        self._prints = Prints(blobs)
        self._turnstile = Turnstile(conversation, words)
        self._albums, self._places = Albums(quiet_s), Places(conversation)
        self._webhook, self._menus = webhook, menus or {}
        self.outboxes = Outboxes(
            self._courier, Pace(edit_s, _certainly_not_sent, _refused), conversation.deliveries
        )
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
            await show_menu(self.application.bot, self._words, self._menus)
            await (self._listen(self._webhook) if self._webhook else self._poll())
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
        updater = self.application.updater
        assert updater is not None
        await updater.start_polling(
            bootstrap_retries=-1, allowed_updates=UPDATES, error_callback=self._outage
        )
        log.info("on Telegram as @%s", self.application.bot.username)
        await asyncio.Event().wait()

    async def _listen(self, hook: Webhook) -> None:
        bot = self.application.bot
        serving = asyncio.create_task(serve_webhook(hook, self.take))
        try:
            await bot.set_webhook(hook.url, secret_token=hook.secret, allowed_updates=UPDATES)
            log.info("on Telegram as @%s, called at %s", bot.username, hook.url)
            await serving
        except BadRequest as error:
            log.error("Telegram refuses TELEGRAM_WEBHOOK_URL (%s): %s", hook.url, error.message)
        except OSError as error:
            where = f"{hook.host}:{hook.port}"
            log.error("TELEGRAM_WEBHOOK_LISTEN: cannot listen on %s: %s", where, error.strerror)
        finally:
            serving.cancel()
            await asyncio.wait([serving])

    async def take(self, payload: dict[str, Any]) -> None:
        """An update as Telegram sends it; answered when its turn comes."""
        update = Update.de_json(payload, self.application.bot)
        await self.application.update_queue.put(update)

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
        if not self._albums.opens(message):
            return
        # Only one message of an album carries its words: who is meant shows when it is whole.
        heard = [message] if is_private(message) else await self._albums.whole(message)
        if not any(is_for(each, self._me) for each in heard):
            return
        session_id, client_id = session_of(message.chat, user), _client_id(update, message)
        bare = Turn(session_id, person_of(user), places=places_of(message.chat))
        if not self._conversation.admits(bare):
            await self._turnstile.tap(bare, self.channel(session_id))  # says so
            await self._albums.whole(message)
            return
        if not is_private(message):
            await self._places.spoken(session_id, message)
        await self._hear(session_id, heard, user, client_id)

    async def _hear(
        self, session_id: str, heard: Sequence[Message], user: User, client_id: str
    ) -> None:
        first, channel = heard[0], self.channel(session_id)
        command = command_of(first)
        if command and command.name == "start":
            await self._turnstile.attempt(self._start(first.chat, user, client_id), channel)
            await self._albums.whole(first)
            return
        if photo_of_another(first, user, self._me):
            await channel.send(Posted(0, Say(self._words("not_your_photo"))))
            await self._albums.whole(first)
            return

        async def arrive() -> Turn:
            messages = await self._albums.whole(first) if len(heard) == 1 else heard
            return await to_turn(messages, user, self._me, client_id, self._conversation.shown)

        async with self._line(session_id).signing(ChatAction.TYPING):
            await self._turnstile.take(session_id, arrive, channel)

    async def _start(self, chat: Chat, user: User, client_id: str) -> None:
        session_id, places = session_of(chat, user), places_of(chat)
        channel = self.channel(session_id)
        if await self._conversation.transcript(session_id):
            person = person_of(user)
            turn = Turn(session_id, person, client_id=client_id, intent="help", places=places)
            await self._turnstile.tap(turn, channel)
        else:
            language = user.language_code or ""
            await self._conversation.welcome(session_id, person_of(user), channel, places, language)

    async def _on_tap(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        turn = tap_turn(query, chat, str(update.update_id))
        if notice := await self._notice(turn, chat.id):
            await _answered(query, self._words(notice))
            return
        await _answered(query)
        await self._turnstile.tap(turn, self.channel(turn.session))

    async def _notice(self, turn: Turn, chat: int) -> str:
        """Why this tap does not count; in private, the conversation says so itself."""
        if not is_shared(chat):
            return ""
        try:
            owner = await self._conversation.owner(turn.choice or "")
        except NorthlightError as error:
            return error.code
        if not owner:
            return "unknown_choice"
        return "" if owner == turn.session else "not_your_button"

    @property
    def _me(self) -> User:
        return self.application.bot.bot

    def _line(self, session_id: str) -> Line:
        def place() -> Awaitable[Place]:
            return self._places.of(session_id)

        return Line(lambda: self.application.bot, chat_of(session_id), place)

    def _courier(self, session_id: str) -> Deliver:
        async def note(message: int, render: str) -> None:
            # It is there already: what is not noted can only not be pointed at.
            with suppress(NorthlightError):
                await self._conversation.note_shown(session_id, str(message), render)

        line = self._line(session_id)
        return TelegramCourier(line, self._prints, self._words, note).deliver


def _application(
    token: str, api: str, request: BaseRequest | None
) -> Application[Any, Any, Any, Any, Any, Any]:
    out = request or HTTPXRequest(
        connection_pool_size=CONCURRENT, read_timeout=30, media_write_timeout=UPLOAD_S
    )
    builder = ApplicationBuilder().token(token).request(out)
    builder = builder.base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
    # One connection may still be closing while the last call confirms what was fetched.
    asking = request or HTTPXRequest(connection_pool_size=ASKING, read_timeout=30)
    builder = builder.get_updates_request(asking)
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


def _client_id(update: Update, message: Message) -> str:
    """The same again when Telegram repeats an update after a crash."""
    album = message.media_group_id
    return f"album:{album}" if album else str(update.update_id)


async def _answered(query: CallbackQuery, alert: str = "") -> None:
    """Stop the little clock on a button, perhaps with a notice that only who tapped can see."""
    with suppress(TelegramError):  # an old tap has no clock any more; it counts anyway
        await query.answer(clip(alert, MAX_ALERT) or None, show_alert=bool(alert))


def _is_service(message: Message) -> bool:
    """Somebody joined, a title changed, a message was pinned: nothing was said to us."""
    return filters.StatusUpdate.ALL.check_update(Update(0, message=message)) is not False


async def _log_error(_: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    if isinstance(context.error, Forbidden):
        log.info("a person has left: %s", context.error)
    else:
        log.error("telegram update failed", exc_info=context.error)
