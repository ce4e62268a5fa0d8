"""Discord when it is slow, full, closed or down: nothing is lost, nothing comes twice."""

from pathlib import Path

import discord
import pytest
from support.desktops import TOKEN_LIFE_S, Desktop, desktop, discord_app, taps
from support.sittings import WORDS, Sitting, photo

from bot.core.replies import Choice, Entry, Gallery, Posted, Progress, Say
from bot.core.session import Delivery, JobRecord
from engine.blobs import DiskBlobs
from engine.jobs import Job
from engine.shots import Series, Shot

DEFERRED = discord.InteractionResponseType.deferred_channel_message.value
SHOW = WORDS.say("btn_show_me")
CANCEL = (Choice("abcdefghijkl", "Cancel"),)


def png(folder: Path, number: int) -> str:
    return DiskBlobs(folder / "blobs").put(photo() + bytes([number]), "png")


# --- progress ---


async def test_progress_shows_first_looks_in_place(guest: Sitting, tmp_path: Path) -> None:
    """One message: a bar, then the picture coming, then neither picture nor button."""
    looks = [png(tmp_path, n) for n in range(2)]
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        before = len(alex.answers())
        for look in (None, looks[0], looks[1], looks[1]):
            progress = Progress("job", "Developing", 0.5, 12.0, state="working", choices=CANCEL)
            await alex.post(9005, structs_with(progress, look))
            (message,) = alex.answers()[before:]
            assert [await a.read() for a in message.attachments] == (
                [DiskBlobs(tmp_path / "blobs").get(look)] if look else []
            )
            assert "▰▰▰▰▰▱▱▱▱▱" in message.content
            assert "Cancel" in taps(message)
        await alex.post(9005, Progress("job", "Finished.", state="done"))
        (message,) = alex.answers()[before:]
        assert (message.content, message.attachments, taps(message)) == ("Finished.", [], {})


async def test_a_first_look_that_is_gone_is_no_obstacle(guest: Sitting, tmp_path: Path) -> None:
    """It is deleted when the job ends, perhaps before it was sent."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        gone = "0" * 64 + ".jpg"
        await alex.post(9005, Progress("job", "Developing", state="working", preview=gone))
        assert "Developing" in alex.answers()[-1].content


def structs_with(progress: Progress, look: str | None) -> Progress:
    from msgspec import structs

    return structs.replace(progress, preview=look)


# --- doors that close ---


async def test_a_result_after_fifteen_minutes_comes_as_a_direct_message(
    guest: Sitting, tmp_path: Path
) -> None:
    """With its file and its buttons, and nothing of it in the channel."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        await alex.env.advance_time(TOKEN_LIFE_S + 1)
        await concluded(guest, alex, tmp_path)
        (message,) = alex.private()
        assert [a.filename for a in message.attachments] == ["northlight-job-0.png"]
        assert not alex.public()
        assert await guest.history.deliveries() == []


async def test_a_result_for_closed_direct_messages_waits_behind_a_button(
    guest: Sitting, tmp_path: Path
) -> None:
    """The channel hears that it is there; it opens for the person alone, and once."""
    async with desktop(guest, tmp_path) as alex:
        closed(alex)
        await concluded(guest, alex, tmp_path)
        (knock,) = alex.public()
        assert not knock.attachments
        assert [d.state for d in await guest.history.deliveries()] == ["undeliverable"]
        await alex.tap(knock, SHOW)
        shown = [m for m in alex.answers() if m.attachments]
        assert [a.filename for m in shown for a in m.attachments] == ["northlight-job-0.png"]
        assert await guest.history.deliveries() == []
        assert not alex.public()


async def test_a_long_job_knocks_once(guest: Sitting, tmp_path: Path) -> None:
    """Its progress does not fill the channel of somebody whose direct messages are closed."""
    async with desktop(guest, tmp_path) as alex:
        closed(alex)
        for step in range(5):
            await alex.post(9001, Progress("job", f"Step {step}", state="working"))
        await concluded(guest, alex, tmp_path)
        assert len(alex.public()) == 1
        assert len(alex.requests("POST", f"/channels/{alex.user.dm_channel.id}/messages")) == 1


