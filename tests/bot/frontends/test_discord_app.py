"""Discord promises: answers in private, in time or later, and buttons that outlive the process."""

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st
from support.desktops import PATIENCE_S, TOKEN_LIFE_S, Desktop, desktop, discord_app, taps
from support.faults import FaultyHistory
from support.sittings import WORDS, Sitting, photo

from bot.core.replies import Choice, Gallery, Picture, Progress, Say
from bot.frontends.discord_addresses import Address, address_of
from bot.frontends.discord_buttons import Own, Tap, components, fitting
from engine.blobs import DiskBlobs

README = Path(__file__).parents[3] / "README.md"
JUST_SHOOT = WORDS.say("btn_just_shoot")


async def test_a_command_is_acknowledged_and_answered_in_private(
    guest: Sitting, tmp_path: Path
) -> None:
    """The guild sees nothing of it, and no "thinking" is left behind."""
    async with desktop(guest, tmp_path) as alex:
        result = await alex.slash("portrait", text="a woman")
        assert result.acknowledged
        assert result.ephemeral
        assert JUST_SHOOT in taps(result.response.message)
        assert not alex.public()


async def test_words_and_a_tap_become_a_picture(guest: Sitting, tmp_path: Path) -> None:
    """The lossless file arrives once, with words for those who cannot see it."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("portrait", text="a woman")
        await alex.tap(alex.answers()[-1], JUST_SHOOT)
        await alex.until(lambda: alex.answers()[-1].attachments)
        shown = alex.answers()[-1]
        (file,) = shown.attachments
        assert (await file.read()).startswith(b"\x89PNG")
        assert file.description and "a woman" in file.description
        assert WORDS.say("btn_again") in taps(shown)
        assert not alex.public()


async def test_old_buttons_work_after_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """A new process has never seen the button and knows it all the same."""
    app = discord_app(guest.conversation, tmp_path)
    async with simcord.run(app.client) as env:
        alex = Desktop(env, app)
        await alex.slash("portrait", text="a woman")
        old = alex.answers()[-1]
        await guest.conversation.close()
        guest.rewire(guest.history)
        alex.app = discord_app(guest.conversation, tmp_path)
        await env.restart_bot(alex.app.client)
        await alex.tap(old, JUST_SHOOT)
        await alex.until(lambda: alex.answers()[-1].attachments)


async def test_after_fifteen_minutes_the_answer_comes_as_a_direct_message(
    guest: Sitting, tmp_path: Path
) -> None:
    """A dead token loses nothing, and shows nothing to the guild."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        await alex.env.advance_time(TOKEN_LIFE_S + 1)
        await alex.post(9003, Say("Here you are", (Choice("abcdefghijkl", "Tap"),)))
        (message,) = alex.private()
        assert message.content == "Here you are"
        assert not alex.public()


