"""One module's forward pass with what speeds it up around it."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.studio.diffusion import attention, quiet
from engine.studio.diffusion.compiling import Switch
from engine.studio.diffusion.graphs import Graphs
from engine.studio.diffusion.shapes import Signature, signature
from engine.studio.diffusion.untyped import Module, Value

log = logging.getLogger(__name__)

Measure = Callable[[Mapping[attention.Shape, int]], tuple[str, ...]]
"""The order of attention kernels for the shapes that one pass asked for."""


class Runner:
    """Takes a module's calls (as its `_compiled_call_impl`, which `copy` and `state_dict` ignore).

    Nothing changes within a job: `begin` says that one starts. Texts whose tokens fill up to one
    multiple of `token_step` share compiled code.
    """

    def __init__(
        self,
        module: Module,
        switch: Switch | None = None,
        graphs: Graphs | None = None,
        measure: Measure | None = None,
        order: tuple[str, ...] = (),
        token_step: int = 1,
    ) -> None:
        self.module, self.switch, self.graphs = module, switch, graphs
        self._token_step = token_step
        self.order = order
        self._measure = measure
        self._next_order = order
        self._passes = {"eager": 0, "compiled": 0}
        self._whole = _whole(module, switch)
        if switch:
            # A compiled block keeps the kernel that came first when it was compiled.
            switch.around = lambda: attention.preferring(self._next_order)

    def begin(self) -> None:
        """A job starts: what was measured or compiled since the last one is taken up."""
        self.order = self._next_order
        self._passes = {"eager": 0, "compiled": 0}
        if self.switch:
            self.switch.begin()

    def __call__(self, *args: Value, **kwargs: Value) -> Value:
        """The module's result."""
        key = signature(args, kwargs, token_step=self._token_step)
        with attention.preferring(self.order), self._compiled(key) as compiled, self._measured():
            return self._run(compiled, key, args, kwargs)

    @property
    def path(self) -> str:
        """How the passes went since the job began: "eager", "compiled", or "mixed"."""
        ways = {way for way, count in self._passes.items() if count}
        return "mixed" if len(ways) > 1 else next(iter(ways), "eager")

    def release(self) -> None:
        """Takes everything off the module again."""
        if self.graphs:
            self.graphs.clear()
        for gate in self.switch.gates if self.switch else ():
            gate.block._compiled_call_impl = None
        self.module._compiled_call_impl = None

    @contextlib.contextmanager
    def _compiled(self, key: Signature) -> Iterator[bool]:
        if not self.switch:
            yield False
            return
        with self.switch.call(key) as compiled:
            yield compiled

    @contextlib.contextmanager
    def _measured(self) -> Iterator[None]:
        if not self._measure:
            yield
            return
        measure = self._measure
        with attention.recorded() as shapes:
            yield
        with quiet.if_free() as free:
            if not free:  # another thread compiles: measured at a later pass
                return
            self._measure = None
            try:
                self._next_order = measure(shapes)
            except RuntimeError as error:  # the measuring is not worth a picture
                log.warning("attention is not measured: %s", error)

    def _run(
        self, compiled: bool, key: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Value:
        self._passes["compiled" if compiled else "eager"] += 1
        try:
            return self._pass(compiled, args, kwargs)
        except Exception as error:
            if not compiled or not self.switch or not _is_compilers(error):
                raise
            self.switch.on = False
            self.switch.give_up(error)
            return self.module._call_impl(*args, **kwargs)

    def _pass(self, compiled: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Value:
        call = self._whole if compiled and self._whole else self.module._call_impl
        if self.graphs and _moves(self.module):
            self.graphs.clear()
        elif self.graphs and self._settled(compiled):
            exact = (compiled, *signature(args, kwargs, floats=True))
            return self.graphs.run(exact, call, args, kwargs)
        return call(*args, **kwargs)

    def _settled(self, compiled: bool) -> bool:
        """Recording a pass that will be compiled soon would be for nothing."""
        return compiled or not self.switch or bool(self.switch.failed)


def _whole(module: Module, switch: Switch | None) -> Callable[..., Value] | None:
    """The compiled module, where it is its own and only block."""
    gates = switch.gates if switch else []
    return gates[0].compiled if [gate.block for gate in gates] == [module] else None


def _moves(module: Module) -> bool:
    """Weights that are moved to the device for each call are not where a recording saw them."""
    return hasattr(module, "_hf_hook")


def _is_compilers(error: Exception) -> bool:
    """Whether compiling failed, rather than the model itself: memory, cancelling, bad input."""
    return type(error).__module__.split(".")[0] in {"torch", "triton"} and any(
        part in type(error).__module__ for part in ("_dynamo", "_inductor", "triton")
    )
