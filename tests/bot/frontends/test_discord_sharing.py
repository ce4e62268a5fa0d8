"""Discord's own buttons: share and take back, lossless files; and manners among others."""

from io import BytesIO
from pathlib import Path

import discord
import numpy as np
import pytest
from PIL import Image
from support.desktops import PUBLIC_URL, Desktop, desktop, discord_app, speaking, taps
from support.sittings import WORDS, Sitting, photo

from bot.core.replies import Choice, Gallery, Picture
from bot.frontends.chat_pictures import render_of
from bot.frontends.discord_buttons import Own
from bot.links import FileLinks
from engine.blobs import DiskBlobs

SHARE, SHOW, REMOVE = WORDS.say("btn_share"), WORDS.say("btn_show_me"), WORDS.say("btn_unshare")
FILE = WORDS.say("btn_file")


async def made(alex: Desktop) -> discord.Message:
    """Words and a tap become a picture."""
    await alex.slash("portrait", text="a woman")
    await alex.tap(alex.answers()[-1], WORDS.say("btn_just_shoot"))
    return await alex.picture()


def pinged(alex: Desktop) -> list[str]:
    """Whom the latest message would ping."""
    sent = [r.json for r in alex.env.http_requests if r.json and "allowed_mentions" in r.json]
    return sent[-1]["allowed_mentions"]["parse"]


# --- sharing ---


async def test_a_picture_is_private_until_it_is_shared(guest: Sitting, tmp_path: Path) -> None:
    """Then the one picture stands in the channel, with who shared it, and pings nobody."""
    async with desktop(guest, tmp_path) as alex:
        shown = await made(alex)
        assert not alex.public()
        await alex.tap(shown, SHARE)
        (shared,) = alex.public()
        (file,) = shared.attachments
        assert await file.read() == await shown.attachments[0].read()
        assert shared.content == WORDS.say("shared", who=alex.member.mention)
        assert pinged(alex) == []
        assert list(taps(shared)) == [REMOVE]


async def test_sharing_twice_is_sharing_once(guest: Sitting, tmp_path: Path) -> None:
    """The button is spent."""
    async with desktop(guest, tmp_path) as alex:
        await alex.tap(await made(alex), SHARE)
        again = await alex.picture()
        with pytest.raises(Exception, match="disabled"):
            await alex.tap(again, SHARE)
        assert len(alex.public()) == 1


async def test_who_shared_takes_it_down_and_nobody_else(guest: Sitting, tmp_path: Path) -> None:
    """Others are told so, and only they see that."""
    async with desktop(guest, tmp_path) as alex:
        await alex.tap(await made(alex), SHARE)
        (shared,) = alex.public()
        await alex.tap(shared, REMOVE, who=alex.stranger)
        assert alex.answers(alex.stranger)[-1].content == WORDS.say("not_yours")
        await alex.tap(shared, REMOVE)
        assert not alex.public()


async def test_a_deleted_picture_is_no_longer_shared(guest: Sitting, tmp_path: Path) -> None:
    """Nor shown: deleting takes it out of the message."""
    async with desktop(guest, tmp_path) as alex:
        shown = await made(alex)
        (file,) = shown.attachments
        await alex.tap(shown, WORDS.say("btn_delete"))
        assert not any(m.attachments for m in alex.answers())
        rest = f"{alex.channel.id}:{render_of(file.filename)}"
        await alex.offer(Own("share", rest, SHARE))  # an old copy of the message
        await alex.tap(alex.public()[-1], SHARE)
        assert alex.answers()[-1].content == WORDS.say("picture_gone")
        assert len(alex.public()) == 1


async def test_a_share_button_works_after_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """It names the picture, and history knows it."""
    async with desktop(guest, tmp_path) as alex:
        shown = await made(alex)
        alex.app = discord_app(guest.conversation, tmp_path)
        await alex.env.restart_bot(alex.app.client)
        await alex.tap(shown, SHARE)
        assert len(alex.public()) == 1


async def test_where_pictures_are_not_allowed_it_says_so(guest: Sitting, tmp_path: Path) -> None:
    """The moderators decide."""
    async with desktop(guest, tmp_path) as alex:
        shown = await made(alex)
        alex.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
        await alex.tap(shown, SHARE)
        assert alex.answers()[-1].content == WORDS.say("share_refused")
        assert not alex.public()
        assert SHARE in taps(shown)


async def test_there_is_nothing_to_share_in_private(guest: Sitting, tmp_path: Path) -> None:
    """A direct message has no public."""
    async with desktop(guest, tmp_path) as alex:
        await alex.dm("a man")
        await alex.dm("shoot")
        await alex.until(lambda: any(m.attachments for m in alex.private()))
        assert SHARE not in taps(alex.private()[-1])


