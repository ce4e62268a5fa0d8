"""Recorded passes: only where launching is what takes time, and with the call's own results."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from engine.studio.diffusion import quiet  # noqa: E402 - after the skip
from engine.studio.diffusion.graphs import Graphs, Recording  # noqa: E402 - after the skip
from engine.studio.diffusion.runner import Runner  # noqa: E402
from engine.studio.diffusion.shapes import signature  # noqa: E402


class FakeRecorder:
    """Records as a card does: fixed buffers in, fixed results out."""

    def __init__(self, launching: float = 1.0, fails: bool = False) -> None:
        self.launching, self.fails = launching, fails
        self.recorded = self.replayed = 0

    def timed(self, call: Callable[[], Any]) -> tuple[float, float, Any]:
        return self.launching, 1.0, call()

    def record(
        self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Recording:
        if self.fails:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.recorded += 1
        buffers = [torch.empty_like(a) for a in (*args, *kwargs.values())]
        given = dict(zip(kwargs, buffers[len(args) :], strict=True))
        outputs = call(*(b.zero_() for b in buffers[: len(args)]), **given)

        def replay() -> None:
            self.replayed += 1
            outputs.copy_(call(*buffers[: len(args)], **given))

        return Recording(buffers, replay, outputs)


def double(x: Any, add: Any) -> Any:
    return 2 * x + add


def run(graphs: Graphs, value: float, size: int = 3) -> Any:
    args, kwargs = (torch.full((size,), value),), {"add": torch.ones(size)}
    return graphs.run(signature(args, kwargs), double, args, kwargs)


def test_a_replay_gives_what_the_call_gives_and_keeps_it() -> None:
    """The next replay does not write over an earlier result."""
    recorder = FakeRecorder()
    graphs = Graphs(recorder)
    results = [run(graphs, value) for value in (1.0, 2.0, 3.0)]
    assert [r.tolist() for r in results] == [[3.0] * 3, [5.0] * 3, [7.0] * 3]
    assert (recorder.recorded, recorder.replayed) == (1, 2)


def test_a_pass_that_keeps_the_card_busy_is_not_recorded() -> None:
    """It would take memory for nothing; "always" insists."""
    recorder = FakeRecorder(launching=0.2)
    graphs = Graphs(recorder)
    assert run(graphs, 1.0).tolist() == run(graphs, 1.0).tolist() == [3.0] * 3
    assert recorder.recorded == 0
    run(Graphs(recorder, always=True), 1.0)
    assert recorder.recorded == 1


def test_few_recordings_are_kept() -> None:
    """Each holds its activations; the one used longest ago goes."""
    recorder = FakeRecorder()
    graphs = Graphs(recorder, most=2)
    for size in (1, 2, 1, 3, 1):
        run(graphs, 1.0, size)
    assert (recorder.recorded, recorder.replayed) == (3, 2)
    run(graphs, 1.0, 2)
    assert recorder.recorded == 4


def test_what_cannot_be_recorded_is_called_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A model that asks the card something in the middle cannot be recorded."""
    graphs = Graphs(FakeRecorder(fails=True))
    with caplog.at_level(logging.WARNING):
        assert [run(graphs, v).tolist() for v in (1.0, 2.0)] == [[3.0] * 3, [5.0] * 3]
    assert len(caplog.records) == 1


def test_weights_that_move_are_not_recorded() -> None:
    """Offloading brings them elsewhere at each call."""
    recorder = FakeRecorder()
    module = torch.nn.Linear(2, 2)
    runner = Runner(module, graphs=Graphs(recorder))
    with torch.no_grad():
        runner(torch.ones(1, 2))
        module._hf_hook = object()  # pyright: ignore[reportArgumentType] - as accelerate marks it
        runner(torch.ones(1, 2))
    assert (recorder.recorded, recorder.replayed) == (1, 0)


def test_nothing_is_recorded_while_another_thread_compiles() -> None:
    """A compiler waits for the card, which spoils a recording; the next pass is recorded."""
    recorder = FakeRecorder()
    graphs = Graphs(recorder)
    with quiet.taken():
        assert run(graphs, 1.0).tolist() == [3.0] * 3
    assert recorder.recorded == 0
    run(graphs, 1.0)
    assert recorder.recorded == 1


def test_recordings_can_be_let_go_for_their_memory() -> None:
    """For good: they would take it again at the next pass."""
    recorder = FakeRecorder()
    graphs = Graphs(recorder)
    run(graphs, 1.0)
    assert graphs.give_up("the memory is needed")
    assert not graphs.give_up("the memory is needed")
    assert run(graphs, 2.0).tolist() == [5.0] * 3
    assert (recorder.recorded, recorder.replayed) == (1, 0)
