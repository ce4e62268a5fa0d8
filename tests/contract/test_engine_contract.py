"""One suite for every engine: what the bot may rely on, wherever the studio lives."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from support.engines import running
from support.jobs import PNG, TIMEOUT_S, collect, kinds, make_job, reach, release
from support.studios import CardStudio, times_made

from engine.base import Engine
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected, StudioFailed
from engine.jobs import (
    Done,
    Failed,
    Job,
    Queued,
    Rendered,
    Started,
    Step,
)
from engine.shots import LightPlan


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_job_runs_to_done_and_its_pictures_are_on_disk(engine: Engine, blobs: Path) -> None:
    events = await collect(engine.run(make_job("j", "", "")))
    assert kinds(events) == ["Queued", "Started", "Rendered", "Rendered", "Done"]
    renders = [e for e in events if isinstance(e, Rendered)]
    assert [(r.shot, r.render.seed) for r in renders] == [(0, 100), (1, 101)]
    for rendered in renders:
        assert DiskBlobs(blobs).get(rendered.render.blob).startswith(b"\x89PNG")


async def test_people_take_turns_whoever_came_with_many_jobs(engine: Engine, blobs: Path) -> None:
    held = engine.run(make_job("held", "hold", owner="ann"))
    await reach(held, Started)
    order: list[str] = []

    async def follow(job: Job) -> None:
        events = engine.run(job)
        await reach(events, Started)
        order.append(job.id)
        await collect(events)

    jobs = [make_job(f"ann{n}", owner="ann") for n in range(3)]
    jobs += [make_job(f"bob{n}", owner="bob") for n in range(2)]
    tasks = [asyncio.create_task(follow(job)) for job in jobs]
    await asyncio.sleep(0)
    release(blobs)
    await asyncio.gather(*tasks)
    assert order == ["ann0", "bob0", "ann1", "bob1", "ann2"]


async def test_who_waits_hears_each_new_place_in_the_queue(engine: Engine, blobs: Path) -> None:
    await reach(engine.run(make_job("held", "hold", owner="ann")), Started)
    first, last = engine.run(make_job("b", owner="bob")), engine.run(make_job("c", owner="eve"))
    places = [await reach(events, Queued) for events in (first, last)]
    assert [p.position for p in places] == [0, 1]
    assert all(0.0 <= p.wait_s < 60.0 for p in places)
    assert await engine.cancel("b")
    moved = await reach(last, Queued)
    assert moved.position == 0
    release(blobs)
    assert kinds(await collect(last))[-1] == "Done"


async def test_a_newcomer_moves_those_back_who_have_had_their_turn(
    engine: Engine, blobs: Path
) -> None:
    await reach(engine.run(make_job("held", "hold", owner="ann")), Started)
    engine.run(make_job("a1", owner="ann"))
    second = engine.run(make_job("a2", owner="ann"))
    assert (await reach(second, Queued)).position == 1
    engine.run(make_job("b1", owner="bob"))
    assert (await reach(second, Queued)).position == 2
    release(blobs)
    assert kinds(await collect(second))[-1] == "Done"


async def test_a_waiting_job_can_be_called_off(engine: Engine, blobs: Path) -> None:
    await reach(engine.run(make_job("held", "hold")), Started)
    waiting = engine.run(make_job("w"))
    assert await engine.cancel("w")
    assert kinds(await collect(waiting)) == ["Queued", "Cancelled"]
    release(blobs)


async def test_a_running_job_is_called_off_at_its_next_report(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    assert await engine.cancel("j")
    assert kinds(await collect(events)) == ["Cancelled"]
    assert times_made(blobs, 100) == 0


async def test_a_job_called_off_before_its_first_step_never_renders(
    engine: Engine, blobs: Path
) -> None:
    events = engine.run(make_job("j", "hold"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await engine.cancel("j")
    assert kinds(await collect(events))[-1] == "Cancelled"
    assert times_made(blobs, 100) == 0


async def test_what_has_ended_or_never_was_cannot_be_called_off(engine: Engine) -> None:
    await collect(engine.run(make_job("j")))
    assert not await engine.cancel("j")
    assert not await engine.cancel("nobody's")


async def test_calling_off_one_job_leaves_the_next_alone(engine: Engine) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    after = engine.run(make_job("k"))
    await engine.cancel("j")
    assert kinds(await collect(after))[-1] == "Done"


async def test_two_jobs_at_once_keep_their_events_apart(engine: Engine) -> None:
    one, two = (
        make_job("one", "", "", owner="ann"),
        make_job("two", "fail:no_adult_found", owner="bob"),
    )
    ones, twos = await asyncio.gather(collect(engine.run(one)), collect(engine.run(two)))
    assert isinstance(ones[-1], Done)
    assert twos[-1] == Failed("no_adult_found", "asked for", {"name": "a-weight"})


async def test_a_studio_s_refusal_keeps_its_code_and_facts(engine: Engine) -> None:
    events = await collect(engine.run(make_job("j", "", "fail:weights_missing")))
    assert kinds(events) == ["Queued", "Started", "Rendered", "Failed"]
    assert events[-1] == Failed("weights_missing", "asked for", {"name": "a-weight"})


async def test_a_full_disk_fails_the_job_by_that_name(
    make: Callable[[Path], Engine], tmp_path: Path
) -> None:
    (tmp_path / "blobs").mkdir()
    for first_two in range(256):  # where a blob would go, there is no room for a folder
        (tmp_path / "blobs" / f"{first_two:02x}").touch()
    async with running(make(tmp_path / "blobs")) as engine:
        end = (await collect(engine.run(make_job("j"))))[-1]
    assert isinstance(end, Failed)
    assert end.code == "disk_full"


async def test_a_foreign_exception_shows_no_traceback_but_logs_it_with_the_job(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    end = (await collect(engine.run(make_job("unlucky", "raise"))))[-1]
    assert end == Failed("studio_failed", "ZeroDivisionError")
    await engine.close()  # a worker's last words have arrived by then
    record = next(r for r in caplog.records if "unlucky" in r.getMessage())
    assert record.levelname == "ERROR"
    assert "a secret traceback" in caplog.text


async def test_a_failed_job_leaves_the_engine_usable(engine: Engine) -> None:
    await collect(engine.run(make_job("j", "raise")))
    assert kinds(await collect(engine.run(make_job("k"))))[-1] == "Done"


async def test_a_photo_is_received_while_a_job_renders(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    async with asyncio.timeout(TIMEOUT_S):
        photo = await engine.receive(PNG)
    assert DiskBlobs(blobs).get(photo.blob) == PNG
    assert photo.faces[0].height == 4
    release(blobs)
    assert kinds(await collect(events))[-1] == "Done"


async def test_a_light_plan_is_drawn_while_a_job_renders(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    plan = LightPlan(-35, 30, labels={"title": "Loop light"})
    async with asyncio.timeout(TIMEOUT_S):
        drawing = await engine.draw(plan)
    assert b"Loop light" in DiskBlobs(blobs).get(drawing.svg)
    assert DiskBlobs(blobs).get(drawing.png).startswith(b"\x89PNG")
    assert await engine.draw(plan) == drawing
    release(blobs)
    assert kinds(await collect(events))[-1] == "Done"


async def test_a_rejected_photo_says_why(engine: Engine) -> None:
    with pytest.raises(PhotoRejected) as caught:
        await engine.receive(b"%PDF-1.7")
    assert caught.value.code == "photo_not_an_image"
    assert caught.value.facts == {"got": 8}


async def test_a_photo_that_breaks_the_studio_is_an_engine_error(engine: Engine) -> None:
    with pytest.raises(StudioFailed):
        await engine.receive(b"foreign")
    assert (await engine.receive(PNG)).width == 90


async def test_nothing_of_an_upload_remains_beside_the_blobs(engine: Engine, blobs: Path) -> None:
    await engine.receive(PNG)
    with pytest.raises(PhotoRejected):
        await engine.receive(b"GIF89a")
    assert [path.suffix for path in files(blobs)] == [".png"]


async def test_capabilities_are_the_studio_s(engine: Engine) -> None:
    capabilities = engine.capabilities()
    assert capabilities == CardStudio(DiskBlobs(Path())).capabilities()
    spec = {"backdrop": "teal", "lighting": "split", "pose": "seated"}
    assert capabilities.not_honoured("generate", spec) == ("lighting", "pose")
