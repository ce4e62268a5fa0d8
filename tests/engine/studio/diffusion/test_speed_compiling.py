"""Compiled code is made beside the jobs, taken up between two of them, and can only help."""

import gc
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from engine.studio.diffusion import compiling  # noqa: E402 - after the skip
from engine.studio.diffusion.compiling import Background, Switch  # noqa: E402
from engine.studio.diffusion.runner import Runner  # noqa: E402
from engine.studio.diffusion.shapes import made, signature, spec_of  # noqa: E402

Task = Callable[[], None]


class Model(torch.nn.Module):
    """Two blocks, as a transformer has them."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = torch.nn.ModuleList(torch.nn.Linear(4, 4) for _ in range(2))

    def forward(self, x: Any, scale: float = 1.0) -> Any:
        for block in self.blocks:
            x = torch.tanh(block(x) * scale)
        return x


class FakeCompiler:
    """Gives the plain call back, counted; or one that is wrong, or that fails."""

    def __init__(self, off: float = 0.0, fails: BaseException | None = None) -> None:
        self.calls = 0
        self.off, self.fails = off, fails

    def __call__(self, module: Any) -> Callable[..., Any]:
        def compiled(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.fails:
                raise self.fails
            return module._call_impl(*args, **kwargs) + self.off

        return compiled


class Bench:
    """A model with a runner, and the tasks that wait for the thread."""

    def __init__(self, compiler: Any) -> None:
        self.model, self.later, self.compiler = Model(), [], compiler
        self.switch = Switch(list(self.model.blocks), compiler, self.later.append)
        self.runner = Runner(self.model, self.switch)
        for gate in self.switch.gates:
            gate.block._compiled_call_impl = gate
        self.model._compiled_call_impl = self.runner

    def shoot(self, size: int = 3) -> Any:
        self.runner.begin()
        return self.step(size)

    def step(self, size: int = 3) -> Any:
        with torch.no_grad():
            return self.model(torch.ones(size, 4), scale=2.0)

    def compile(self) -> None:
        while self.later:
            self.later.pop(0)()


def test_a_cold_model_answers_at_once_and_switches_between_two_jobs() -> None:
    """Compiling in the middle of a job changes nothing for that job."""
    bench = Bench(FakeCompiler())
    first = bench.shoot()
    assert bench.compiler.calls == 0
    bench.compile()
    warm = bench.compiler.calls
    assert torch.equal(bench.step(), first)
    assert (bench.compiler.calls, bench.runner.path) == (warm, "eager")
    assert torch.equal(bench.shoot(), first)
    assert (bench.compiler.calls, bench.runner.path) == (warm + 2, "compiled")


def test_new_sizes_run_plain_until_they_are_compiled_too() -> None:
    """A job never waits for the compiler; each size is sent to it once."""
    bench = Bench(FakeCompiler())
    bench.shoot()
    bench.compile()
    bench.shoot(size=5)
    assert bench.runner.path == "eager"
    bench.step(size=5)
    assert len(bench.later) == 1
    bench.compile()
    bench.shoot(size=5)
    assert bench.runner.path == "compiled"
    bench.shoot(size=3)
    assert bench.runner.path == "compiled"


def test_what_cannot_be_compiled_stays_as_it_is_and_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A compiler can fail in any way."""
    bench = Bench(FakeCompiler(fails=RuntimeError("no C++ compiler\nlong story")))
    first = bench.shoot()
    with caplog.at_level(logging.WARNING):
        bench.compile()
        assert torch.equal(bench.shoot(), first)
        bench.shoot(size=5)
    assert (bench.runner.path, bench.later) == ("eager", [])
    assert [r.getMessage() for r in caplog.records] == ["no compiled code is used: no C++ compiler"]


def test_a_compiler_without_memory_beside_a_job_tries_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A few times: the job's own pictures may have taken it all just then."""
    compiler = FakeCompiler(fails=torch.OutOfMemoryError("CUDA out of memory"))
    bench = Bench(compiler)
    bench.shoot()
    bench.compile()
    assert not bench.switch.failed
    compiler.fails = None
    bench.shoot()
    bench.compile()
    bench.shoot()
    assert bench.runner.path == "compiled"
    compiler.fails = torch.OutOfMemoryError("CUDA out of memory")
    for size in (5, 6, 7, 8):
        bench.shoot(size=size)
        bench.compile()
    assert "out of memory" in bench.switch.failed