async def test_of_several_pictures_each_can_be_shared(guest: Sitting, tmp_path: Path) -> None:
    """By its number."""
    blobs = DiskBlobs(tmp_path / "blobs")
    pictures = tuple(
        Picture(f"job-{n}", blob, blob, 90, 120, "card")
        for n, blob in enumerate(blobs.put(photo() + bytes([n]), "png") for n in range(3))
    )
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        seq = await guest.history.post(alex.session, Gallery("Here", pictures))
        await alex.post(seq, Gallery("Here", pictures))
        await alex.tap(alex.answers()[-1], WORDS.say("btn_share_number", number=2))
        (shared,) = alex.public()
        assert [a.filename for a in shared.attachments] == ["northlight-job-1.png"]


async def test_many_pictures_are_shared_from_a_menu(guest: Sitting, tmp_path: Path) -> None:
    """A dozen buttons more would leave no room for what can be done next."""
    blob = DiskBlobs(tmp_path / "blobs").put(photo(), "png")
    pictures = tuple(Picture(f"job-{n}", blob, blob, 90, 120, "card") for n in range(12))
    choices = tuple(Choice(f"choice-{n:05}", str(n)) for n in range(12))
    async with desktop(guest, tmp_path) as alex:
        await alex.slash("help")
        entry = Gallery("Here", pictures, choices)
        await alex.post(await guest.history.post(alex.session, entry), entry)
        await alex.pick(alex.answers()[-1], WORDS.say("btn_share_number", number=12))
        (shared,) = alex.public()
        assert [a.filename for a in shared.attachments] == ["northlight-job-11.png"]


# --- what is too large ---


def heavy(folder: Path) -> Picture:
    """A picture whose lossless file is about 33 MB: above what any guild of the test takes."""
    grain = np.random.default_rng(1).integers(0, 255, (3300, 3300, 3), dtype=np.uint8)
    png, jpg = BytesIO(), BytesIO()
    Image.fromarray(grain).save(png, "PNG", compress_level=0)
    Image.fromarray(grain).resize((900, 900)).save(jpg, "JPEG", quality=90)
    blobs = DiskBlobs(folder / "blobs")
    full, preview = blobs.put(png.getvalue(), "png"), blobs.put(jpg.getvalue(), "jpg")
    return Picture("job-0", preview, full, 3300, 3300, "grain")


async def posted_heavy(guest: Sitting, alex: Desktop, folder: Path) -> Picture:
    picture = heavy(folder)
    gallery = Gallery("Here", (picture,))
    await alex.slash("help")
    await alex.post(await guest.history.post(alex.session, gallery), gallery)
    return picture


async def test_a_file_too_large_comes_as_jpeg_and_as_a_link(guest: Sitting, tmp_path: Path) -> None:
    """Signed, and it leads to the lossless file."""
    async with desktop(guest, tmp_path, public_url=PUBLIC_URL) as alex:
        picture = await posted_heavy(guest, alex, tmp_path)
        shown = alex.answers()[-1]
        assert [a.filename for a in shown.attachments] == ["northlight-job-0.jpg"]
        assert WORDS.say("lossless_too_large") in shown.content
        await alex.tap(shown, FILE)
        link = alex.answers()[-1].content.split()[-1]
        token = link.removeprefix(f"{PUBLIC_URL}/file/")
        linked = FileLinks("secret").read(token)
        assert linked
        assert (linked.blob, linked.name) == (picture.full, "northlight-job-0.png")


async def test_without_an_address_it_says_where_the_file_lies(
    guest: Sitting, tmp_path: Path
) -> None:
    """No promise that cannot be kept."""
    async with desktop(guest, tmp_path) as alex:
        picture = await posted_heavy(guest, alex, tmp_path)
        await alex.tap(alex.answers()[-1], FILE)
        text = alex.answers()[-1].content
        assert picture.full in text
        assert "25 MB" in text


async def test_what_discord_refuses_as_too_large_comes_lighter(
    guest: Sitting, tmp_path: Path
) -> None:
    """Whatever limit it named before: 413 is answered with a JPEG and a note."""
    async with desktop(guest, tmp_path) as alex:
        grain = np.random.default_rng(1).integers(0, 255, (900, 900, 3), dtype=np.uint8)
        png = BytesIO()
        Image.fromarray(grain).save(png, "PNG", compress_level=0)
        blob = DiskBlobs(tmp_path / "blobs").put(png.getvalue(), "png")
        await alex.slash("help")
        alex.env.inject_error("POST", "/webhooks/*", status=413, code=40005)
        await alex.post(9009, Gallery("Here", (Picture("job-0", blob, blob, 900, 900, "grain"),)))
        shown = alex.answers()[-1]
        (file,) = shown.attachments
        assert file.filename == "northlight-job-0.jpg"
        assert file.size < len(png.getvalue()) / 2
        assert WORDS.say("lossless_too_large") in shown.content
        assert FILE in taps(shown)


# --- among others ---


