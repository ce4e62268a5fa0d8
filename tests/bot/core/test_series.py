"""Sets: planned as a table, shot as one job, compared, handed over, gone on with."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, photo, reading, sitting

from bot.core.replies import Ask, Gallery, Progress
from bot.core.turns import Turn
from engine.base import Box, Capabilities, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.shots import Shot
from engine.studio.wish import capabilities

SAID = SCRIPT | {
    "a set of eight for my site": reading("series"),
    "a set of eight on navy": reading("series", backdrop="seamless-navy"),
    "six pictures in two setups": reading("series", count=6),
    "3 on navy": reading(backdrop="seamless-navy"),
    "all in black and white": reading(film="tri-x-400"),
    "2 warmer": reading("correct", warmth=1),
}


@pytest.fixture
def studio(tmp_path: Path) -> SetStudio:
    return SetStudio(DiskBlobs(tmp_path / "blobs"))


@pytest.fixture
async def guest(tmp_path: Path, studio: SetStudio) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as opened:
        yield opened


def card(guest: Sitting) -> str:
    """The latest table, as it stands now."""
    title = WORDS.say("table_title", count="").split("{")[0].split()[0:3]
    cards = [e.text for e in guest.channel.entries if isinstance(e, Ask)]
    return [text for text in cards if text.startswith(" ".join(title))][-1]


def rows(guest: Sitting) -> list[str]:
    return [line for line in card(guest).splitlines() if line[:1].isdigit()]


def frames(studio: SetStudio) -> list[Shot]:
    return [shot for shot in studio.shots if shot.operation != "contact-sheet"]


async def album(guest: Sitting) -> Gallery:
    """The set's own reply; the ZIP that follows it has one picture."""
    await guest.until(lambda entries: any(_is_album(e) for e in entries))
    return [e for e in guest.channel.entries if _is_album(e)][-1]  # type: ignore[return-value]


def _is_album(entry: object, count: int = 0) -> bool:
    if not isinstance(entry, Gallery) or len(entry.pictures) < 2:
        return False
    return count in (0, len(entry.pictures))


async def eight(guest: Sitting) -> None:
    await guest.say("headshot")
    await guest.say("a set of eight for my site")


async def test_a_set_is_a_table_before_anything_is_shot(guest: Sitting, studio: SetStudio) -> None:
    """Eight rows, what is the same in all, what it costs; and not one picture."""
    await eight(guest)
    assert len(rows(guest)) == 8
    assert len({row.split(".", 1)[1] for row in rows(guest)}) == 8
    assert "second" in card(guest) or "minute" in card(guest)
    same = next(line for line in card(guest).splitlines() if line.startswith("The same"))
    assert WORDS.label("backdrop", "seamless-grey") in same
    assert WORDS.label("lighting", "loop") in same
    assert not studio.shots
    assert not await guest.history.jobs()


async def test_light_and_backdrop_are_locked_pose_and_wardrobe_vary(
    guest: Sitting, studio: SetStudio
) -> None:
    """Made from words, a set is one sitting: one light, one backdrop, one family of seeds."""
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    made = frames(studio)
    assert len(made) == 8
    assert len({s.backdrop for s in made}) == len({s.spec["lighting"] for s in made}) == 1
    assert len({s.spec["pose"] for s in made}) > 3
    assert len({s.spec["wardrobe"] for s in made}) > 1
    seeds = {s.seed for s in made}
    assert max(seeds) - min(seeds) < 8
    assert len(shown.pictures) == 9
    assert [c.label for c in shown.choices][:8] == [str(n) for n in range(1, 9)]


async def test_the_zip_comes_as_a_file_and_is_a_tap_away(guest: Sitting) -> None:
    """Contact sheet, album, ZIP."""
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    sheet = shown.pictures[-1]
    await guest.until(lambda entries: isinstance(entries[-1], Gallery) and entries[-1] is not shown)
    assert isinstance(guest.last, Gallery)
    assert (guest.last.carry, guest.last.pictures) == ("file", (sheet,))
    await guest.tap(WORDS.say("btn_zip"))
    assert isinstance(guest.last, Gallery)
    assert guest.last.pictures[0].render == sheet.render


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


