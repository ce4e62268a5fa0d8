"""What makes a loaded pipeline fast on the card it lies on; each part only where it pays.

`prepare` once after loading, `job` around each batch; `planning.decide` says what is tried.
"""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.studio.diffusion import (
    attention,
    compiling,
    graphs,
    layout,
    parking,
    quantise,
    rotary,
    skipping,
)
from engine.studio.diffusion.compiling import Background, Compiler, Later, Switch
from engine.studio.diffusion.planning import (
    Card,
    Options,
    Plan,
    Traits,
    card_of,
    decide,
)
from engine.studio.diffusion.prompt_cache import PromptCache, attach
from engine.studio.diffusion.runner import Runner
from engine.studio.diffusion.untyped import Device, Module, Pipe

log = logging.getLogger(__name__)

RESNETS = ("ResnetBlock2D",)
"""Beside the repeated blocks diffusers names: a third of a UNet's time goes into these, mostly into
normalisation and activation, which compiling joins."""


def prepare(
    pipeline: Pipe,
    options: Options,
    *,
    name: str = "",
    compiler: Compiler | None = None,
    background: Later | None = None,
) -> Plan:
    """Makes a loaded pipeline fast, in place, and says what was done.

    `pipeline` is diffusers' or holds it as `.pipe`; its weights lie where they will stay. `name`
    (profile and revision) keeps the prompt embeddings of models apart. Compiling happens later, on
    a thread; `job` takes it up.
    """
    pipe = getattr(pipeline, "pipe", pipeline)
    core = core_of(pipe)
    if isinstance(core._compiled_call_impl, Runner):
        return Plan()
    card = card_of(core.device)
    plan = decide(options, card, traits_of(pipe))
    for note in plan.notes:
        log.warning("%s", note)
    _lay_out(pipe, core, plan)
    # A UNet has some twenty different blocks: compiled once for all sizes, not again at the second.
    dynamic = True if hasattr(pipe, "unet") else None
    _run(pipe, core, plan, _Tools(options, card, compiler, background or Background(), dynamic))
    if options.prompt_cache_mb:
        attach(pipe, name or type(pipe).__name__, PromptCache(options.prompt_cache_mb << 20))
    log.info("speed: %s", plan)
    return plan


def prepare_network(
    network: Module,
    options: Options,
    *,
    blocks: tuple[str, ...] = (),
    compiler: Compiler | None = None,
    background: Later | None = None,
) -> Runner | None:
    """The same for a network without a pipeline, such as an upscaler: layout and compiling.

    Call `begin` of what comes back before each picture; None where nothing pays. Modules of the
    classes named in `blocks` are compiled, else the whole.
    """
    card = card_of(next(network.parameters()).device)
    plan = decide(options, card, Traits(unet=True))
    if plan.channels_last:
        layout.channels_last(network)
    if not plan.compile:
        return None
    tools = _Tools(options, card, compiler, background or Background())
    parts = [module for module in network.modules() if type(module).__name__ in blocks]
    runner = Runner(network, tools.switch(parts or [network]))
    _install(runner)
    return runner


def token_step(core: Module) -> int:
    """To what multiple a model itself pads the tokens of a text, which then is one size to it."""
    return int(getattr(sys.modules[type(core).__module__], "SEQ_MULTI_OF", 1))


def core_of(pipe: Pipe) -> Module:
    """The network that walks from noise to picture."""
    return getattr(pipe, "unet", None) or pipe.transformer


def traits_of(pipe: Pipe) -> Traits:
    """Read off the pipeline's parts."""
    import torch

    core, vae = core_of(pipe), getattr(pipe, "vae", None)
    parts = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    overflows = vae is not None and vae.dtype != torch.float32 and _upcasts(vae)
    return Traits(
        unet=hasattr(pipe, "unet"),
        weights=sum(map(parking.bytes_of, parts)),
        overflows=overflows,
        caches_blocks=skipping.can(core),
    )


def _upcasts(vae: Module) -> bool:
    return bool(vae.config.get("force_upcast", False))