def test_compiled_code_that_computes_something_else_is_not_used() -> None:
    """It is tried against the plain block before any job sees it."""
    bench = Bench(FakeCompiler(off=3.0))
    first = bench.shoot()
    bench.compile()
    assert torch.equal(bench.shoot(), first)
    assert "differs" in bench.switch.failed


def test_rounding_is_not_taken_for_another_result() -> None:
    """bfloat16 rounds differently when operations are joined."""
    bench = Bench(FakeCompiler(off=1e-3))
    bench.shoot()
    bench.compile()
    bench.shoot()
    assert bench.runner.path == "compiled"


def test_a_compiler_that_fails_in_a_job_costs_that_job_nothing() -> None:
    """The pass is run again, plain."""
    compiler = FakeCompiler()
    bench = Bench(compiler)
    first = bench.shoot()
    bench.compile()
    compiler.fails = type("Unsupported", (Exception,), {"__module__": "torch._dynamo.exc"})("late")
    assert torch.equal(bench.shoot(), first)
    assert torch.equal(bench.shoot(), first)
    assert bench.switch.failed == "late"


def test_the_models_own_errors_are_not_hidden() -> None:
    """Running out of memory, or being cancelled, is no failure of the compiler."""
    compiler = FakeCompiler()
    bench = Bench(compiler)
    bench.shoot()
    bench.compile()
    compiler.fails = MemoryError("full")
    with pytest.raises(MemoryError):
        bench.shoot()
    assert not bench.switch.failed


def test_a_model_let_go_is_not_kept_by_what_waits_to_be_compiled() -> None:
    """Its memory is wanted for the next one."""
    bench = Bench(FakeCompiler())
    bench.shoot()
    later, gone = bench.later, weakref.ref(bench.model)
    bench.runner.release()
    del bench
    gc.collect()
    assert gone() is None
    later[0]()


def test_released_a_model_is_as_it_was() -> None:
    """Nothing of the runner is left on it."""
    bench = Bench(FakeCompiler())
    first = bench.shoot()
    bench.runner.release()
    assert torch.equal(bench.step(), first)
    assert all(module._compiled_call_impl is None for module in bench.model.modules())


def test_the_thread_does_one_thing_after_another_and_can_be_waited_for() -> None:
    """And it is not the thread that makes pictures."""
    background, done = Background(), []
    for number in range(5):
        background(lambda n=number: done.append((n, threading.current_thread().name)))
    assert background.wait(10)
    assert done == [(n, "compile") for n in range(5)]


def test_a_task_that_raises_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    """The next one is done all the same."""
    background, done = Background(), []
    background(lambda: done.append(1 / 0))
    background(lambda: done.append(1))
    assert background.wait(10)
    assert done == [1]
    assert "ZeroDivisionError" in caplog.text or "division" in caplog.text


def test_a_signature_tells_sizes_and_kinds_but_not_values() -> None:
    """Timesteps differ at every step of a job."""
    one = signature((torch.zeros(2, 3),), {"t": 1.0, "mode": None})
    assert one == signature((torch.ones(2, 3),), {"t": 2.0, "mode": None})
    assert one != signature((torch.zeros(2, 4),), {"t": 1.0, "mode": None})
    assert one != signature((torch.zeros(2, 3).bool(),), {"t": 1.0, "mode": None})
    assert one != signature((torch.zeros(2, 3),), {"t": 1.0, "mode": "x"})
    assert signature((), {"t": 1.0}, floats=True) != signature((), {"t": 2.0}, floats=True)


def test_a_call_is_made_again_with_its_strides_and_shared_tensors() -> None:
    """Compiled code is bound to both."""
    x = torch.zeros(4, 6).t()
    args, kwargs = made(spec_of((x, [x, 3]), {"wide": torch.zeros(1, 5).expand(4, 5), "n": None}))
    assert args[0] is args[1][0]
    assert (args[0].shape, args[0].stride(), args[1][1]) == ((6, 4), (1, 6), 3)
    assert (kwargs["wide"].stride(), kwargs["n"]) == ((0, 1), None)
    assert bool(args[0].any())


def test_difference_is_relative_and_finds_what_is_not_a_number() -> None:
    """Of results that may be tuples."""
    one = (torch.ones(10), torch.ones(10))
    assert compiling.difference(one, one) == 0
    assert compiling.difference((one[0] * 1.1, one[1]), one) == pytest.approx(0.1, rel=1e-4)
    assert compiling.difference((one[0] * float("nan"), one[1]), one) == float("inf")
