"""A prepared pipeline of each family makes the picture it made before, by every way at hand."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.tiny import tiny

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from engine.studio.diffusion import layout, parking, rotary, skipping, speed  # noqa: E402 - after the skip
from engine.studio.diffusion.compiling import Background, torch_compiler  # noqa: E402
from engine.studio.diffusion.planning import Options  # noqa: E402

Load = Callable[[str], Any]
FAMILIES = ("sdxl", "flux2-klein", "z-image")


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """A family's tiny pipeline, new each time: these tests change it."""
    folder = tmp_path_factory.mktemp("speed")

    def loaded(family: str) -> Any:
        from diffusers.pipelines.pipeline_utils import DiffusionPipeline

        pipe = DiffusionPipeline.from_pretrained(tiny(family, folder))
        pipe.set_progress_bar_config(disable=True)
        return pipe

    return loaded


class Later:
    """The thread, done by hand."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], None]] = []

    def __call__(self, task: Callable[[], None]) -> None:
        self.tasks.append(task)

    def compile(self) -> None:
        while self.tasks:
            self.tasks.pop(0)()


def shoot(pipe: Any, prompt: str = "a portrait", side: int = 64, steps: int = 2) -> tuple[Any, str]:
    """The picture, (1, 3, H, W) in 0..1, and the way it was made."""
    with speed.job(pipe) as way:
        image = pipe(
            prompt=prompt,
            width=side,
            height=side,
            num_inference_steps=steps,
            generator=torch.Generator().manual_seed(5),
            output_type="pt",
        ).images
    return image.float(), way()


def plainly(module: Any) -> Callable[..., Any]:
    """A compiler that changes nothing."""
    return module._call_impl


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_that_is_exact_changes_nothing(family: str, load: Load) -> None:
    """Joined projections, channels last, kept prompts, the switch: cold, then warm."""
    pipe, later = load(family), Later()
    plain, _ = shoot(pipe)
    wish = Options(compile="on", channels_last="on", fuse_qkv="on")
    plan = speed.prepare(pipe, wish, compiler=plainly, background=later)
    assert (plan.compile, plan.channels_last, plan.fuse_qkv) == (True,) * 3
    cold, way = shoot(pipe)
    assert way == "eager"
    later.compile()
    warm, way = shoot(pipe)
    assert way == "compiled"
    assert torch.allclose(cold, plain, atol=1e-4)
    assert torch.allclose(warm, plain, atol=1e-4)
    assert speed.prepare(pipe, wish) == speed.Plan()
    speed.release(pipe)
    assert not speed.runners_of(pipe)
    assert torch.allclose(shoot(pipe)[0], plain, atol=1e-4)


def test_texts_that_fill_up_to_one_length_share_compiled_code(load: Load) -> None:
    """Z-Image reads a text in steps of 32 tokens; nearly every prompt has a length of its own."""
    pipe, later = load("z-image"), Later()
    speed.prepare(pipe, Options(compile="on"), compiler=plainly, background=later)
    shoot(pipe, "a portrait of her")
    later.compile()
    assert shoot(pipe, "a portrait of him, x")[1] == "compiled"
    assert not later.tasks
    assert shoot(pipe, "a portrait of him " * 9)[1] == "eager"
    assert speed.token_step(load("flux2-klein").transformer) == 1


def test_rotation_in_real_numbers_is_the_complex_one(load: Load) -> None:
    """In one graph: complex numbers would fall out of what is compiled."""
    pipe = load("z-image")
    plain, _ = shoot(pipe)
    assert rotary.in_real_numbers(pipe.transformer) == 3
    assert rotary.in_real_numbers(pipe.transformer) == 0
    assert torch.equal(shoot(pipe)[0], plain)
    assert rotary.in_real_numbers(load("flux2-klein").transformer) == 0


def test_joined_projections_let_the_separate_ones_go(load: Load) -> None:
    """So they take no memory beside them; a model with LoRA layers is left alone."""
    pipe = load("sdxl")
    before = parking.bytes_of(pipe.unet)
    pipe.unet.peft_config = {"a": 1}
    assert not layout.fuse_qkv(pipe.unet)
    del pipe.unet.peft_config
    assert layout.fuse_qkv(pipe.unet)
    assert parking.bytes_of(pipe.unet) == before


def test_an_autoencoder_may_compute_in_another_format(load: Load) -> None:
    """bfloat16 rounds a picture by about a level of 255; what it is given is cast."""
    pipe = load("sdxl")
    plain, _ = shoot(pipe)
    speed.prepare(pipe, Options(vae="bfloat16"))
    assert pipe.vae.dtype == torch.bfloat16
    rounded, _ = shoot(pipe)
    assert 0 < (rounded - plain).abs().mean() < 2 / 255
    pixels = torch.zeros(1, 3, 64, 64)
    assert pipe.vae.encode(pixels).latent_dist.mode().dtype == torch.bfloat16


def test_a_text_encoder_comes_only_to_read(load: Load) -> None:
    """Afterwards its weights are where they were, even when reading fails."""
    pipe = load("flux2-klein")
    plain, _ = shoot(pipe)
    speed.prepare(pipe, Options(park_text_encoder="on"))
    homes = [weight.data_ptr() for weight in pipe.text_encoder.parameters()]
    assert torch.allclose(shoot(pipe)[0], plain, atol=1e-5)
    with pytest.raises(Exception, match=r".+"):
        pipe.text_encoder(input_ids="no tensor")
    assert [weight.data_ptr() for weight in pipe.text_encoder.parameters()] == homes


def test_what_is_in_the_way_steps_aside_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the card cannot hold both."""
    encoder, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    seen: list[str] = []

    @contextlib.contextmanager
    def aside(module: Any) -> Iterator[None]:
        assert module is other
        seen.append("away")
        yield
        seen.append("back")

    monkeypatch.setattr(parking, "free_bytes", lambda device: 0.0)
    monkeypatch.setattr(parking, "aside", aside)
    encoder.register_forward_pre_hook(lambda *_: seen.append("read"))
    parking.park(encoder, torch.device("cpu"), in_the_way=(other,))
    assert encoder(torch.ones(1, 2)).shape == (1, 2)
    assert seen in (["away", "read", "back"], ["read", "away", "back"])


