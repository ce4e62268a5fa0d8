"""A set is shot as one job: compared, handed over, gone on with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sets import SAID, album, eight, frames, frames_done, is_album, rows
from support.sittings import PERSON, WORDS, Sitting, photo, sitting

from bot.core.plan import SEED_STRIDE
from bot.core.replies import Gallery, Progress
from bot.core.series_plan import nearer
from bot.core.turns import Turn
from engine.base import Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import StudioFailed
from engine.jobs import Render
from engine.shots import Backdrop, Frame, Series, Shot


@pytest.fixture
def studio(tmp_path: Path) -> SetStudio:
    return SetStudio(DiskBlobs(tmp_path / "blobs"))


@pytest.fixture
async def guest(tmp_path: Path, studio: SetStudio) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as opened:
        yield opened


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
        await guest.until(lambda es: any(is_album(e, 9) for e in es))
        assert len(frames(studio)) - len([s for s in studio.shots[:before] if s.frames == ()]) == (
            8 - done
        )


async def test_a_frame_that_always_fails_costs_only_itself(
    guest: Sitting, studio: SetStudio
) -> None:
    """The seven others are made and handed over, with a sentence and a tap for the missing one."""
    studio.broken = ("pose", "seated")
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    assert len(shown.pictures) == 7 + 1
    assert WORDS.say("set_goes_on", number=5) in guest.says
    assert WORDS.say("gallery_set", count=7) in shown.text
    assert WORDS.say("set_missing", frames="5") in shown.text
    assert [c.label for c in shown.choices][:7] == ["1", "2", "3", "4", "6", "7", "8"]
    assert shown.pictures[-1].alt == WORDS.say("alt_sheet", count=7)
    assert len(frames(studio)) == 7, "nothing was made twice"
    studio.broken = None
    await guest.tap(WORDS.say("set_try_missing", frames="5"))
    await guest.until(lambda es: any(is_album(e, 9) for e in es))
    assert len(frames(studio)) == 8
    assert frames(studio)[-1].spec["pose"] == "seated"


async def test_frames_that_fail_again_stay_a_tap_away(guest: Sitting, studio: SetStudio) -> None:
    """Trying the missing one in vain loses nothing and says the same."""
    studio.broken = ("pose", "seated")
    await eight(guest)
    await guest.tap("Shoot")
    await album(guest)
    await guest.tap(WORDS.say("set_try_missing", frames="5"))
    await guest.until(lambda es: len([e for e in es if is_album(e, 8)]) == 2)
    assert WORDS.say("set_missing", frames="5") in (await album(guest)).text


async def test_a_set_that_cannot_be_made_at_all_is_given_up(
    guest: Sitting, studio: SetStudio
) -> None:
    """A studio that makes nothing is asked twice, not eight times, and says why."""
    studio.broken = ("backdrop", "seamless-grey")
    await eight(guest)
    await guest.tap("Shoot")
    sorry = await guest.apology()
    assert sorry.code == "studio_failed"
    assert guest.says.count(WORDS.say("set_goes_on", number=1)) == 1
    assert not await guest.history.jobs(PERSON)


class Stubborn(SetStudio):
    """Makes no retake."""

    def render(self, shot: Shot, report: Report) -> Render:
        if shot.seed >= SEED_STRIDE and not shot.frames:
            raise StudioFailed("asked for")
        return super().render(shot, report)


async def test_a_retake_that_fails_leaves_the_first_take(tmp_path: Path) -> None:
    """An outlier that cannot be shot again is handed over as it was, and said to stand apart."""
    studio = Stubborn(DiskBlobs(tmp_path / "blobs"))
    studio.apart = [{1: ("likeness",)}]
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await eight(guest)
        await guest.tap("Shoot")
        shown = await album(guest)
        assert len(shown.pictures) == 9
        measure = WORDS.say("measure_likeness")
        assert WORDS.say("set_apart", number=2, what=measure) in shown.text


async def test_a_crash_while_going_on_makes_no_second_set(
    guest: Sitting, studio: SetStudio
) -> None:
    """The job without the frame is written down once, also when the first one fails twice."""
    studio.broken = ("pose", "seated")
    await eight(guest)
    await guest.tap("Shoot")
    await album(guest)
    first = next(j for j in guest.history._jobs.values() if "-less" not in j.job.id)
    guest.history._jobs[first.job.id] = structs.replace(first, status="submitted")
    count = len(guest.history._jobs)
    await guest.conversation.resume(lambda _: guest.channel)
    await guest.until(lambda _: guest.history._jobs[first.job.id].status != "submitted")
    assert len(guest.history._jobs) == count


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


async def test_frames_that_came_out_alike_are_named(guest: Sitting, studio: SetStudio) -> None:
    """Two of a kind are not passed off as two, and it is said which are which."""
    studio.blind = ("pose", "expression", "wardrobe")
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    by_shot: dict[object, list[str]] = {}
    for number, shot in enumerate(frames(studio), 1):
        by_shot.setdefault(shot.spec["shot"], []).append(str(number))
    alike = "; ".join(", ".join(numbers) for numbers in by_shot.values() if len(numbers) > 1)
    assert WORDS.say("set_alike", frames=alike) in shown.text


async def test_what_holds_for_every_frame_is_said_once(guest: Sitting, studio: SetStudio) -> None:
    """A grainy photo is grainy eight times over; nobody reads that eight times."""
    studio.notes = ("note_noise_calmed",)
    await eight(guest)
    await guest.tap("Shoot")
    shown = await album(guest)
    said = WORDS.say("note_noise_calmed")
    assert shown.text.count(said) == 1
    assert not [p for p in shown.pictures if said in p.caption]


def test_a_retake_changes_something_or_is_not_made() -> None:
    """Another seed paints another wall, and leaves the sitter's own picture as it is."""
    wall = Shot("swap", 7, {"backdrop": "plaster-warm"}, Backdrop("plaster-warm", "plaster"))
    own = structs.replace(wall, backdrop=Backdrop("own", "picture", source="w.png"))
    for shot, again in ((wall, True), (own, False)):
        sheet = Shot("contact-sheet", 0, frames=(Frame("#0"), Frame("#1", same=("backdrop",))))
        retake = nearer(Series((shot, shot, sheet)), 1, ("backdrop",))
        assert (retake is not None) == again