async def test_what_could_not_be_delivered_comes_with_the_next_turn(
    guest: Sitting, tmp_path: Path
) -> None:
    """Also for somebody who never saw the button."""
    async with desktop(guest, tmp_path) as alex:
        closed(alex)
        await concluded(guest, alex, tmp_path)
        await alex.slash("help")
        assert len([m for m in alex.answers() if m.attachments]) == 1
        await alex.slash("help")
        assert len([m for m in alex.answers() if m.attachments]) == 1


async def test_a_muted_channel_loses_nothing(guest: Sitting, tmp_path: Path) -> None:
    """Neither private nor public: the result waits for the person."""
    async with desktop(guest, tmp_path) as alex:
        closed(alex)
        alex.env.inject_error("POST", f"/channels/{alex.channel.id}/messages", status=403)
        await concluded(guest, alex, tmp_path)
        assert not alex.public()
        await alex.slash("help")
        assert len([m for m in alex.answers() if m.attachments]) == 1


async def test_a_message_that_was_dismissed_is_written_anew(guest: Sitting, tmp_path: Path) -> None:
    """Progress goes on below."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        await alex.post(9005, Progress("job", "Developing", state="working"))
        alex.env.inject_error("PATCH", "/webhooks/*", status=404, code=10008)
        await alex.post(9005, Progress("job", "Finished.", state="done"))
        assert alex.answers()[-1].content == "Finished."


# --- Discord has a bad day ---


@pytest.mark.parametrize(("status", "code"), [(429, 0), (500, 0), (503, 0)])
async def test_in_private_a_failure_is_tried_again_and_comes_once(
    guest: Sitting, tmp_path: Path, status: int, code: int
) -> None:
    """Each attempt carries the same nonce, so that Discord makes one message of them."""
    async with desktop(guest, tmp_path) as alex:
        dm = alex.user.dm_channel.id
        path = f"/channels/{dm}/messages"
        alex.env.inject_error("POST", path, status=status, code=code)
        await alex.app.channel(f"discord:{alex.user.id}").send(Posted(9003, Say("Here you are")))
        await alex.env.advance_time(2)
        await alex.settled()
        assert [m.content for m in alex.private()] == ["Here you are"]
        tried = alex.requests("POST", path)
        assert len(tried) == 2
        assert len({sent["nonce"] for sent in tried}) == 1
        assert all(sent["enforce_nonce"] for sent in tried)


async def test_an_edit_that_failed_is_tried_again(guest: Sitting, tmp_path: Path) -> None:
    """Editing twice is editing once."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        await alex.post(9005, Progress("job", "Developing", state="working", choices=CANCEL))
        alex.env.inject_error("PATCH", "/webhooks/*", status=500)
        await alex.app.channel(alex.session).send(
            Posted(9005, Progress("job", "Finished.", state="done"))
        )
        await alex.env.advance_time(2)
        await alex.settled()
        assert alex.answers()[-1].content == "Finished."


async def test_where_it_may_have_arrived_the_person_is_asked(
    guest: Sitting, tmp_path: Path
) -> None:
    """An interaction's answer has no nonce: a second copy would be worse than a question."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        alex.env.inject_error("POST", "/webhooks/*", status=500)
        await concluded(guest, alex, tmp_path)
        asked = alex.answers()[-1]
        assert asked.content == WORDS.say("ask_arrived")
        assert not [m for m in alex.answers() if m.attachments]
        await alex.tap(asked, WORDS.say("btn_send_again"))
        assert len([m for m in alex.answers() if m.attachments]) == 1


async def test_an_acknowledgement_that_came_too_late_is_made_up_for(
    guest: Sitting, tmp_path: Path
) -> None:
    """Too late for Discord is not too late for the person."""
    async with desktop(guest, tmp_path) as alex:
        alex.env.inject_error("POST", "/interactions/*", status=404, code=10062)
        await alex.slash("help")
        assert [m.content for m in alex.private()] == [WORDS.say("help")]


# --- restarts ---


async def test_a_menu_works_after_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """As old buttons do."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("settings")
        card = alex.answers()[-1]
        await alex.tap(card, WORDS.slot("film").label)
        lists = alex.answers()[-1]
        alex.app = discord_app(guest.conversation, tmp_path)
        await alex.env.restart_bot(alex.app.client)
        await alex.pick(lists, WORDS.label("film", "tri-x-400"))
        likes = await guest.history.preferences(f"discord:{alex.user.id}")
        assert likes.film == "tri-x-400"