async def test_a_set_of_a_picture_keeps_its_sitter(guest: Sitting, studio: SetStudio) -> None:
    """Another expression is asked of the face that was drawn, not of another face."""
    await guest.say("headshot")
    await guest.tap("Just shoot")
    await guest.pictures()
    first = studio.shots[0]
    await guest.tap("Series")
    await guest.tap("6")
    for number, row in enumerate(rows(guest), 1):
        assert row.startswith(f"{number}.")
    await guest.tap("Shoot")
    await album(guest)
    made = frames(studio)[1:]
    changed = [s for s in made if s.spec["expression"] != first.spec["expression"]]
    assert changed
    assert all(s.drawn_as["expression"] == first.spec["expression"] for s in changed)
    assert made[0].seed == first.seed


async def test_progress_counts_frames(tmp_path: Path) -> None:
    """ "Frame 2 of 4", not a bar that means nothing."""
    engine = InProcessEngine(SetStudio(DiskBlobs(tmp_path / "blobs"), delay=0.08))
    async with sitting(tmp_path, SAID, engine=engine) as guest:
        seen: list[str] = []
        send = guest.channel.send

        async def watch(posted) -> None:  # noqa: ANN001 - as the channel has it
            if isinstance(posted.entry, Progress):
                seen.append(posted.entry.text)
            await send(posted)

        guest.channel.send = watch  # type: ignore[method-assign]
        await eight(guest)
        await guest.tap("Shoot")
        await album(guest)
    assert any(text.startswith("Frame 2 of 8") for text in seen)
    assert any(text.startswith("Frame 8 of 8") for text in seen)
    assert not any("Frame 9" in text for text in seen)


async def frames_done(guest: Sitting, count: int) -> None:
    async with asyncio.timeout(15):
        while len(await guest.history.renders(PERSON)) < count:  # noqa: ASYNC110 - history has no events
            await asyncio.sleep(0.005)


async def test_cancel_keeps_what_is_done_and_the_rest_can_be_shot(tmp_path: Path) -> None:
    """Three of eight are three pictures, not nothing; going on makes the other five only."""
    studio = SetStudio(DiskBlobs(tmp_path / "blobs"), delay=0.05)
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await eight(guest)
        await guest.tap("Shoot")
        await frames_done(guest, 3)
        await guest.say("stop")
        shown = await album(guest)
        done = len(shown.pictures)
        assert 3 <= done < 8
        assert WORDS.say("set_partly", done=done, count=8) in shown.text
        before = len(studio.shots)
        await guest.tap(WORDS.say("btn_rest"))
        await guest.until(lambda es: any(_is_album(e, 9) for e in es))
        assert len(frames(studio)) - len([s for s in studio.shots[:before] if s.frames == ()]) == (
            8 - done
        )


async def test_a_failure_in_the_middle_keeps_what_is_done(
    guest: Sitting, studio: SetStudio
) -> None:
    """The reason is said, the frames are shown, the rest is a tap away."""
    studio.broken = ("pose", "seated")
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    assert shown.text.startswith(WORDS.say("studio_failed"))
    assert 2 <= len(shown.pictures) < 8
    studio.broken = None
    await guest.tap(WORDS.say("btn_rest"))
    await guest.until(lambda es: any(_is_album(e, 9) for e in es))


async def test_a_restart_goes_on_where_the_set_was(tmp_path: Path) -> None:
    """kill -9 after three frames: the next start makes five, and hands over eight."""
    blobs = DiskBlobs(tmp_path / "blobs")
    first = SetStudio(blobs, delay=0.05)
    async with sitting(tmp_path, SAID, engine=InProcessEngine(first)) as before:
        await eight(before)
        await before.tap("Shoot")
        await frames_done(before, 3)
        history = before.history
    second = SetStudio(blobs)
    done = len(await history.renders(PERSON))
    async with sitting(tmp_path, SAID, engine=InProcessEngine(second)) as after:
        after.rewire(history)
        assert await after.conversation.resume(lambda _: after.channel) == 1
        shown = await album(after)
        assert len(shown.pictures) == 9
        assert len(frames(second)) == 8 - done
        assert len({p.render for p in shown.pictures}) == 9


