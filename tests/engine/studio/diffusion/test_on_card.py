"""On a pretended card nothing mixes its tensors with the processor's, whichever way is taken."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from engine.profiles import Profile
from engine.studio.diffusion import compiling, parking, quantise, speed, superres
from engine.studio.diffusion.denoise import denoise
from engine.studio.diffusion.memory import Residents
from engine.studio.diffusion.pipelines import Pipeline, load
from engine.studio.diffusion.planning import Options
from engine.studio.diffusion.previews import Previewer, decoder_of
from engine.studio.diffusion.request import Picture, Request
from engine.studio.diffusion.superres_nets import rrdb

torch = pytest.importorskip("torch", reason="the extra gpu is not installed")

from support import card  # noqa: E402 - after the skip

FAMILIES = ("sdxl", "sd", "flux2-klein", "z-image")
LEVELS = 2
SLOW = {family: () if family == "z-image" else (pytest.mark.slow,) for family in FAMILIES}
"""One family shows in every run that the rest is as it was."""

Profiles = Callable[[str], Profile]
Pipelines = Callable[[str], Pipeline]


@pytest.fixture
def on_card() -> Iterator[None]:
    with card.pretended():
        yield


def asked(seed: int = 1, **more: Any) -> Request:
    return Request("a portrait of (a woman:1.2)", "blurry", seed, 64, 96, **more)


def ways(family: str) -> list[list[Request]]:
    """Every way a family draws: batches from noise, from pictures, with soft masks, references."""
    start = np.linspace(0, 255, 120 * 80 * 3).reshape(120, 80, 3).astype(np.uint8)
    mask = np.zeros((120, 80), np.float32)
    mask[40:80, 20:60] = 1
    found = [
        [asked(1), asked(2)],
        [asked(3, image=start, strength=0.5), asked(4, image=start[::-1].copy(), strength=0.5)],
        [asked(5, image=start, mask=mask, strength=0.8)],
    ]
    return [*found, [asked(6, references=(start,))]] if family == "flux2-klein" else found


def drawn(pipeline: Pipeline, requests: Sequence[Request]) -> list[np.ndarray]:
    made = denoise(pipeline, requests, lambda *_: None)
    assert all(isinstance(each, Picture) for each in made), made
    return [each.rgb for each in made if isinstance(each, Picture)]


def loaded(profile: Profile, options: Options | None = None, dtype: str = "float32") -> Pipeline:
    exact = structs.replace(profile, dtype=dtype)
    return load(exact, Path(profile.folder), "cuda", options or Options(compile="off"))


def test_the_card_minds_where_tensors_are(on_card: None) -> None:
    """Else the tests below would show nothing."""
    there, here = torch.ones(3, device="cuda"), torch.ones(3)
    assert there.device.type == "cuda"
    assert (there + torch.tensor(1.0)).device.type == "cuda"
    assert there.cpu().numpy().sum() == 3
    for mixed in (lambda: there + here, lambda: torch.cat((there, here)), lambda: here[there > 0]):
        with pytest.raises(RuntimeError, match="same device"):
            mixed()


@pytest.mark.parametrize("family", [pytest.param(f, marks=SLOW[f]) for f in FAMILIES])
def test_a_card_draws_what_the_processor_draws(
    family: str, profile_of: Profiles, pipeline_of: Pipelines, on_card: None
) -> None:
    """In the same number format: batches, img2img, inpainting, references; looks on the way."""
    pipeline, shown = loaded(profile_of(family)), []
    assert pipeline.size_gb() > 0
    looks = Previewer(lambda member, _rgb: shown.append(member), interval_s=0)
    denoise(pipeline, [asked(1), asked(2)], lambda *_: None, looks, decoder_of(pipeline))
    looks.close()
    assert {0, 1} <= set(shown)
    for requests in ways(family):
        expected = drawn(pipeline_of(family), requests)
        for one, other in zip(drawn(pipeline, requests), expected, strict=True):
            assert np.abs(one.astype(int) - other.astype(int)).max() <= LEVELS
    pipeline.tile()
    drawn(pipeline, [asked(1)])


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_compiled_code_is_tried_and_used_on_the_card(
    family: str, profile_of: Profiles, on_card: None
) -> None:
    """With a compiler that changes nothing: what is noted, made up and switched is on the card."""
    profile = structs.replace(profile_of(family), dtype="bfloat16")
    pipeline = loaded(profile, Options(compile="off"), "bfloat16")
    speed.release(pipeline)
    options = Options(compile="on", fuse_qkv="off", attention="off", graphs="off")
    later: list[Callable[[], None]] = []
    speed.prepare(pipeline, options, compiler=lambda m: m._call_impl, background=later.append)
    first = drawn(pipeline, [asked(1), asked(2)])
    while later:
        later.pop(0)()
    again = drawn(pipeline, [asked(1), asked(2)])
    assert not any(r.switch.failed for r in speed.runners_of(pipeline) if r.switch)
    assert pipeline.way == "compiled"
    assert np.array_equal(first[1], again[1])


@pytest.mark.slow
@pytest.mark.parametrize("crowded", [False, True], ids=["room", "crowded"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_parked_text_encoder_visits_the_card(
    family: str,
    crowded: bool,
    profile_of: Profiles,
    on_card: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it reads is on the card, it itself is not before and after; others may make room."""
    monkeypatch.setattr(parking, "free_bytes", lambda _: 0.0 if crowded else float("inf"))
    options = Options(compile="off", park_text_encoder="on", prompt_cache_mb=0)
    pipeline = loaded(profile_of(family), options, "bfloat16")
    drawn(pipeline, [asked(1), asked(2)])
    homes = {weight.device.type for weight in pipeline.pipe.text_encoder.parameters()}
    assert homes == {"cpu"}
    assert {weight.device.type for weight in speed.core_of(pipeline.pipe).parameters()} == {"cuda"}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_parts_that_wait_beside_the_card_come_when_they_are_called(
    family: str, profile_of: Profiles, on_card: None
) -> None:
    """The last step of the ladder, where one part at a time is on the card."""
    profile = structs.replace(profile_of(family), dtype="bfloat16")
    pipeline = load(profile, Path(profile.folder), "cuda", Options(), offload=True)
    looks = Previewer(lambda *_: None, interval_s=0)
    made = denoise(pipeline, ways(family)[0], lambda *_: None, looks, decoder_of(pipeline))
    looks.close()
    assert all(isinstance(each, Picture) for each in made)
    for requests in ways(family)[1:]:
        drawn(pipeline, requests)


