"""What every History promises of people: what is kept of them, and that all of it can go."""

from support.records import Reopen, brief, job, picture

from bot.core.ports import History
from bot.core.preferences import Preferences
from bot.core.replies import Heard, Say
from bot.core.session import Action, Exchange, Session
from bot.core.usage import Usage


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


async def test_a_place_is_never_used_again_after_forgetting(history: History) -> None:
    """A page still open after the erasure cannot mistake the farewell for an old entry."""
    await history.session("web:1", "ann")
    last = [await history.post("web:1", Say(str(n))) for n in range(3)][-1]
    await history.forget("ann")
    assert await history.post("web:1", Say("It is all gone.")) > last


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
