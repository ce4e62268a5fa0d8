"""What all chats share: text that fits, pictures that fit, an outbox that keeps order and pace."""

import asyncio
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.conversations import ScriptedConversation
from support.sittings import WORDS

from bot.core.deliveries import Deliveries
from bot.core.desk import Desk
from bot.core.events import Tally
from bot.core.replies import Ask, Brief, BriefLine, Picture, Posted, Progress, Say
from bot.core.turns import Turn
from bot.frontends.chat_cards import clip, split, text_of
from bot.frontends.chat_outbox import Outboxes, Pace
from bot.frontends.chat_pictures import Limits, Prints, Sheet, parcels, scaled
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.collecting import CollectingChannel
from bot.history.memory import MemoryHistory
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected


def words(key: str, **facts: object) -> str:
    return WORDS.say(key, **facts)


# --- text ---


@given(st.text(alphabet="ab \n", max_size=200), st.integers(4, 30))
def test_a_split_text_loses_only_white_space(text: str, limit: int) -> None:
    """Pieces fit, are not empty, and say the same."""
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_clipped_text_shows_that_it_is_clipped() -> None:
    """Nobody mistakes a part for the whole."""
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abcde…"


def test_the_brief_tells_said_from_assumed_and_what_cannot_be_done() -> None:
    """The card reads like a photographer's note."""
    lines = (
        BriefLine("subject", "Sitter", "a woman", "said"),
        BriefLine("pose", "Pose", "seated", "said", honoured=False, note="Not here."),
        BriefLine("film", "Film", "Portra 400", "assumed"),
    )
    entry = Ask("Shall I?", brief=Brief("Your portrait", lines, 1, ("A note.",)))
    assert text_of(entry, words) == (
        "Your portrait\n\n"
        "You said\n• Sitter: a woman\n• Pose: seated (Not here.)\n\n"
        "I assumed\n• Film: Portra 400\n\n"
        "A note.\n\n"
        "Shall I?"
    )


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [(12.4, "about 12 s left"), (300.0, "about 5 min left"), (None, "▱▱▱▱▱")],
)
def test_progress_shows_how_far_and_how_long(remaining: float | None, expected: str) -> None:
    """A bar, and the time left in a unit that suits it."""
    entry = Progress("job", "Developing", 0.5, remaining, state="working")
    text = text_of(entry, words)
    assert text.startswith("Developing\n▰▰▰▰▰▱▱▱▱▱")
    assert text.endswith(expected)


# --- pictures ---


def noise(folder: Path, width: int, height: int) -> Picture:
    """A picture that compresses badly."""
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    jpeg, png = BytesIO(), BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=95)
    Image.fromarray(pixels).save(png, "PNG", compress_level=0)
    blobs = DiskBlobs(folder)
    preview, full = blobs.put(jpeg.getvalue(), "jpg"), blobs.put(png.getvalue(), "png")
    return Picture("job-0", preview, full, width, height, "noise")


async def test_a_picture_within_the_limits_is_sent_as_it_is(tmp_path: Path) -> None:
    """Not a byte is lost without need."""
    picture = noise(tmp_path, 300, 400)
    blobs = DiskBlobs(tmp_path)
    sheet = await Prints(blobs).preview(picture, Limits(10**7, sides=1000, ratio=20))
    assert sheet
    assert sheet.data == blobs.get(picture.preview)


@pytest.mark.parametrize("limits", [Limits(30_000), Limits(10**7, sides=350), Limits(9000, 350)])
async def test_a_picture_beyond_the_limits_is_scaled(tmp_path: Path, limits: Limits) -> None:
    """Smaller, of the same shape, and a JPEG."""
    sheet = await Prints(DiskBlobs(tmp_path)).preview(noise(tmp_path, 300, 400), limits)
    assert sheet
    assert len(sheet.data) <= limits.size
    image = Image.open(BytesIO(sheet.data))
    assert image.format == "JPEG"
    assert image.width / image.height == pytest.approx(0.75, abs=0.02)
    assert limits.sides is None or sum(image.size) <= limits.sides


