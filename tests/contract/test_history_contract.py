"""What every History promises of sessions, transcripts, turns and taps, whichever one is wired."""

import asyncio

from msgspec import structs
from support.records import Reopen, brief

from bot.core.ports import History
from bot.core.replies import Ask, Choice, Gallery, Heard, Picture, Progress, Say
from bot.core.session import Action, Session
from bot.core.spec import SpecPatch, merge


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


async def test_a_new_session_is_empty_and_stays_its_persons(history: History) -> None:
    """The same id gives the same session, whoever asks."""
    assert await history.session("web:1", "ann") == Session("web:1", "ann")
    assert (await history.session("web:1", "bob")).person == "ann"
