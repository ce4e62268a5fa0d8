"""What every History promises, whichever one is wired."""

import asyncio
from datetime import UTC, datetime, timedelta

from msgspec import structs
from support.records import Reopen, brief, job, picture, with_job

from bot.core.ports import History
from bot.core.preferences import Preferences
from bot.core.replies import Ask, Choice, Gallery, Heard, Picture, Progress, Say
from bot.core.session import Action, Exchange, Session
from bot.core.spec import SpecPatch, merge
from bot.core.usage import Usage
from engine.base import Photo


async def test_a_new_session_is_empty_and_stays_its_persons(history: History) -> None:
    """The same id gives the same session, whoever asks."""
    assert await history.session("web:1", "ann") == Session("web:1", "ann")
    assert (await history.session("web:1", "bob")).person == "ann"


async def test_a_saved_session_comes_back_equal_after_a_restart(reopen: Reopen) -> None:
    """Sources, quotes, number types, the photo and the undo stack all survive."""
    first = await reopen()
    await first.session("web:1", "ann")
    await first.save(brief())
    assert await (await reopen()).session("web:1", "ann") == brief()


async def test_every_spec_version_can_be_looked_up(reopen: Reopen) -> None:
    """A picture's version leads back to the spec it was made from."""
    history = await reopen()
    one = brief()
    two = structs.replace(one, draft=merge(one.draft, SpecPatch(clear=("look",))))
    for session in (one, two, two):
        await history.save(session)
    again = await reopen()
    assert await again.spec_version("web:1", 1) == one.draft.spec
    assert await again.spec_version("web:1", 2) == two.draft.spec
    assert await again.spec_version("web:1", 3) is None


async def test_the_transcript_keeps_every_kind_of_entry(reopen: Reopen) -> None:
    """What was said and shown comes back as the same type, in order."""
    history = await reopen()
    shown = (Picture("r1", "r1.jpg", "r1.png", 1, 2, "a portrait"),)
    entries = [
        Heard("hello", photo="p.png"),
        Say("hi"),
        Ask("which?", (Choice("c1", "Loop"),)),
        Progress("j1", "working", 0.5, 3.0),
        Gallery("here", shown),
    ]
    seqs = [await history.post("web:1", e) for e in entries]
    found = await (await reopen()).transcript("web:1")
    assert [(p.seq, p.entry) for p in found] == list(zip(seqs, entries, strict=True))
    assert seqs == sorted(set(seqs))
    assert seqs[0] >= 1


async def test_a_page_that_was_away_gets_what_it_missed(history: History) -> None:
    """Only entries after the given place."""
    first = await history.post("web:1", Say("one"))
    await history.post("web:2", Say("somebody else's"))
    await history.post("web:1", Say("two"))
    assert [p.entry for p in await history.transcript("web:1", first)] == [Say("two")]


async def test_amending_replaces_in_place(history: History) -> None:
    """Progress is edited, not repeated; and only in its own transcript."""
    seq = await history.post("web:1", Say("waiting"))
    await history.post("web:1", Say("later"))
    await history.amend("web:1", seq, Say("done"))
    await history.amend("web:2", seq, Say("not mine"))
    await history.amend("web:1", seq + 100, Say("nowhere"))
    texts = [p.entry for p in await history.transcript("web:1")]
    assert texts == [Say("done"), Say("later")]


async def test_fifty_posts_at_once_get_fifty_places(history: History) -> None:
    """No place is given twice and none is lost."""
    posts = (history.post(f"web:{n % 2}", Say(str(n))) for n in range(50))
    seqs = await asyncio.gather(*posts)
    assert len(set(seqs)) == 50
    for session in ("web:0", "web:1"):
        found = [p.seq for p in await history.transcript(session)]
        assert len(found) == 25
        assert found == sorted(found)


async def test_a_turn_is_first_once(history: History) -> None:
    """A delivery repeated at the same moment counts once; per session."""
    told = await asyncio.gather(*(history.first_time("web:1", "t1") for _ in range(20)))
    assert sum(told) == 1
    assert await history.first_time("web:2", "t1")


async def test_turns_without_an_id_are_all_new(history: History) -> None:
    """A front-end that cannot name its turns loses none of them."""
    assert await history.first_time("web:1", "")
    assert await history.first_time("web:1", "")