async def test_what_cannot_fit_or_is_gone_is_nothing(tmp_path: Path) -> None:
    """The courier then says it in another way."""
    prints = Prints(DiskBlobs(tmp_path))
    assert await prints.preview(noise(tmp_path, 900, 40), Limits(10**7, ratio=20)) is None
    assert await prints.original(noise(tmp_path, 300, 400), Limits(1000)) is None
    gone = Picture("job-1", "0" * 64 + ".jpg", "0" * 64 + ".png", 9, 9, "")
    assert await prints.preview(gone, Limits(1)) is None
    assert await prints.original(gone, Limits(1)) is None


def test_scaling_keeps_the_colour_profile(tmp_path: Path) -> None:
    """Colours stay what they are."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (200, 200), "teal").save(tmp_path / "a.jpg", icc_profile=profile)
    data = scaled(tmp_path / "a.jpg", Limits(10**6, sides=200))
    assert data
    assert Image.open(BytesIO(data)).info["icc_profile"] == profile


@pytest.mark.parametrize(
    ("sizes", "expected"), [([1] * 23, [10, 10, 3]), ([60] * 3, [1, 1, 1]), ([], [])]
)
async def test_files_are_parcelled_within_the_limits(sizes: list[int], expected: list[int]) -> None:
    """Ten files a message, and no message too heavy to send."""

    async def sheets() -> AsyncIterator[Sheet]:
        for size in sizes:
            yield Sheet(b"x" * size, "a.png")

    assert [len(parcel) async for parcel in parcels(sheets(), 10, 100)] == expected


# --- the outbox ---


def account() -> Deliveries:
    return Deliveries(Desk(MemoryHistory(), WORDS), Tally())


class Chat:
    """A chat that shows what arrives; `refuse` may raise."""

    def __init__(self, pace: Pace, max_chats: int = 10) -> None:
        self.shown: list[tuple[int, str]] = []
        self.refuse: Callable[[Posted], None] = lambda posted: None
        self.outboxes = Outboxes(lambda session: self.deliver, pace, account(), max_chats)

    async def deliver(self, posted: Posted) -> None:
        await asyncio.sleep(0)
        self.refuse(posted)
        self.shown.append((posted.seq, getattr(posted.entry, "text", "")))


def step(text: str, seq: int = 1) -> Posted:
    return Posted(seq, Progress("job", text, state="working"))


async def test_everything_arrives_in_order() -> None:
    """Nothing overtakes, and what has no place is not replaced."""
    chat = Chat(Pace())
    chat.outboxes.ready.set()
    for seq in (1, 2, 0, 0, 3):
        await chat.outboxes.channel("a").send(Posted(seq, Say(f"n{seq}")))
    await chat.outboxes.drained()
    assert [seq for seq, _ in chat.shown] == [1, 2, 0, 0, 3]


async def test_nothing_leaves_before_the_platform_is_reached() -> None:
    """A resumed job may report at once; only its last state is then sent."""
    chat = Chat(Pace())
    for text in ("one", "two"):
        await chat.outboxes.channel("a").send(step(text))
    await asyncio.sleep(0.01)
    assert chat.shown == []
    chat.outboxes.ready.set()
    await chat.outboxes.drained()
    assert chat.shown == [(1, "two")]


async def test_the_last_state_always_arrives() -> None:
    """However many edits were skipped on the way."""
    chat = Chat(Pace(edit_s=0.03))
    chat.outboxes.ready.set()
    for number in range(50):
        await chat.outboxes.channel("a").send(step(str(number)))
        await asyncio.sleep(0.001)
    await chat.outboxes.drained()
    assert chat.shown[-1] == (1, "49")
    assert len(chat.shown) < 20


async def test_one_chat_does_not_hold_up_another() -> None:
    """Each has its own way out."""
    chat, closed = Chat(Pace()), asyncio.Event()
    chat.outboxes.ready.set()

    async def deliver(posted: Posted) -> None:
        if posted.seq == 1:
            await closed.wait()
        chat.shown.append((posted.seq, ""))

    chat.deliver = deliver  # type: ignore[method-assign]  # a slow chat
    await chat.outboxes.channel("slow").send(Posted(1, Say("")))
    await chat.outboxes.channel("quick").send(Posted(2, Say("")))
    await chat.outboxes.channel("quick").drained()
    assert chat.shown == [(2, "")]
    closed.set()
    await chat.outboxes.drained()


async def test_only_what_certainly_did_not_arrive_is_sent_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Rather once too few than twice; and the next posting is not lost with it."""
    chat = Chat(Pace(passing=lambda e: isinstance(e, ConnectionError), pauses=(0.0, 0.0)))
    chat.outboxes.ready.set()
    errors = iter([ConnectionError(), ConnectionError(), TimeoutError()])

    def refuse(posted: Posted) -> None:
        if error := next(errors, None):
            raise error

    chat.refuse = refuse
    for seq in (1, 2):
        await chat.outboxes.channel("a").send(Posted(seq, Say("")))
    await chat.outboxes.drained()
    assert [seq for seq, _ in chat.shown] == [2]
    assert ["delivery failed" in r.message for r in caplog.records] == [True]