async def test_a_button_in_a_direct_message_still_means_the_channels_session(
    guest: Sitting, tmp_path: Path
) -> None:
    """The answer moved, the conversation did not."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("portrait", text="a woman")
        posted = (await guest.conversation.transcript(alex.session))[-1]
        await alex.env.advance_time(TOKEN_LIFE_S + 1)
        await alex.post(posted.seq + 1, posted.entry)
        await alex.user.click(alex.private()[-1], label=JUST_SHOOT)
        await alex.until(lambda: any(m.attachments for m in alex.private()))


async def test_a_token_that_dies_unseen_is_noticed(guest: Sitting, tmp_path: Path) -> None:
    """The clocks may disagree: what Discord refuses goes the other way."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        alex.env.inject_error("POST", "/webhooks/*", status=401, code=50027)
        await alex.post(9003, Say("Here you are"))
        assert [m.content for m in alex.private()] == ["Here you are"]


async def test_with_closed_direct_messages_the_channel_says_only_that_it_waits(
    guest: Sitting, tmp_path: Path
) -> None:
    """No picture is shown to the guild because a token died."""
    async with desktop(guest, tmp_path) as alex:
        dm = alex.user.dm_channel.id
        alex.env.inject_error("POST", f"/channels/{dm}/messages", status=403, code=50007)
        await alex.post(9003, Say("Something private"))
        (message,) = alex.public()
        assert WORDS.say("ready_in_private") in message.content
        assert "Something private" not in message.content


async def test_free_words_and_photos_count_in_direct_messages(
    guest: Sitting, tmp_path: Path
) -> None:
    """There the bot is simply talked to; no privileged intent is asked for."""
    async with desktop(guest, tmp_path) as alex:
        await alex.dm("blue", ("me.png", photo()))
        assert alex.private()[-1].content == WORDS.say("consent_ask")
        session = await guest.history.session(f"discord:{alex.user.id}", "unknown")
        assert session.photo
        assert session.draft.spec.said("backdrop")
        intents = alex.app.client.intents
        assert not (intents.message_content or intents.members or intents.presences)


async def test_in_a_guild_talk_is_not_listened_to(guest: Sitting, tmp_path: Path) -> None:
    """Neither words nor somebody's photo."""
    async with desktop(guest, tmp_path) as alex:
        await alex.member.send(alex.channel, "a woman", attachments=[("me.png", photo())])
        await alex.settled()
        assert not alex.public()
        assert not alex.private()


async def test_a_command_takes_a_photo(guest: Sitting, tmp_path: Path) -> None:
    """/backdrop photo: is the selfie swap."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("backdrop", photo=("me.png", photo()))
        assert alex.answers()[-1].content == WORDS.say("consent_ask")


async def test_what_cannot_be_used_is_explained(guest: Sitting, tmp_path: Path) -> None:
    """No silence."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("backdrop", photo=("a.pdf", b"%PDF"))
        assert alex.answers()[-1].content == WORDS.say("photo_not_an_image")


async def test_progress_is_one_message_that_changes(guest: Sitting, tmp_path: Path) -> None:
    """A job has one message; at its end the button is gone."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        before = len(alex.answers())
        tap = (Choice("abcdefghijkl", "Cancel"),)
        await alex.post(9005, Progress("job", "Developing", state="working", choices=tap))
        await alex.post(9005, Progress("job", "Finished.", state="done"))
        (message,) = alex.answers()[before:]
        assert message.content == "Finished."
        assert not taps(message)


async def test_one_persons_tap_is_not_anothers(guest: Sitting, tmp_path: Path) -> None:
    """A button only works for whom it was made."""
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("portrait", text="a woman")
        custom_id = taps(alex.answers()[-1])[JUST_SHOOT]
        await alex.app.client.get_channel(alex.channel.id).send(  # type: ignore[union-attr]  # a text channel
            "forwarded", view=forwarded(custom_id)
        )
        await alex.stranger.click(alex.public()[-1], custom_id=custom_id)
        await alex.settled()
        assert alex.answers(alex.stranger)[-1].content == WORDS.say("not_yours")
        assert not await guest.history.jobs()


async def test_it_says_how_to_invite_it(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the scopes and permissions the README names."""
    caplog.set_level("INFO")
    async with desktop(guest, tmp_path) as alex:
        link = alex.app.client.invitation()
        assert "scope=bot+applications.commands" in link
        assert "permissions=274878008320" in link
        assert "permissions=274878008320" in README.read_text(encoding="utf-8")
    assert any(link in record.getMessage() for record in caplog.records)


async def test_a_refused_token_is_one_line(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is raised: the other front-ends go on."""
    app = discord_app(guest.conversation, tmp_path)

    async def refused(*_: object) -> None:
        raise discord.LoginFailure("Improper token has been passed.")

    app.client.login = refused  # type: ignore[method-assign]  # what Discord does to a wrong token
    await asyncio.wait_for(app.run(), PATIENCE_S)
    (record,) = caplog.records
    assert "DISCORD_BOT_TOKEN" in record.message


async def test_a_refused_intent_is_one_line(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says where to switch it on."""
    app = discord_app(guest.conversation, tmp_path)

    async def refused(*_: object) -> None:
        raise discord.PrivilegedIntentsRequired(None)

    app.client.login = refused  # type: ignore[method-assign]  # what Discord does on connecting
    await asyncio.wait_for(app.run(), PATIENCE_S)
    (record,) = caplog.records
    assert "developer portal" in record.message


async def test_without_a_network_it_says_so_and_tries_on(
    guest: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Tests may not leave this machine, which is as good as no network."""
    running = asyncio.create_task(discord_app(guest.conversation, tmp_path).run())
    while not caplog.records:  # noqa: ASYNC110 - a log has no event to wait for
        await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.wait([running], timeout=PATIENCE_S)
    assert running.cancelled()
    assert ["cannot be reached" in r.message for r in caplog.records] == [True]


@pytest.mark.parametrize("session", ["discord:5", "discord:5:77"])
def test_an_address_survives_its_session_id(session: str) -> None:
    """A resumed job finds its way back from the id alone."""
    assert address_of(session).session == session
    assert address_of(session).person == "discord:5"


async def test_buttons_respect_every_limit() -> None:
    """At most 25 with short labels and ids; the shortcuts at the end are kept."""
    choices = [Choice(f"choice-{n:05}", f"Label {n} " * 12) for n in range(40)]
    kept = fitting(choices)
    assert len(kept) == 25
    assert kept[-2:] == choices[-2:]
    view = components(choices, Address(2**63, 2**63))
    assert view is not None
    rows = view.to_components()
    assert len(rows) <= 5
    every = [button for row in rows for button in row["components"]]
    assert all(len(b["custom_id"]) <= 100 and len(b["label"]) <= 80 for b in every)
    assert view.is_finished()


@given(st.integers(0, 120), st.integers(0, 24), st.booleans(), st.booleans())
def test_no_message_has_more_than_discord_takes(
    count: int, owned: int, menus: bool, shortcut: bool
) -> None:
    """Five rows, 25 options to a menu, and no id twice, whatever is offered."""
    choices = [Choice(f"choice-{n:05}", f"Label {n}") for n in range(count)]
    if shortcut:
        choices.append(Choice("the-last-one", "Shoot", "primary"))
    own = [Own("share", f"{2**63}:render-{n}", f"Share {n}") for n in range(owned)]
    rows = drawn(choices, own, "Choose" if menus else "")
    items = [item for row in rows for item in row["components"]]
    ids = [item["custom_id"] for item in items]
    assert len(rows) <= 5
    assert len(set(ids)) == len(ids)
    assert all(len(item.get("options", ())) <= 25 for item in items)
    assert all(len(custom_id) <= 100 for custom_id in ids)
    labels = {item.get("label") for item in items}
    assert not shortcut or "Shoot" in labels
    assert bool(items) == bool(choices or own)


def drawn(choices: list[Choice], own: list[Own], hint: str) -> list[Any]:
    async def draw() -> list[Any]:
        view = components(choices, Address(2**63, 2**63), own, hint)
        return view.to_components() if view else []

    return asyncio.run(draw())


async def test_a_picture_too_large_for_the_chat_comes_as_jpeg(
    guest: Sitting, tmp_path: Path
) -> None:
    """With a note that says so."""
    from io import BytesIO

    import numpy as np
    from PIL import Image

    grain = np.random.default_rng(1).integers(0, 255, (1900, 1900, 3), dtype=np.uint8)
    png, jpg = BytesIO(), BytesIO()
    Image.fromarray(grain).save(png, "PNG", compress_level=0)
    Image.fromarray(grain).save(jpg, "JPEG", quality=80)
    blobs = DiskBlobs(tmp_path / "blobs")
    full, preview = blobs.put(png.getvalue(), "png"), blobs.put(jpg.getvalue(), "jpg")
    picture = Picture("job-0", preview, full, 1900, 1900, "grain")
    async with desktop(guest, tmp_path) as alex:
        await alex.post(9009, Gallery("Here", (picture,)))
        (message,) = alex.private()
        assert WORDS.say("lossless_too_large") in message.content
        assert [a.filename for a in message.attachments] == ["northlight-job-0.jpg"]


def forwarded(custom_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(Tap(custom_id.split(":")[1], int(custom_id.split(":")[2])))
    view.stop()
    return view


async def test_a_history_that_cannot_answer_is_no_silence(guest: Sitting, tmp_path: Path) -> None:
    """Also where the person answers one of our pictures, and which one has to be looked up."""
    guest.rewire(history := FaultyHistory(code="history_locked"))
    async with desktop(guest, tmp_path) as alex:
        await alex.dm("a woman")
        await alex.dm("shoot")
        await alex.until(lambda: any(m.attachments for m in alex.private()))
        shown = next(m for m in alex.private() if m.attachments)
        history.cannot = {"transcript"}
        await alex.answer_in_private("blue", shown)
        said = alex.private()[-1].content
        assert said.startswith(WORDS.say("history_locked"))