async def test_a_choice_is_known_after_a_restart(reopen: Reopen) -> None:
    """Old buttons still work."""
    action = Action("set", slot="lighting", value="loop", version=3, once=True)
    await (await reopen()).offer("web:1", {"c1": action, "c2": Action("shoot")})
    found = await (await reopen()).offered("c1")
    assert found is not None
    assert (found.session, found.action, found.used) == ("web:1", action, False)


async def test_a_choice_nobody_was_offered_is_unknown(history: History) -> None:
    """A forged id means nothing and cannot be claimed."""
    assert await history.offered("forged") is None
    assert not await history.claim("forged")


async def test_offering_nothing_is_fine(history: History) -> None:
    """A reply without taps."""
    await history.offer("web:1", {})


async def test_a_double_tap_claims_once(reopen: Reopen) -> None:
    """Twenty taps at the same moment: one wins, also across a restart."""
    history = await reopen()
    await history.offer("web:1", {"c1": Action("shoot", once=True)})
    assert sum(await asyncio.gather(*(history.claim("c1") for _ in range(20)))) == 1
    again = await reopen()
    assert not await again.claim("c1")
    found = await again.offered("c1")
    assert found is not None
    assert found.used


async def test_a_choice_offered_again_keeps_its_meaning(history: History) -> None:
    """A used tap is not revived by showing it again."""
    await history.offer("web:1", {"c1": Action("shoot")})
    await history.claim("c1")
    await history.offer("web:2", {"c1": Action("cancel")})
    found = await history.offered("c1")
    assert found is not None
    assert (found.session, found.action.kind, found.used) == ("web:1", "shoot", True)


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


async def test_exchanges_are_kept_in_order(reopen: Reopen) -> None:
    """How each sentence was read can be looked up later."""
    history = await reopen()
    said = [Exchange("lexicon", text, {"set": [["look", 1]]}) for text in ("one", "two")]
    said.append(Exchange("openai:m", "three", {}, "interviewer@a1", Usage(1, 900, 40, 0.002, True)))
    for exchange in said:
        await history.record_exchange("web:1", exchange)
    assert await (await reopen()).exchanges("web:1") == said


async def test_instructions_are_found_with_every_exchange(reopen: Reopen) -> None:
    """What a model was told can be read again, word for word, long after it was told."""
    history = await reopen()
    told = "Known: {spec}. Asked: {pending}."
    for text in ("one", "two"):
        said = Exchange("m", text, {}, "i@1", instructions=told, spec={"film": "x"}, pending="look")
        await history.record_exchange("web:1", said)
    await history.record_exchange("web:1", Exchange("m", "later", {}, "i@2", instructions="New."))
    kept = await (await reopen()).exchanges("web:1")
    assert [e.instructions for e in kept] == [told, told, "New."]
    assert (kept[0].spec, kept[0].pending) == ({"film": "x"}, "look")


async def test_instructions_go_with_their_last_exchange(reopen: Reopen) -> None:
    """Who is forgotten leaves none behind; what others were read with stays."""
    history = await reopen()
    for session, person in (("tg:1", "ann"), ("web:9", "bob")):
        await history.session(session, person)
        for version in ("shared", person):
            said = Exchange("m", "hi", {}, version, instructions=f"text of {version}")
            await history.record_exchange(session, said)
    await history.forget("ann")
    again = await reopen()
    await again.record_exchange("web:9", Exchange("m", "hi", {}, "ann"))
    kept = [e.instructions for e in await again.exchanges("web:9")]
    assert kept == ["text of shared", "text of bob", ""]


