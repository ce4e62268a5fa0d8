"""A set is planned as a table that words and taps change."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import Heads, SetStudio
from support.sets import SAID, album, card, eight, frames, rows
from support.sittings import PERSON, WORDS, Sitting, photo, sitting

from bot.core.replies import Ask
from bot.core.turns import Turn
from engine.base import Box, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine


@pytest.fixture
def studio(tmp_path: Path) -> SetStudio:
    return SetStudio(DiskBlobs(tmp_path / "blobs"))


@pytest.fixture
async def guest(tmp_path: Path, studio: SetStudio) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as opened:
        yield opened


async def test_a_set_is_a_table_before_anything_is_shot(guest: Sitting, studio: SetStudio) -> None:
    """Eight rows, what is the same in all, what it costs; and not one picture."""
    await eight(guest)
    assert len(rows(guest)) == 8
    assert len({row.split(".", 1)[1] for row in rows(guest)}) == 8
    assert "second" in card(guest) or "minute" in card(guest)
    same = next(line for line in card(guest).splitlines() if line.startswith("The same"))
    assert WORDS.amid(WORDS.label("backdrop", "seamless-grey")) in same
    assert WORDS.label("lighting", "loop") in same
    assert not studio.shots
    assert not await guest.history.jobs()


async def test_a_frame_is_changed_by_taps(guest: Sitting, studio: SetStudio) -> None:
    """Number, slot, value; the one card changes in place."""
    await eight(guest)
    place = guest.channel.last
    before = rows(guest)
    await guest.tap("3")
    await guest.tap(WORDS.slot("backdrop").label)
    await guest.tap(WORDS.label("backdrop", "seamless-charcoal"))
    assert [s for s, e in guest.channel.posted.items() if s > place and isinstance(e, Ask)] == []
    after = rows(guest)
    assert WORDS.label("backdrop", "seamless-charcoal") in after[2]
    assert len(after) == len(before)
    await guest.tap("Shoot")
    await album(guest)
    assert [s.backdrop.id for s in frames(studio)].count("seamless-charcoal") == 1


async def test_a_frame_is_left_out_and_others_come(guest: Sitting) -> None:
    """One less, one more, and this one not."""
    await eight(guest)
    third = rows(guest)[2].split(".", 1)[1]
    await guest.tap("3")
    await guest.tap(WORDS.say("btn_leave_out"))
    assert len(rows(guest)) == 7
    assert third not in [row.split(".", 1)[1] for row in rows(guest)]
    await guest.tap(WORDS.say("btn_more"))
    await guest.tap(WORDS.say("btn_more"))
    assert len(rows(guest)) == 9
    await guest.tap(WORDS.say("btn_fewer"))
    assert len(rows(guest)) == 8


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("3 on navy", {2}),
        ("2 warmer", {1}),
        ("all in black and white", set(range(8))),
    ],
)
async def test_frames_are_changed_by_saying_it(
    guest: Sitting, studio: SetStudio, said: str, changed: set[int]
) -> None:
    """A number means that frame; without one, or with "all", it is every frame."""
    await eight(guest)
    await guest.say(said)
    await guest.say("go")
    await album(guest)
    slot, value = next((s.slot, s.value) for s in SAID[said].patch.set)
    assert {n for n, s in enumerate(frames(studio)) if s.spec[slot] == value} == changed


async def test_words_take_out_resize_take_back_and_put_away(guest: Sitting) -> None:
    """The table listens as the brief does."""
    await eight(guest)
    await guest.say("without 5 and 6")
    assert len(rows(guest)) == 6
    await guest.say("make it ten")
    assert len(rows(guest)) == 10
    await guest.say("undo")
    assert len(rows(guest)) == 6
    await guest.say("stop")
    assert guest.says[-1] == WORDS.say("table_away")
    await guest.say("go")
    await guest.pictures()
    assert len(await guest.history.renders(PERSON)) == 1


async def test_what_is_said_with_the_set_stays_in_every_frame(
    guest: Sitting, studio: SetStudio
) -> None:
    """ "On navy" is not one of eight backdrops."""
    await guest.send(photo(), "me on canvas")
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    await guest.say("a set of eight on navy")
    await guest.tap("Shoot")
    await album(guest)
    assert {s.backdrop.id for s in frames(studio)[1:]} == {"seamless-navy"}


async def test_a_photo_varies_what_it_can_and_says_what_it_cannot(
    guest: Sitting, studio: SetStudio
) -> None:
    """Backdrop, crop, light and grade; never pose or clothes, and that is said."""
    await guest.send(photo(), "me on canvas")
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    await guest.say("a set of eight for my site")
    left = ", ".join(WORDS.slot(s).label.lower() for s in ("pose", "wardrobe", "expression"))
    assert WORDS.say("table_photo", what=left) in card(guest)
    await guest.tap("Shoot")
    await album(guest)
    made = frames(studio)[1:]
    assert len(made) == 8
    assert len({s.source for s in made}) == len({s.seed for s in made}) == 1
    for slot in ("backdrop", "shot", "lighting", "film"):
        assert len({s.spec.get(slot) for s in made}) > 1, slot
    assert not any("pose" in s.spec for s in made)
    sheet = studio.shots[-1]
    assert all("likeness" in f.same for f in sheet.frames[1:])


async def test_setups_are_groups_before_their_own_backdrop(
    guest: Sitting, studio: SetStudio
) -> None:
    """Six in two setups: three and three, each measured within its own."""
    await guest.say("someone")
    await guest.say("six pictures in two setups")
    await guest.tap("Shoot")
    await album(guest)
    ids = [s.backdrop.id for s in frames(studio)]
    assert len(set(ids[:3])) == len(set(ids[3:])) == 1
    assert ids[0] != ids[3]
    assert [f.anchor for f in studio.shots[-1].frames] == [0, 0, 0, 0, 3, 3]


async def test_a_photo_that_comes_later_becomes_the_set(guest: Sitting, studio: SetStudio) -> None:
    """The table waits for the photo, and is laid out anew for it."""
    await guest.say("a set of eight for my site")
    await guest.send(photo())
    await guest.tap("Yes, go ahead")
    assert len(rows(guest)) == 8
    await guest.tap("Shoot")
    await album(guest)
    assert {s.operation for s in frames(studio)} == {"swap"}


async def test_an_old_table_explains_itself(guest: Sitting) -> None:
    """A tap on a table that was shot or put away does nothing by surprise."""
    await eight(guest)
    more = guest.choice(WORDS.say("btn_more")).id
    await guest.say("stop")
    await guest.tap_id(more)
    assert guest.says[-1] == WORDS.say("table_gone")


async def test_a_tight_photo_has_one_framing(tmp_path: Path) -> None:
    """Where a photo ends below the chin, waist up would be the close-up again."""

    class Tight(SetStudio):
        def receive(self, data: bytes) -> Photo:
            return structs.replace(super().receive(data), faces=(Box(10, 20, 60, 80),))

    studio = Tight(DiskBlobs(tmp_path / "blobs"))
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await guest.send(photo(), "me on canvas")
        await guest.tap("Yes, go ahead")
        await guest.pictures()
        await guest.say("a set of eight for my site")
        await guest.tap("Shoot")
        await album(guest)
        assert len({s.spec["shot"] for s in frames(studio)}) == 1
        assert len(frames(studio)) == 1 + 8


async def test_a_studio_that_draws_heads_only_varies_what_it_can(tmp_path: Path) -> None:
    """With the studio that ships: expressions, then black and white; no frame twice."""
    studio = Heads(DiskBlobs(tmp_path / "blobs"))
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await guest.say("headshot")
        await guest.say("a set of eight for my site")
        await guest.tap("Shoot")
        await album(guest)
        made = frames(studio)
    assert len({(s.spec["expression"], s.spec["film"]) for s in made}) == len(made) == 8
    assert {s.spec["shot"] for s in made} == {"close-up"}
    assert len({s.seed for s in made}) == len({s.backdrop.id for s in made}) == 1


async def test_one_framing_is_told_as_the_one_it_is(tmp_path: Path) -> None:
    """A brief said waist up, heads are what it draws: no caption says otherwise, none is twice."""
    studio = Heads(DiskBlobs(tmp_path / "blobs"))
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await guest.say("waist up headshot")
        await guest.say("a set of eight for my site")
        assert WORDS.label("shot", "medium") not in card(guest)
        assert len({row.split(".", 1)[1] for row in rows(guest)}) == 8
        await guest.tap("Shoot")
        await album(guest)
    assert {s.spec["shot"] for s in frames(studio)} == {"close-up"}


async def test_commands_are_heard_by_the_table(guest: Sitting) -> None:
    """/undo and /cancel mean what is on the table, and start over clears it."""

    async def command(intent: str) -> None:
        turn = Turn(PERSON, PERSON, intent=intent)  # type: ignore[arg-type]
        await guest.conversation.handle(turn, guest.channel)

    await eight(guest)
    await guest.say("without 5")
    await command("undo")
    assert len(rows(guest)) == 8
    await command("cancel")
    assert guest.says[-1] == WORDS.say("table_away")
    await guest.say("a set of eight for my site")
    await command("restart")
    await command("undo")
    assert WORDS.say("table_title", count=8) not in guest.says[-1]


async def test_undo_lets_frames_differ_again_in_what_was_the_same_in_all(guest: Sitting) -> None:
    """What is taken back pins nothing down: further frames may come in colour."""
    await eight(guest)
    await guest.say("all in black and white")
    await guest.say("undo")
    plan = (await guest.history.session(PERSON, PERSON)).plan
    assert plan
    assert "film" not in plan.pinned
    await guest.say("all in black and white")
    await guest.say("3 on navy")
    await guest.say("undo")
    plan = (await guest.history.session(PERSON, PERSON)).plan
    assert plan
    assert "film" in plan.pinned