@pytest.mark.slow
def test_an_autoencoder_that_overflows_is_turned_and_turned_back(
    profile_of: Profiles, on_card: None
) -> None:
    """SDXL's own in half precision, without the safe one."""
    pipeline = loaded(profile_of("sdxl"), Options(compile="off", vae="off"), "float16")
    for requests in ways("sdxl"):
        drawn(pipeline, requests)
    assert pipeline.pipe.vae.dtype == torch.float16


@pytest.mark.slow
@pytest.mark.parametrize("family", ["flux2-klein", "z-image"])
def test_float8_layers_work_where_the_pipeline_calls_them(
    family: str, profile_of: Profiles, on_card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No code of the pipelines may want what a plain layer has."""
    monkeypatch.setattr(quantise, "LEAST_WIDTH", 16)
    plain = drawn(loaded(profile_of(family), dtype="bfloat16"), [asked(1)])
    options = Options(compile="on", fp8="on", graphs="off", attention="off")
    with compiler_left_out(monkeypatch):
        pipeline = loaded(profile_of(family), options, "bfloat16")
    kinds = [type(part).__name__ for part in speed.core_of(pipeline.pipe).modules()]
    assert kinds.count("Float8Linear") >= 4
    for requests in ways(family):
        drawn(pipeline, requests)
    far = np.abs(drawn(pipeline, [asked(1)])[0].astype(int) - plain[0]).mean()
    assert 0 < far < 12


@contextlib.contextmanager
def compiler_left_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No compiler is asked for: the blocks run as they are."""
    with monkeypatch.context() as patch:
        patch.setattr(speed, "blocks_of", lambda core: [])
        patch.setattr(compiling, "torch_compiler", lambda *_, **__: lambda m: m._call_impl)
        yield


@pytest.mark.slow
def test_the_ladder_is_climbed_down_on_a_card(profile_of: Profiles, on_card: None) -> None:
    """A model that has run gives up what it can, step by step, and still draws."""
    profile = structs.replace(profile_of("sdxl"), dtype="bfloat16")
    pipeline = loaded(profile, dtype="bfloat16")
    residents = Residents(lambda *_: pipeline, lambda: 20.0)
    tried: list[tuple[int, bool, bool]] = []

    def work(model: Pipeline, members: list[Request]) -> list[Any]:
        tried.append((len(members), model.tiled, model.offloaded))
        made = denoise(model, members, lambda *_: None)
        if not model.offloaded:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return made

    made = residents.run(profile, [asked(1), asked(2)], work)
    assert all(isinstance(each, Picture) for each in made)
    assert tried == [
        (2, False, False), (1, False, False), (1, True, False), (1, True, True), (1, True, True)
    ]  # fmt: skip


def test_tiles_are_enlarged_on_a_card(on_card: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In half precision, channels last."""
    torch.manual_seed(0)
    network = rrdb(8, 4, 1).eval().requires_grad_(False)
    monkeypatch.setattr(superres, "load_network", lambda _: network)
    plain = Options(compile="off")
    upscaler = superres.GpuUpscaler(lambda _: Path(), "cuda", tile=128, options=plain)
    rgb = np.random.default_rng(3).integers(0, 255, (60, 150, 3), np.uint8)
    assert upscaler.enlarge(rgb, 2).shape == (120, 300, 3)
    assert next(network.parameters()).dtype == torch.float16
