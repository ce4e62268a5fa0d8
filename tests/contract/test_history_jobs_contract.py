"""What every History promises of jobs, and of results on their way to a chat."""

import asyncio

from msgspec import structs
from support.records import Reopen, job, with_job

from bot.core.ports import History
from bot.core.replies import Posted, Progress, Say
from bot.core.session import Delivery


async def test_unfinished_jobs_are_found_after_a_restart(reopen: Reopen) -> None:
    """What was submitted and never ended, oldest first, exactly as it was."""
    history = await reopen()
    for name, session in (("b", "web:1"), ("a", "web:2"), ("done", "web:1")):
        await with_job(history, name, session)
    await history.conclude("done", "done", Say("done"))
    await history.conclude("unknown", "failed", Say("failed"))
    again = await reopen()
    assert await again.jobs() == [job("b", "web:1"), job("a", "web:2")]
    assert await again.jobs("web:2") == [job("a", "web:2")]


async def test_a_job_written_twice_is_one_job(history: History) -> None:
    """Writing it again does not bring a finished job back."""
    await with_job(history)
    await history.conclude("j1", "done", Say("done"))
    await history.add_job(job("j1"))
    assert await history.jobs() == []


async def test_attempts_are_counted_across_restarts(reopen: Reopen) -> None:
    """A job that takes the machine down each time can be given up."""
    history = await reopen()
    await with_job(history)
    assert await history.begin_attempt("j1") == 1
    assert await (await reopen()).begin_attempt("j1") == 2
    assert await (await reopen()).begin_attempt("unknown") == 0


async def test_a_job_is_concluded_once(reopen: Reopen) -> None:
    """Its end and its last entry come together; a second end posts nothing."""
    history = await reopen()
    await with_job(history)
    seqs = await asyncio.gather(*(history.conclude("j1", "done", Say("done")) for _ in range(5)))
    assert sum(s is not None for s in seqs) == 1
    again = await reopen()
    assert await again.jobs() == []
    assert [p.entry for p in await again.transcript("web:1")] == [Say("done")]
    assert await again.conclude("unknown", "failed", Say("no")) is None


async def test_a_job_ends_together_with_its_progress(history: History) -> None:
    """No crash leaves a picture beside a bar that still runs."""
    seq = await history.post("web:1", Progress("j1", "working", 0.5))
    await history.session("web:1", "ann")
    await history.add_job(structs.replace(job("j1"), seq=seq))
    ended = Progress("j1", "Finished.", state="done")
    assert await history.conclude("j1", "done", Say("here"), ended)
    assert [p.entry for p in await history.transcript("web:1")] == [ended, Say("here")]


async def concluded(history: History, name: str = "j1", session: str = "web:1") -> Posted:
    await with_job(history, name, session)
    entry = Say(f"{name} is done")
    seq = await history.conclude(name, "done", entry)
    assert seq is not None
    return Posted(seq, entry)


async def test_a_concluded_job_is_to_be_delivered_until_it_is_noted_as_sent(
    reopen: Reopen,
) -> None:
    """A crash before the sending: the next start finds it pending, of whichever session."""
    history = await reopen()
    first, second = await concluded(history), await concluded(history, "j2", "web:2")
    again = await reopen()
    assert await again.deliveries() == [
        Delivery("j1", "web:1", first), Delivery("j2", "web:2", second)
    ]  # fmt: skip
    assert await again.deliveries("web:2") == [Delivery("j2", "web:2", second)]
    assert await again.move_delivery("j1", "sending", of=("pending",))
    assert await again.move_delivery("j1", "sent", of=("sending",))
    assert [d.job for d in await (await reopen()).deliveries()] == ["j2"]


async def test_a_crash_while_sending_is_told_apart_after_the_restart(reopen: Reopen) -> None:
    """Neither pending, which may be sent, nor sent, which is over."""
    history = await reopen()
    await concluded(history)
    await history.move_delivery("j1", "sending", of=("pending",))
    again = await reopen()
    assert [d.state for d in await again.deliveries()] == ["sending"]
    assert not await again.move_delivery("j1", "sending", of=("pending", "undeliverable"))


async def test_a_delivery_is_begun_by_one_of_many(history: History) -> None:
    """Two ways to the same person send one copy; what does not exist is begun by nobody."""
    await concluded(history)
    begun = (history.move_delivery("j1", "sending", of=("pending",)) for _ in range(20))
    assert sum(await asyncio.gather(*begun)) == 1
    assert not await history.move_delivery("unknown", "sending", of=("pending", "sent"))


async def test_what_waits_to_be_delivered_is_what_the_transcript_says_now(
    history: History,
) -> None:
    """A picture deleted meanwhile is not sent after all."""
    posted = await concluded(history)
    await history.amend("web:1", posted.seq, Say("deleted"))
    assert [d.posted for d in await history.deliveries()] == [Posted(posted.seq, Say("deleted"))]


async def test_forgetting_a_person_forgets_their_deliveries(history: History) -> None:
    """Nothing is sent to somebody who asked to be forgotten."""
    await concluded(history)
    await history.forget("ann")
    assert await history.deliveries() == []
    assert not await history.move_delivery("j1", "sending", of=("pending",))


async def test_a_job_is_found_however_it_ended(reopen: Reopen) -> None:
    """A set that was called off can be gone on with, after a restart too."""
    history = await reopen()
    await with_job(history)
    assert await history.job("j1") == job("j1")
    await history.conclude("j1", "cancelled", Say("called off"))
    history = await reopen()
    assert await history.job("j1") == structs.replace(job("j1"), status="cancelled")
    assert await history.job("j2") is None
    await history.forget("ann")
    assert await history.job("j1") is None