async def test_closing_waits_a_moment_and_no_longer() -> None:
    """What cannot be delivered stays in the transcript."""
    chat = Chat(Pace(edit_s=60))
    chat.outboxes.ready.set()
    for text in ("one", "two"):
        await chat.outboxes.channel("a").send(step(text))
        await asyncio.sleep(0.01)
    await chat.outboxes.close(0.01)
    await asyncio.wait_for(chat.outboxes.drained(), 5)
    assert chat.shown == [(1, "one")]


async def test_idle_chats_are_forgotten() -> None:
    """Memory does not grow with everybody who ever wrote; who is being answered is kept."""
    chat = Chat(Pace(), max_chats=2)
    busy = chat.outboxes.channel("busy")
    await busy.send(Posted(1, Say("waits for the platform")))
    idle = [chat.outboxes.channel(name) for name in "abc"]
    assert chat.outboxes.channel("busy") is busy
    assert chat.outboxes.channel("a") is not idle[0]
    await chat.outboxes.close()


# --- the turnstile ---


async def test_a_turn_that_fails_to_arrive_is_a_sentence() -> None:
    """And the next one is heard."""
    conversation, channel = ScriptedConversation(), CollectingChannel()
    turnstile = Turnstile(conversation, words_or_blank)  # type: ignore[arg-type]  # a twin

    async def rejected() -> Turn:
        raise PhotoRejected("too much", code="photo_too_heavy")

    async def fine() -> Turn:
        return Turn("a", "a", "hello", client_id="1")

    await turnstile.take("a", rejected, channel)
    await turnstile.take("a", fine, channel)
    texts = [getattr(entry, "text", "") for entry in channel.entries]
    assert words("photo_too_heavy") in texts
    assert "heard hello" in texts


async def test_closing_waits_for_turns_under_way() -> None:
    """A handler the platform cancels does not take the answer with it."""
    conversation, channel = ScriptedConversation(), CollectingChannel()
    turnstile = Turnstile(conversation, words_or_blank)  # type: ignore[arg-type]  # a twin

    async def slow() -> Turn:
        await asyncio.sleep(0.02)
        return Turn("a", "a", "hello", client_id="1")

    handler = asyncio.create_task(turnstile.take("a", slow, channel))
    await asyncio.sleep(0.005)
    handler.cancel()
    await turnstile.close()
    assert "heard hello" in [getattr(entry, "text", "") for entry in channel.entries]


def words_or_blank(key: str, **facts: object) -> str:
    from bot.core.desk import explain

    return explain(WORDS, key, **facts)
