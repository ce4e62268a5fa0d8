"""Compiled code that is made beside the running jobs and taken up between two of them.

A module's first call with new sizes runs as it is; how its blocks were called is noted, and one
thread compiles and tries them on made-up inputs of the same sizes. What a job began with it keeps
to its end. What cannot be compiled, or comes out different, stays as it was.
"""

import contextlib
import logging
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from engine.studio.diffusion import quiet
from engine.studio.diffusion.shapes import CallSpec, Signature, made, spec_of
from engine.studio.diffusion.untyped import Module, Value

log = logging.getLogger(__name__)

MOST_SIGNATURES = 256
RETRIES = 3
"""How often compiling may run out of memory beside a job."""
TOLERANCE = 0.08
"""Most relative difference (L2) between a compiled block and the same uncompiled. Rounding in
bfloat16 gives about 0.01; wrong code gives about 1."""

Later = Callable[[Callable[[], None]], None]
"""Does a task at another time, on another thread."""
Compiler = Callable[[Any], Callable[..., Any]]
"""Makes a callable with the results of a module's `_call_impl`."""


def torch_compiler(
    mode: str = "default", backend: str = "inductor", *, dynamic: bool | None = None
) -> Compiler:
    """torch.compile. Sizes are symbolic from the first if `dynamic`, else from the second seen."""

    def compiler(module: Module) -> Callable[..., Any]:
        import torch

        named = None if mode == "default" else mode
        return torch.compile(module._call_impl, mode=named, backend=backend, dynamic=dynamic)

    return compiler


def keep_cache_in(folder: Path) -> None:
    """Has inductor and triton keep compiled code in `folder`, for this process and later ones."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
    os.environ.setdefault("TRITON_CACHE_DIR", str(folder / "triton"))
    os.environ["TORCHINDUCTOR_FX_GRAPH_CACHE"] = "1"
    os.environ["TORCHINDUCTOR_AUTOGRAD_CACHE"] = "1"


class Background:
    """One daemon thread that does what it is given, in order, and ends with the process."""

    def __init__(self, name: str = "compile") -> None:
        self._name = name
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._idle = threading.Condition()
        self._open = 0

    def __call__(self, task: Callable[[], None]) -> None:
        """Does `task` after those given before."""
        with self._idle:
            self._open += 1
        self._tasks.put(task)
        with self._lock:
            if not self._thread:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def wait(self, timeout: float) -> bool:
        """Waits until nothing is left to do; false if `timeout` seconds did not suffice."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._open, timeout)

    def _work(self) -> None:
        while True:
            _do(self._tasks.get())
            with self._idle:
                self._open -= 1
                self._idle.notify_all()


