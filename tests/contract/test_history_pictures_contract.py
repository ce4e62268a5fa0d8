"""What every History promises of pictures and photos: whose they are, and when they are gone."""

from datetime import UTC, datetime, timedelta

from msgspec import structs
from support.records import Reopen, brief, job, picture, with_job

from bot.core.ports import History
from bot.core.replies import Heard, Say
from engine.base import Photo


async def test_pictures_are_numbered_within_their_session(reopen: Reopen) -> None:
    """From 1; a number is not used again after a deletion; the same id again is harmless."""
    history = await reopen()
    await with_job(history)
    await with_job(history, "j2", "web:2")
    kept = [await history.add_render(picture(n)) for n in ("r1", "r2", "r1")]
    other = await history.add_render(picture("x", "j2", "web:2"))
    assert [r.number for r in (*kept, other)] == [1, 2, 1, 1]
    await history.delete_render("r2")
    assert (await history.add_render(picture("r3"))).number == 3
    again = await reopen()
    assert await again.render("r1") == kept[0]
    assert [r.id for r in await again.renders("web:1")] == ["r1", "r3"]


async def test_a_deleted_picture_is_gone(history: History) -> None:
    """Its blobs are handed back once, unless another picture still shows them."""
    await with_job(history)
    for name in ("r1", "r2", "r3"):
        await history.add_render(picture(name, blob="same.png" if name != "r3" else ""))
    assert await history.delete_render("r3") == ["r3.jpg", "r3.png"]
    assert await history.delete_render("r3") == []
    assert await history.render("r3") is None
    assert await history.delete_render("r1") == []
    assert await history.delete_render("r2") == ["same.jpg", "same.png"]
    assert await history.delete_render("unknown") == []


async def test_a_session_owns_its_photos_and_pictures_only(history: History) -> None:
    """Nobody fetches another person's blob by knowing its name."""
    await with_job(history)
    await history.save(brief())
    await history.post("web:1", Heard(photo="sent.png"))
    await history.add_render(picture("r1"))
    for blob in ("p.png", "sent.png", "r1.png", "r1.jpg"):
        assert await history.owns("web:1", blob), blob
        assert not await history.owns("web:2", blob), blob
    assert not await history.owns("web:1", "unknown.png")
    await history.delete_render("r1")
    assert not await history.owns("web:1", "r1.png")


async def test_a_persons_pictures_are_found_across_their_sessions(reopen: Reopen) -> None:
    """Oldest first, theirs alone; and each of their sessions may show them."""
    history = await reopen()
    for session, person in (("web:1", "ann"), ("web:2", "ann"), ("web:3", "bob")):
        await history.session(session, person)
        record = structs.replace(job(f"j-{session}"), session=session, person=person)
        await history.add_job(record)
        made = structs.replace(
            picture(f"r-{session}"), session=session, job=record.job.id,
            created=f"2024-05-1{4 - int(session[-1])}T08:00:00.000Z",
        )  # fmt: skip
        await history.add_render(made)
    history = await reopen()
    assert [r.id for r in await history.renders_of("ann")] == ["r-web:2", "r-web:1"]
    assert await history.owns("web:2", "r-web:1.png")
    assert not await history.owns("web:3", "r-web:1.png")
    await history.note("ann", "name:x", "j x")
    await history.delete_render("r-web:2")
    assert [r.id for r in await history.renders_of("ann")] == ["r-web:1"]
    await history.forget("ann")
    assert await history.renders_of("ann") == []
    assert await history.notes("ann", "name:") == {}


async def test_forgetting_leaves_blobs_that_another_person_shares(history: History) -> None:
    """Content-hashed blobs can belong to two people."""
    for session, person in (("web:1", "ann"), ("web:2", "bob")):
        await history.session(session, person)
        await history.add_job(job(f"j{session}", session))
        await history.add_render(picture(f"r{session}", f"j{session}", session, "same.png"))
        await history.post(session, Heard(photo="group.png"))
    assert await history.forget("ann") == []
    assert sorted(await history.forget("bob")) == ["group.png", "same.jpg", "same.png"]


async def test_a_picture_that_comes_after_forgetting_is_not_kept(history: History) -> None:
    """A job that was still running cannot bring an erased person back."""
    await with_job(history)
    await history.forget("ann")
    await history.session("web:1", "ann")
    assert (await history.add_render(picture("late"))).number == 0
    assert await history.render("late") is None
    assert await history.conclude("j1", "done", Say("done")) is None