def _lay_out(pipe: Pipe, core: Module, plan: Plan) -> None:
    import torch

    if plan.channels_last:
        for module in (core, pipe.vae) if hasattr(pipe, "unet") else (pipe.vae,):
            layout.channels_last(module)
    if plan.compile:
        rotary.in_real_numbers(core)
    if plan.fuse_qkv:
        layout.fuse_qkv(core)
    if plan.vae:
        layout.safe_vae(pipe.vae, getattr(torch, plan.vae))
    if plan.fp8:
        log.info("fp8 in %d layers", quantise.to_float8(core))
    if plan.first_block_cache:
        skipping.enable(core, plan.first_block_cache)
    if plan.park:
        for encoder in _encoders(pipe):
            parking.park(encoder, core.device, in_the_way=(core,))


def _encoders(pipe: Pipe) -> list[Module]:
    names = ("text_encoder", "text_encoder_2")
    return [found for name in names if (found := getattr(pipe, name, None)) is not None]


class _Tools:
    """What runners are made with."""

    def __init__(
        self,
        options: Options,
        card: Card,
        compiler: Compiler | None,
        background: Later,
        dynamic: bool | None = None,
    ) -> None:
        self.kept = attention.Kept(
            Path(options.cache_dir) if options.cache_dir else None, card.name
        )
        self.folder = Path(options.cache_dir) if options.cache_dir else None
        self.compiler = compiler or compiling.torch_compiler(options.compile_mode, dynamic=dynamic)
        self.background = background

    def switch(self, blocks: list[Module]) -> Switch:
        """Over these blocks; compiled code is kept on disk."""
        if self.folder:
            compiling.keep_cache_in(self.folder)
        return Switch(blocks, self.compiler, self.background)

    def measured(
        self, device: Device
    ) -> Callable[[Mapping[attention.Shape, int]], tuple[str, ...]]:
        """Measures attention once a card, model and size."""

        def measure(shapes: Mapping[attention.Shape, int]) -> tuple[str, ...]:
            order = self.kept.get(shapes)
            if not order:
                order = attention.fastest(shapes, attention.timer_on(device))
                self.kept.put(shapes, order)
            return order

        return measure


def _run(pipe: Pipe, core: Module, plan: Plan, tools: _Tools) -> None:
    decoder = pipe.vae.decoder
    _install(
        Runner(
            core,
            tools.switch(blocks_of(core)) if plan.compile else None,
            _graphs(core, plan),
            tools.measured(core.device) if plan.measure_attention else None,
            plan.order,
            token_step(core),
        )
    )
    if plan.compile:
        _install(Runner(decoder, tools.switch([decoder])))


def _graphs(core: Module, plan: Plan) -> graphs.Graphs | None:
    if not plan.graphs:
        return None
    return graphs.Graphs(graphs.CudaRecorder(core.device), always=plan.always_graphs)


def _install(runner: Runner) -> None:
    for gate in runner.switch.gates if runner.switch else ():
        gate.block._compiled_call_impl = gate
    runner.module._compiled_call_impl = runner


def blocks_of(core: Module) -> list[Module]:
    """What is compiled: the blocks the model's class repeats, and a UNet's residual blocks."""
    names = {*core._repeated_blocks, *RESNETS}
    return [module for module in core.modules() if type(module).__name__ in names]


def runners_of(pipeline: Pipe) -> list[Runner]:
    """The runners of a prepared pipeline; none if it is not prepared."""
    pipe = getattr(pipeline, "pipe", pipeline)
    modules = [core_of(pipe), getattr(getattr(pipe, "vae", None), "decoder", None)]
    found = [getattr(module, "_compiled_call_impl", None) for module in modules]
    return [runner for runner in found if isinstance(runner, Runner)]


@contextlib.contextmanager
def job(pipeline: Pipe) -> Iterator[Callable[[], str]]:
    """Around one batch: what has become ready since the last one is taken up here, nothing inside.

    Gives a function that says, at the end, how the passes went ("eager" or "compiled"), for the
    picture's versions.
    """
    runners = runners_of(pipeline)
    for runner in runners:
        runner.begin()
    yield lambda: runners[0].path if runners else "eager"


def lighten(pipeline: Pipe) -> bool:
    """Gives up recorded passes, for their memory; false if there are none."""
    found = [runner.graphs for runner in runners_of(pipeline) if runner.graphs]
    return sum(graphs.give_up("the memory is needed") for graphs in found) > 0


def release(pipeline: Pipe) -> None:
    """Takes the runners off again, so that the weights can be let go at once."""
    for runner in runners_of(pipeline):
        runner.release()