def _do(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:
        log.exception("a task of the compile thread failed")


class Gate:
    """Stands in for a block's call: compiled while its switch is on, else as it was."""

    def __init__(self, block: Module, switch: "Switch", compiled: Callable[..., Any]) -> None:
        self.block, self.compiled = block, compiled
        self._switch = switch

    def __call__(self, *args: Value, **kwargs: Value) -> Value:
        """The block's result."""
        call = self.compiled if self._switch.on else self.block._call_impl
        return call(*args, **kwargs)


class Switch:
    """The compiled and the plain way through one module's blocks.

    `on` is what the gates ask at each call; only the thread that runs jobs sets it. `blocks` may be
    the module itself. `background` runs a task later, on another thread.
    """

    def __init__(
        self,
        blocks: Sequence[Any],
        compiler: Compiler,
        background: Later,
    ) -> None:
        self.on = False
        self.failed = ""
        self.around: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
        self._gates = [Gate(block, self, compiler(block)) for block in blocks]
        self._background = background
        self._seen: set[Signature] = set()
        self._ready: frozenset[Signature] = frozenset()
        self._active: frozenset[Signature] = frozenset()
        self._lock = threading.Lock()
        self._retries = RETRIES

    @property
    def gates(self) -> list[Gate]:
        """One for each block."""
        return self._gates

    def begin(self) -> None:
        """A job begins: what has become ready since the last one may be used from here on."""
        self._active = frozenset() if self.failed else self._ready

    def ready(self, signature: Signature) -> bool:
        """Whether compiled code for these sizes may be used in this job."""
        return signature in self._active

    @contextlib.contextmanager
    def call(self, signature: Signature) -> Iterator[bool]:
        """Around one call of the module: compiled if ready; new sizes are noted for compiling."""
        if self.ready(signature):
            self.on = True
            try:
                yield True
            finally:
                self.on = False
        elif self.failed or signature in self._seen or len(self._seen) >= MOST_SIGNATURES:
            yield False
        else:
            with self._noted(signature):
                yield False

    def give_up(self, cause: BaseException | str) -> None:
        """Stays with the plain way for good; says so once."""
        with self._lock:
            if self.failed:
                return
            self.failed = str(cause) or type(cause).__name__
        self._active = frozenset()
        log.warning("no compiled code is used: %s", self.failed.splitlines()[0])

    @contextlib.contextmanager
    def _noted(self, signature: Signature) -> Iterator[None]:
        calls: list[tuple[Gate, CallSpec]] = []
        hooks = [
            gate.block.register_forward_pre_hook(_noting(gate, calls), with_kwargs=True)
            for gate in self._gates
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
        self._seen.add(signature)
        self._background(self._task(signature, calls))

    def _task(self, signature: Signature, calls: list[tuple[Gate, CallSpec]]) -> Callable[[], None]:
        here = weakref.ref(self)  # a model let go while it waits is not kept for its compiling
        notes = [(weakref.ref(gate), spec) for gate, spec in calls]
        modes = _grad_modes()

        def task() -> None:
            switch = here()
            if switch and not switch.failed:
                switch._warm(signature, notes, modes)

        return task

    def _warm(self, signature: Signature, notes: Sequence[Any], modes: tuple[bool, bool]) -> None:
        begun = time.perf_counter()
        try:
            with quiet.taken(), _like_the_job(modes), self.around():
                checked: set[Any] = set()
                for gate, spec in notes:
                    _try(gate(), spec, checked)
        except Exception as error:  # a compiler can fail in any way; the jobs must not
            if not self._crowded(error, signature):
                self.give_up(error)
            return
        finally:
            give_back()
        with self._lock:
            self._ready |= {signature}
        log.info("compiled %d calls in %.1f s", len(notes), time.perf_counter() - begun)

    def _crowded(self, error: Exception, signature: Signature) -> bool:
        """Whether it only was that the job beside it had the memory; then it is tried again."""
        import torch

        if not isinstance(error, torch.OutOfMemoryError) or self._retries <= 0:
            return False
        self._retries -= 1
        self._seen.discard(signature)
        log.info("no memory to compile beside a job; tried again at the next one")
        return True


def give_back() -> None:
    """Let go of what the side stream reserved: no other stream could use it."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _noting(gate: Gate, calls: list[tuple[Gate, CallSpec]]) -> Callable[..., None]:
    def hook(_module: Module, args: Value, kwargs: Value) -> None:
        calls.append((gate, spec_of(args, kwargs)))

    return hook


def _grad_modes() -> tuple[bool, bool]:
    import torch

    return torch.is_grad_enabled(), torch.is_inference_mode_enabled()


@contextlib.contextmanager
def _like_the_job(modes: tuple[bool, bool]) -> Iterator[None]:
    """The thread-local modes that compiled code is bound to, as they were when noted."""
    import torch

    grad, inference = modes
    with torch.inference_mode(inference), torch.set_grad_enabled(grad), _room():
        if not torch.cuda.is_available():
            yield
            return
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            yield
        stream.synchronize()


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Room for every width, size and batch of a model; the default of 8 falls back silently."""
    import torch._dynamo

    with torch._dynamo.config.patch(recompile_limit=128, accumulated_recompile_limit=1024):
        yield


def _try(gate: Gate | None, spec: CallSpec, checked: set[Any]) -> None:
    if gate is None:
        return
    args, kwargs = made(spec)
    result = gate.compiled(*args, **kwargs)
    kind = (type(gate.block), str(spec))
    if kind not in checked:
        checked.add(kind)
        _check(gate, result, gate.block._call_impl(*args, **kwargs))


def _check(gate: Gate, compiled: Value, plain: Value) -> None:
    far = difference(compiled, plain)
    if not far <= TOLERANCE:
        name = type(gate.block).__name__
        raise ArithmeticError(f"compiled {name} differs by {far:.3f} from the plain one")


def difference(one: Value, other: Value) -> float:
    """The greatest relative L2 difference between the tensors of two results of the same form."""
    import torch
    from torch.utils._pytree import tree_leaves

    worst = 0.0
    for a, b in zip(tree_leaves(one), tree_leaves(other), strict=True):
        if isinstance(a, torch.Tensor) and a.is_floating_point() and torch.isfinite(b).all():
            off = (a.float() - b.float()).norm() / b.float().norm().clamp_min(1e-6)
            worst = max(worst, float(off)) if bool(torch.isfinite(off)) else float("inf")
    return worst