async def test_a_refused_photo_is_forgotten_also_in_the_transcript(reopen: Reopen) -> None:
    """No agreement, no face: the turn stays as words, the picture is nobody's any more."""
    history = await reopen()
    await history.session("web:1", "ann")
    await history.post("web:1", Heard("me", photo="sent.png"))
    assert await history.forget_photo("web:1", "sent.png") == ["sent.png"]
    again = await reopen()
    assert not await again.owns("web:1", "sent.png")
    assert [p.entry for p in await again.transcript("web:1")] == [Heard("me")]


async def test_what_was_drawn_of_a_photo_or_picture_is_owned_and_goes_with_it(
    history: History,
) -> None:
    """The light's diagram and plan, the numbered group, their own backdrop and the truth sheet."""
    await with_job(history)
    photo = Photo("p.png", 9, 9, diagram="d.png", numbered="n.jpg")
    session = structs.replace(
        brief(), photo=photo, backdrop_photo="b.png", drawn=("l.png", "l.svg")
    )
    await history.save(session)
    made = picture("r1")
    await history.add_render(
        structs.replace(made, render=structs.replace(made.render, truth="t.jpg"))
    )
    for blob in ("d.png", "n.jpg", "b.png", "t.jpg", "l.png", "l.svg"):
        assert await history.owns("web:1", blob), blob
        assert not await history.owns("web:2", blob), blob
    assert not await history.owns("web:1", "")
    assert "t.jpg" in await history.delete_render("r1")
    assert not await history.owns("web:1", "t.jpg")
    assert set(await history.forget("ann")) >= {"d.png", "n.jpg", "b.png"}


async def test_a_picture_knows_when_it_was_made(reopen: Reopen) -> None:
    """In UTC, the same after a restart; a time that is given is kept."""
    history = await reopen()
    await with_job(history)
    before = datetime.now(UTC) - timedelta(seconds=1)
    made = await history.add_render(picture("r1"))
    given = structs.replace(picture("r2"), created="2024-05-14T08:00:00.000Z")
    await history.add_render(given)
    history = await reopen()
    first, second = await history.renders("web:1")
    assert before <= datetime.fromisoformat(first.created) <= datetime.now(UTC)
    assert first.created == made.created
    found = await history.render("r2")
    assert found
    assert second.created == found.created == given.created
    again = await history.add_render(picture("r1"))
    assert again.created == first.created


async def test_the_newest_pictures_come_first_whoever_had_them(history: History) -> None:
    """Across sessions, without deleted ones, as many as asked for."""
    times = {"r1": "2024-05-12T08:00:00.000Z", "r2": "2024-05-14T08:00:00.000Z"}
    times |= {"r3": "2024-05-13T08:00:00.000Z", "r4": "2024-05-15T08:00:00.000Z"}
    for n, (name, when) in enumerate(times.items()):
        session = f"web:{n % 2}"
        await with_job(history, f"j{name}", session)
        made = picture(name, f"j{name}", session)
        await history.add_render(structs.replace(made, created=when))
    await history.delete_render("r4")
    assert [r.id for r in await history.latest(2)] == ["r2", "r3"]
    assert [r.id for r in await history.latest(9)] == ["r2", "r3", "r1"]


async def test_a_number_once_given_is_known_after_its_picture_is_deleted(reopen: Reopen) -> None:
    """So that "again" never draws the picture again that was just thrown away."""
    history = await reopen()
    await with_job(history)
    assert await history.numbered("web:1") == 0
    for name in ("r1", "r2"):
        await history.add_render(picture(name))
    await history.delete_render("r2")
    again = await reopen()
    assert await again.numbered("web:1") == 2
    assert await again.numbered("web:2") == 0


async def test_only_what_nobody_refers_to_is_an_orphan(history: History) -> None:
    """Whoever throws a file away asks first, for another person may have sent the same."""
    await with_job(history)
    await history.add_render(picture("r1"))
    await history.post("web:2", Heard("mine", photo="sent.png"))
    asked = ["r1.png", "r1.jpg", "sent.png", "new.png"]
    assert await history.orphans(asked) == ["new.png"]
    assert await history.orphans([]) == []