async def test_forgetting_erases_everything_of_one_person(reopen: Reopen) -> None:
    """Nothing of theirs is found again, in any of their sessions; others keep everything."""
    history = await reopen()
    await history.save(brief())
    for session, person in (("tg:1", "ann"), ("web:9", "bob")):
        await history.session(session, person)
    for session in ("web:1", "tg:1", "web:9"):
        await history.add_job(job(f"j{session}", session))
        await history.add_render(picture(f"r{session}", f"j{session}", session))
        await history.offer(session, {f"c{session}": Action("shoot")})
        await history.post(session, Heard("hello", photo=f"{session}.png"))
        await history.first_time(session, "t1")
        await history.record_exchange(session, Exchange("lexicon", "hello"))
    blobs = await history.forget("ann")
    assert sorted(blobs) == sorted(
        ["p.png", "web:1.png", "tg:1.png", "rweb:1.png", "rweb:1.jpg", "rtg:1.png", "rtg:1.jpg"]
    )
    again = await reopen()
    for session in ("web:1", "tg:1"):
        assert await again.transcript(session) == []
        assert await again.renders(session) == []
        assert await again.render(f"r{session}") is None
        assert await again.offered(f"c{session}") is None
        assert await again.exchanges(session) == []
        assert await again.first_time(session, "t1")
        assert await again.session(session, "ann") == Session(session, "ann")
    assert await again.spec_version("web:1", 1) is None
    assert [j.session for j in await again.jobs()] == ["web:9"]
    assert len(await again.transcript("web:9")) == 1
    assert await again.owns("web:9", "rweb:9.png")
    assert await again.forget("nobody") == []


async def test_forgetting_leaves_blobs_that_another_person_shares(history: History) -> None:
    """Content-hashed blobs can belong to two people."""
    for session, person in (("web:1", "ann"), ("web:2", "bob")):
        await history.session(session, person)
        await history.add_job(job(f"j{session}", session))
        await history.add_render(picture(f"r{session}", f"j{session}", session, "same.png"))
        await history.post(session, Heard(photo="group.png"))
    assert await history.forget("ann") == []
    assert sorted(await history.forget("bob")) == ["group.png", "same.jpg", "same.png"]


async def test_a_place_is_never_used_again_after_forgetting(history: History) -> None:
    """A page still open after the erasure cannot mistake the farewell for an old entry."""
    await history.session("web:1", "ann")
    last = [await history.post("web:1", Say(str(n))) for n in range(3)][-1]
    await history.forget("ann")
    assert await history.post("web:1", Say("It is all gone.")) > last


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


async def test_what_a_person_likes_is_kept_and_forgotten(reopen: Reopen) -> None:
    """Preferences outlive a restart and are the person's, not the session's."""
    history = await reopen()
    assert await history.preferences("ann") == Preferences()
    await history.prefer("ann", Preferences(film="tri-x-400", first_looks=False))
    history = await reopen()
    await history.session("web:1", "ann")
    assert await history.preferences("ann") == Preferences(film="tri-x-400", first_looks=False)
    assert await history.preferences("bob") == Preferences()
    await history.forget("ann")
    assert await history.preferences("ann") == Preferences()


async def test_notes_are_a_sessions_own(reopen: Reopen) -> None:
    """They outlive a restart, are replaced, and forgotten with the person."""
    history = await reopen()
    await history.session("web:1", "ann")
    await history.note("web:1", "shows:77", "j1-0")
    history = await reopen()
    assert await history.noted("web:1", "shows:77") == "j1-0"
    assert await history.noted("web:2", "shows:77") == ""
    await history.note("web:1", "shows:77", "j1-1")
    assert await history.noted("web:1", "shows:77") == "j1-1"
    await history.forget("ann")
    assert await history.noted("web:1", "shows:77") == ""


async def test_a_job_is_found_however_it_ended(reopen: Reopen) -> None:
    """A set that was called off can be gone on with, after a restart too."""
    history = await reopen()
    await with_job(history)
    assert await history.job("j1") == job("j1")
    await history.end_job("j1", "cancelled")
    history = await reopen()
    assert await history.job("j1") == structs.replace(job("j1"), status="cancelled")
    assert await history.job("j2") is None
    await history.forget("ann")
    assert await history.job("j1") is None


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


async def test_notes_are_found_by_how_their_keys_begin(reopen: Reopen) -> None:
    """Names of one session, not another's, and no other notes; a % is a letter like others."""
    history = await reopen()
    for session in ("web:1", "web:2"):
        await history.session(session, "ann")
    await history.note("web:1", "name:agency set", "j1 Agency set")
    await history.note("web:1", "name:50% off", "j2 50% off")
    await history.note("web:1", "place", "here")
    await history.note("web:2", "name:other", "j3 Other")
    history = await reopen()
    assert await history.notes("web:1", "name:") == {
        "name:50% off": "j2 50% off",
        "name:agency set": "j1 Agency set",
    }
    assert await history.notes("web:1", "name:5%") == {}
    await history.forget("ann")
    assert await history.notes("web:1", "") == {}


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