async def test_an_outlier_is_shot_again_once_and_replaced(
    guest: Sitting, studio: SetStudio
) -> None:
    """Only that frame and the sheet are made again; the one it replaces is gone."""
    studio.apart = [{3: ("skin",)}]
    await guest.send(photo(), "me on canvas")
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    await guest.say("a set of eight for my site")
    await guest.tap("Shoot")
    shown = await album(guest)
    await guest.until(lambda _: not isinstance(guest.last, Gallery) or guest.last is not shown)
    fourth, retake = frames(studio)[4], frames(studio)[-1]
    assert len(frames(studio)) == 1 + 8 + 1
    assert retake.backdrop == fourth.backdrop
    assert fourth.spec["lighting"] == "rembrandt"
    assert "lighting" not in retake.spec
    assert WORDS.say("set_again", frames="4") in guest.says
    assert WORDS.say("set_mended", frames="4") in shown.text
    kept = await guest.history.renders(PERSON)
    assert len([r for r in kept if r.shot.operation == "swap"]) == 9
    assert len([r for r in kept if r.shot.operation == "contact-sheet"]) == 1
    assert guest.discarded


async def test_what_stays_apart_is_said_in_words(guest: Sitting, studio: SetStudio) -> None:
    """Once is enough: after that the person hears which frame, and in what."""
    studio.apart = [{2: ("skin",)}, {2: ("skin",)}]
    await guest.say("someone")
    await guest.say("a set of eight for my site")
    await guest.tap("3")
    await guest.tap(WORDS.slot("lighting").label)
    await guest.tap(WORDS.label("lighting", "rembrandt"))
    await guest.tap("Shoot")
    shown = await album(guest)
    measure = WORDS.say("measure_skin")
    assert WORDS.say("set_apart", number=3, what=measure) in shown.text
    assert len(frames(studio)) == 9


async def test_a_set_that_agrees_says_what_was_compared(guest: Sitting) -> None:
    """The drift report is told also when it is good news."""
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    assert WORDS.say("set_agrees", what=WORDS.say("measure_skin")) in shown.text


async def test_a_crash_between_the_runs_shoots_nothing_twice(
    guest: Sitting, studio: SetStudio
) -> None:
    """The second run is written down before the first one ends, and only once."""
    studio.apart = [{1: ("likeness",)}]
    await guest.say("someone")
    await guest.say("a set of eight for my site")
    await guest.tap("Shoot")
    await album(guest)
    jobs = [await guest.history.job(j) for j in guest.history._jobs]
    first = next(j for j in jobs if j and not j.job.id.endswith("-again"))
    count = len(frames(studio))
    guest.history._jobs[first.job.id] = structs.replace(first, status="submitted")
    await guest.conversation.resume(lambda _: guest.channel)
    await guest.until(lambda es: WORDS.say("set_again", frames="2") in guest.says)
    assert len(frames(studio)) <= count + 1


async def test_an_old_table_explains_itself(guest: Sitting) -> None:
    """A tap on a table that was shot or put away does nothing by surprise."""
    await eight(guest)
    more = guest.choice(WORDS.say("btn_more")).id
    await guest.say("stop")
    await guest.tap_id(more)
    assert guest.says[-1] == WORDS.say("table_gone")


async def test_a_set_of_somebody_elses_cannot_be_gone_on_with(tmp_path: Path) -> None:
    """The tap belongs to its session."""
    studio = SetStudio(DiskBlobs(tmp_path / "blobs"), delay=0.05)
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await eight(guest)
        await guest.tap("Shoot")
        await frames_done(guest, 2)
        await guest.say("stop")
        await album(guest)
        tap = guest.choice(WORDS.say("btn_rest")).id
        turn = Turn("test:bob", "test:bob", choice=tap)
        await guest.conversation.handle(turn, guest.channel)
        assert not await guest.history.jobs("test:bob")


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


async def test_frames_that_came_out_alike_are_named(guest: Sitting, studio: SetStudio) -> None:
    """Two of a kind are not passed off as two."""
    studio.blind = ("pose", "expression", "wardrobe")
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    assert WORDS.say("set_alike", frames="#").split("#")[0].split(":")[0] in shown.text


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


class Heads(SetStudio):
    """Promises what the embedded studio promises."""

    def capabilities(self) -> Capabilities:
        return capabilities()


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
