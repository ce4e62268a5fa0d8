"""Models in memory: the most used stay, and running short ends in a picture or a clear word."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from engine.errors import ProcessSpoiled, StudioFailed, WeightsMissing
from engine.profiles import Profile
from engine.studio.diffusion.denoise import Picture, Request, denoise
from engine.studio.diffusion.memory import OutOfMemory, Residents, budget, told_apart
from engine.studio.diffusion.pipelines import Pipeline, load

Pipelines = Callable[[str], Pipeline]


class Boxes:
    """Stands in for models: loads boxes of a size, and remembers what was asked of them."""

    def __init__(self, profile: Profile) -> None:
        self.loaded: list[str] = []
        self.too_large = False
        self._like = profile

    def profile(self, name: str) -> Profile:
        return structs.replace(self._like, name=name, min_vram_gb=0)

    def load(self, profile: Profile, offload: bool) -> Pipeline:
        self.loaded.append(profile.name)
        if self.too_large and not offload:
            raise OutOfMemory("no room for its weights")
        box = Box(profile)
        box.offloaded = offload
        return box


class Box(Pipeline):
    """Ten gigabytes of nothing on a card that is not there."""

    def __init__(self, profile: Profile, size: float = 10.0) -> None:
        self.profile, self.device, self.size = profile, "cpu", size
        self.most, self.tiled, self.offloaded, self.gone = None, False, False, False
        self.recorded = True

    def size_gb(self) -> float:
        return self.size

    def tile(self) -> bool:
        first, self.tiled = not self.tiled, True
        return first

    def lighten(self) -> bool:
        had, self.recorded = self.recorded, False
        return had

    def offload(self) -> bool:
        first, self.offloaded = not self.offloaded, True
        return first

    def release(self) -> None:
        self.gone = True


@pytest.fixture
def boxes(profile_of: Callable[[str], Profile]) -> Boxes:
    return Boxes(profile_of("sdxl"))


def test_the_most_used_models_stay(boxes: Boxes) -> None:
    """A third one, that does not fit beside two, makes the least used go."""
    residents = Residents(boxes.load, lambda: 25.0)
    often, once = boxes.profile("often"), boxes.profile("once")
    for profile in (often, often, once, often):
        residents.get(profile)
    assert boxes.loaded == ["often", "once"]
    residents.get(boxes.profile("new"))
    assert set(residents.names()) == {"often", "new"}


def test_a_processor_keeps_one_model(boxes: Boxes) -> None:
    residents = Residents(boxes.load, lambda: None)
    first = residents.get(boxes.profile("a"))
    residents.get(boxes.profile("b"))
    assert residents.names() == ("b",)
    assert isinstance(first, Box)
    assert first.gone


def test_a_model_larger_than_the_card_waits_beside_it(boxes: Boxes) -> None:
    """Once the others have gone, and that was not enough."""
    residents = Residents(boxes.load, lambda: 100.0)
    residents.get(boxes.profile("other"))
    boxes.too_large = True
    assert residents.get(boxes.profile("large")).offloaded
    assert residents.names() == ("large",)


def short_of_memory(until: Callable[[Pipeline, int], bool]) -> Callable:
    """Work that runs out of memory until something is given up."""
    import torch

    def work(pipeline: Pipeline, members: list[int]) -> list[int]:
        if not until(pipeline, len(members)):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return [10 * member for member in members]

    return work


def test_short_of_memory_things_are_given_up_one_by_one(boxes: Boxes) -> None:
    """Other models, recorded passes, half the batch, whole tiles, then the card's memory.

    Results keep their order.
    """
    residents = Residents(boxes.load, lambda: 100.0)
    residents.get(boxes.profile("other"))
    wanted = boxes.profile("wanted")
    lighter = short_of_memory(lambda p, _: not p.recorded)  # pyright: ignore[reportAttributeAccessIssue] - the box
    assert residents.run(wanted, [1, 2, 3], lighter) == [10, 20, 30]
    assert residents.get(wanted).most is None
    work = short_of_memory(lambda p, n: p.offloaded and n == 1)
    assert residents.run(wanted, [1, 2, 3], work) == [10, 20, 30]
    pipeline = residents.get(wanted)
    assert (residents.names(), pipeline.most, pipeline.tiled) == (("wanted",), 1, True)
    halves = short_of_memory(lambda p, n: n <= 2)
    fresh = Residents(boxes.load, lambda: 100.0)
    assert fresh.run(wanted, [1, 2, 3, 4], halves) == [10, 20, 30, 40]
    assert not fresh.get(wanted).tiled


def test_what_never_fits_is_refused_in_words(boxes: Boxes) -> None:
    residents = Residents(boxes.load, lambda: 100.0)
    results = residents.run(boxes.profile("a"), [1, 2], short_of_memory(lambda *_: False))
    assert [result.code for result in results] == ["gpu_out_of_memory"] * 2


def test_a_real_model_makes_its_pictures_in_halves_and_tiles(
    pipeline_of: Pipelines, profile_of: Callable[[str], Profile]
) -> None:
    """Injected in the decoder, where cards run out first. Tiles are larger than these pictures."""
    import torch

    pipeline, requests = pipeline_of("z-image"), [Request("", "", s, 64, 96) for s in (1, 2)]
    whole = denoise(pipeline, requests, lambda *_: None)
    fresh = load(profile_of("z-image"), Path(profile_of("z-image").folder), "cpu")
    real, calls = fresh.pipe.vae.decode, []

    def decode(*args: object, **named: object) -> object:
        calls.append(fresh.tiled)
        if not fresh.tiled:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(*args, **named)

    fresh.pipe.vae.decode = decode
    residents = Residents(lambda *_: fresh, lambda: None)
    made = residents.run(fresh.profile, requests, lambda p, some: denoise(p, some, lambda *_: None))
    assert calls[-2:] == [True, True]
    assert fresh.versions()["vae"] == "tiled"
    for one, other in zip(whole, made, strict=True):
        assert isinstance(one, Picture)
        assert isinstance(other, Picture)
        assert abs(one.rgb.astype(int) - other.rgb).max() <= 2


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: out of memory",
        "CUBLAS_STATUS_ALLOC_FAILED when calling",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried",
    ],
)
def test_every_librarys_word_for_it_is_known(said: str) -> None:
    with pytest.raises(OutOfMemory), told_apart():
        raise RuntimeError(said)
    with pytest.raises(RuntimeError, match="shapes"), told_apart():
        raise RuntimeError("shapes do not match")


def test_a_card_that_is_lost_is_told_from_a_call_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the one every call fails, so that the process is of no more use."""
    import torch

    def gone() -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    with pytest.raises(torch.AcceleratorError), told_apart():
        raise torch.AcceleratorError("CUDA error: invalid configuration argument")
    monkeypatch.setattr(torch.cuda, "synchronize", gone)
    with pytest.raises(ProcessSpoiled, match="illegal"), told_apart():
        gone()


def test_a_card_leaves_room_to_work_in() -> None:
    assert budget(None) is None
    assert budget(24) == pytest.approx(18.6)


def test_a_model_that_is_not_here_is_named(
    profile_of: Callable[[str], Profile], tmp_path: Path
) -> None:
    profile = profile_of("sdxl")
    with pytest.raises(WeightsMissing) as missed:
        load(profile, tmp_path, "cpu")
    assert missed.value.facts == {"name": "sdxl"}
    with pytest.raises(StudioFailed, match="not z-image"):
        load(profile_of("z-image"), Path(profile.folder), "cpu")