async def test_a_result_left_by_a_crash_comes_after_the_restart(
    guest: Sitting, tmp_path: Path
) -> None:
    """As a direct message: no interaction outlives the process."""
    async with desktop(guest, tmp_path) as alex:
        await concluded(guest, alex, tmp_path, deliver=False)
        guest.rewire(guest.history)
        alex.app = discord_app(guest.conversation, tmp_path)
        await alex.env.restart_bot(alex.app.client)
        await guest.conversation.resume(alex.app.channel)
        await alex.settled()
        assert len(alex.private()) == 1
        await alex.slash("help")
        assert not [m for m in alex.answers() if m.attachments]


# --- every command, all the way ---


@pytest.mark.parametrize(
    ("command", "options", "answer"),
    [
        ("portrait", {"text": "a woman"}, "ask_backdrop"),
        ("portrait", {}, "restarted"),
        ("series", {}, "ask_series"),
        ("series", {"count": 3}, ""),
        ("upscale", {}, "no_picture_yet"),
        ("history", {}, "no_picture_yet"),
        ("settings", {}, "settings_title"),
        ("cancel", {}, "nothing_to_cancel"),
        ("undo", {}, "nothing_to_undo"),
        ("privacy", {}, "privacy"),
        ("forget", {}, "forget_ask"),
        ("help", {}, "help"),
        ("cutout", {}, "swap_needs_photo"),
        ("print", {"size": "5x7"}, "no_picture_yet"),
    ],
)
async def test_every_command_is_answered_in_private(
    guest: Sitting, tmp_path: Path, command: str, options: dict[str, object], answer: str
) -> None:
    """By a sentence of the studio's, never by silence or an apology."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash(command, **options)
        assert [r["type"] for r in alex.requests("POST", "/callback")] == [DEFERRED]
        texts = [m.content for m in alex.answers()]
        assert texts
        assert not answer or any(WORDS.say(answer) in text for text in texts), texts
        assert not alex.public()


async def test_forgetting_takes_a_word_and_a_tap(guest: Sitting, tmp_path: Path) -> None:
    """And then nothing of that person is left."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("portrait", text="a woman")
        await alex.slash("forget")
        await alex.tap(alex.answers()[-1], WORDS.say("btn_forget"))
        assert alex.answers()[-1].content == WORDS.say("forgot")
        session = await guest.history.session(alex.session, "unknown")
        assert not session.draft.spec.fields


# --- helpers ---


def closed(alex: Desktop) -> None:
    """Direct messages are closed to the bot, for good."""
    dm = alex.user.dm_channel.id
    alex.env.inject_error("POST", f"/channels/{dm}/messages", status=403, code=50007, times=None)


async def concluded(guest: Sitting, alex: Desktop, folder: Path, *, deliver: bool = True) -> Entry:
    """A job of this person's ends with a picture."""
    from bot.core.replies import Picture

    await guest.history.session(alex.session, f"discord:{alex.user.id}")
    series = Series((Shot("generate", 1),))
    person = f"discord:{alex.user.id}"
    await guest.history.add_job(JobRecord(Job("job", person, series), alex.session, person, 0, 0))
    blob = png(folder, 7)
    entry = Gallery("Here", (Picture("job-0", blob, blob, 90, 120, "card"),))
    seq = await guest.history.conclude("job", "done", entry)
    assert seq
    if deliver:
        delivery = Delivery("job", alex.session, Posted(seq, entry))
        await guest.conversation.deliveries.hand_over(delivery, alex.app.channel(alex.session))
        await alex.settled()
    return entry