async def test_a_mention_is_answered_for_one_persons_eyes(guest: Sitting, tmp_path: Path) -> None:
    """The channel sees a reply that says so; the answer opens with a tap, and then it is gone."""
    async with desktop(guest, tmp_path) as alex:
        said = await alex.say(f"{alex.me} a woman")
        (knock,) = alex.public()
        assert knock.content == WORDS.say("ready_in_private")
        assert knock.reference and knock.reference.message_id == said.id
        assert pinged(alex) == []
        await alex.tap(knock, SHOW)
        assert not alex.public()
        assert WORDS.say("btn_just_shoot") in taps(alex.answers()[-1])


async def test_where_it_may_not_reply_it_says_whom_it_means(guest: Sitting, tmp_path: Path) -> None:
    """Without pinging them."""
    async with desktop(guest, tmp_path) as alex:
        path = f"/channels/{alex.channel.id}/messages"
        alex.env.inject_error("POST", path, status=403, code=50013)
        await alex.say(f"{alex.me} a woman")
        (knock,) = alex.public()
        assert alex.member.mention in knock.content
        assert pinged(alex) == []
        await alex.tap(knock, SHOW)
        assert WORDS.say("btn_just_shoot") in taps(alex.answers()[-1])


async def test_only_who_asked_may_open_the_answer(guest: Sitting, tmp_path: Path) -> None:
    """Others get a polite notice that only they see."""
    async with desktop(guest, tmp_path) as alex:
        await alex.say(f"{alex.me} a woman")
        await alex.tap(alex.public()[-1], SHOW, who=alex.stranger)
        (notice,) = alex.answers(alex.stranger)
        assert notice.content == WORDS.say("not_yours")
        assert len(alex.public()) == 1


async def test_a_knock_works_after_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """What was said is in the transcript."""
    async with desktop(guest, tmp_path) as alex:
        await alex.say(f"{alex.me} a woman")
        alex.app = discord_app(guest.conversation, tmp_path)
        await alex.env.restart_bot(alex.app.client)
        await alex.tap(alex.public()[-1], SHOW)
        assert WORDS.say("btn_just_shoot") in taps(alex.answers()[-1])


async def test_a_photo_counts_where_the_bot_is_named(guest: Sitting, tmp_path: Path) -> None:
    """And nobody's photo counts otherwise, however long the conversation is."""
    async with desktop(guest, tmp_path) as alex:
        await alex.say(f"{alex.me} here", attachments=[("me.png", photo())])
        session = await guest.history.session(alex.session, "unknown")
        assert session.photo
        await alex.stranger.send(alex.channel, "look", attachments=[("sam.png", photo())])
        await alex.settled()
        assert len(alex.public()) == 1
        assert not alex.answers(alex.stranger)


async def test_a_reply_is_for_the_bot_and_about_its_picture(guest: Sitting, tmp_path: Path) -> None:
    """This one, not the latest."""
    async with desktop(guest, tmp_path) as alex:
        first = await made(alex)
        await alex.tap(first, SHARE)
        await alex.tap(first, WORDS.say("btn_again"))
        await alex.until(lambda: len([m for m in alex.answers() if m.attachments]) == 2)
        await alex.say("blue", reply_to=alex.public()[0])
        await alex.until(lambda: len([m for m in alex.answers() if m.attachments]) == 3)
        renders = await guest.history.renders(alex.session)
        assert renders[-1].shot.seed == renders[0].shot.seed
        assert renders[-1].shot.backdrop.id == "gradient-blue"


async def test_a_reply_that_discord_hides_is_asked_to_name_the_bot(
    guest: Sitting, tmp_path: Path
) -> None:
    """Without a mention its words are not shown to bots."""
    async with desktop(guest, tmp_path) as alex:
        await alex.tap(await made(alex), SHARE)
        await alex.answer_quietly("warmer", alex.public()[0])
        assert alex.public()[-1].content == WORDS.say("name_me")


async def test_a_bare_mention_is_helped(guest: Sitting, tmp_path: Path) -> None:
    """Somebody wants to know what this is."""
    async with desktop(guest, tmp_path) as alex:
        await alex.say(alex.me)
        await alex.tap(alex.public()[-1], SHOW)
        assert alex.answers()[-1].content == WORDS.say("help")


async def test_notices_come_in_ones_own_language(guest: Sitting, tmp_path: Path) -> None:
    """What is said to one person in theirs, what stands in the channel in the guild's."""
    async with desktop(guest, tmp_path) as alex:
        with speaking(alex, user="de", guild="fr"):
            await alex.tap(await made(alex), SHARE)
            (shared,) = alex.public()
            assert shared.content == WORDS.say_in("fr", "shared", who=alex.member.mention)
            await alex.tap(shared, WORDS.say_in("fr", "btn_unshare"), who=alex.stranger)
            notice = alex.answers(alex.stranger)[-1].content
            assert notice == WORDS.say_in("de", "not_yours") != WORDS.say("not_yours")