def test_weights_set_aside_are_the_same_afterwards() -> None:
    """On a machine without a card they never leave; with one they return to it."""
    module = torch.nn.Linear(2, 2)
    before = module.weight.clone()
    with parking.aside(module):
        assert module.weight.device.type == "cpu"
    assert torch.equal(module.weight, before)


def test_skipping_blocks_is_exact_at_no_threshold_and_saves_work_above() -> None:
    """The threshold is what quality is paid with."""
    plain, passes = _walked(None)
    exact, same = _walked(1e-9)
    _, fewer = _walked(10.0)
    assert torch.allclose(plain, exact, atol=1e-5)
    assert (passes, same, fewer) == (4, 4, 1)


def _walked(threshold: float | None) -> tuple[Any, int]:
    """The last of four passes of a tiny FLUX.1, and how often its last block ran."""
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

    torch.manual_seed(0)
    model = FluxTransformer2DModel(
        in_channels=4,
        num_layers=1,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=1,
        joint_attention_dim=8,
        pooled_projection_dim=8,
        axes_dims_rope=(4, 4, 8),
    ).eval()
    if threshold:
        assert skipping.can(model)
        skipping.enable(model, threshold)
    runs: list[int] = []
    last: Any = model.single_transformer_blocks[-1]
    last.attn.register_forward_pre_hook(lambda *_: runs.append(1))
    out = None
    for step in range(4):
        with torch.no_grad(), model.cache_context("walk"):
            out = model(
                hidden_states=torch.ones(1, 4, 4) * (1 + 0.1 * step),
                encoder_hidden_states=torch.ones(1, 3, 8),
                pooled_projections=torch.ones(1, 8),
                timestep=torch.tensor([1.0 - 0.1 * step]),
                img_ids=torch.zeros(4, 3),
                txt_ids=torch.zeros(3, 3),
                return_dict=False,
            )[0]
    return out, len(runs)


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_are_not_skipped_where_that_does_not_fit(family: str, load: Load) -> None:
    """diffusers' cache knows none of the shipped families whole; the wish is said and let go."""
    pipe = load(family)
    assert not skipping.can(speed.core_of(pipe))
    plan = speed.prepare(pipe, Options(first_block_cache=0.05))
    assert plan.first_block_cache == 0
    assert plan.notes


def test_a_prompt_is_read_once(load: Load) -> None:
    """Another try of the same words costs no reading."""
    pipe, read = load("z-image"), []
    pipe.text_encoder.register_forward_pre_hook(lambda *_: read.append(1))
    speed.prepare(pipe, Options())
    first, _ = shoot(pipe)
    reads = len(read)
    assert torch.equal(shoot(pipe)[0], first)
    assert len(read) == reads > 0
    shoot(pipe, prompt="another")
    assert len(read) > reads


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_no_job_ever_waits_for_the_compiler(family: str, load: Load) -> None:
    """torch's own front end traces on the thread alone, for every size, never in a job."""
    from torch._dynamo.callback import on_compile_start

    where: list[str] = []
    on_compile_start(lambda _: where.append(threading.current_thread().name))
    pipe, background = load(family), Background()
    compiler = torch_compiler(backend="aot_eager", dynamic=True if family == "sdxl" else None)
    speed.prepare(pipe, Options(compile="on"), compiler=compiler, background=background)
    plain = {side: shoot(pipe, side=side)[0] for side in (64, 96, 128)}
    assert background.wait(900)
    for side, image in plain.items():
        again, way = shoot(pipe, side=side)
        assert way == "compiled"
        assert torch.allclose(again, image, atol=1e-4)
    assert set(where) == {"compile"}


@pytest.mark.slow
def test_real_compiled_code_is_kept_on_disk(load: Load, tmp_path: Path) -> None:
    """inductor needs a C++ compiler here; what it made lies in the folder for the next start."""
    pipe, background = load("flux2-klein"), Background()
    speed.prepare(pipe, Options(compile="on", cache_dir=str(tmp_path)), background=background)
    plain, _ = shoot(pipe)
    assert background.wait(1800)
    again, way = shoot(pipe)
    assert way == "compiled"
    assert torch.allclose(again, plain, atol=1e-3)
    assert any(path.suffix == ".so" for path in tmp_path.rglob("*"))
