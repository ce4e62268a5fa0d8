"""The GPU's upscaler: real layouts of weights, tiles without a seam, and faces that stay faces."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import JobCancelled, StudioFailed, WeightsMissing
from engine.studio.upscale import Upscaler

torch = pytest.importorskip("torch", reason="the GPU extra is not installed")

from engine.studio.diffusion import superres  # noqa: E402 - only where torch is
from engine.studio.diffusion.memory import OutOfMemory  # noqa: E402
from engine.studio.diffusion.patches import patches  # noqa: E402
from engine.studio.diffusion.superres import GpuUpscaler, keep_faces, upscaler_for  # noqa: E402
from engine.studio.diffusion.superres_nets import compact, load_network, rrdb  # noqa: E402

HALF = (0x01306B47).to_bytes(4, "little")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny networks lose time to threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def absent(name: str) -> Path:
    raise WeightsMissing("not here", name=name)


def as_ncnn(network: Any, folder: Path) -> Path:
    """Write a network as its ncnn release does: kernels in half precision, the rest in single."""
    lines, data = ["7767517", "0 0", "Input in 0 1 data"], b""
    for name, part in network.named_modules():
        if isinstance(part, torch.nn.Conv2d):
            count = part.weight.numel()
            lines.append(f"Convolution {name} 1 1 a b 0={part.out_channels} 1=3 4=1 5=1 6={count}")
            half = part.weight.detach().numpy().astype("<f2").tobytes()
            data += HALF + half + b"\0" * (-len(half) % 4)
            data += part.bias.detach().numpy().astype("<f4").tobytes()
        elif isinstance(part, torch.nn.PReLU):
            lines.append(f"PReLU {name} 1 1 a b 0={part.num_parameters}")
            data += part.weight.detach().numpy().astype("<f4").tobytes()
    (folder / "net.param").write_text("\n".join(lines), encoding="ascii")
    (folder / "net.bin").write_bytes(data)
    return folder


@pytest.mark.parametrize("make", [lambda: compact(6, 3), lambda: rrdb(6, 4, 2)])
def test_both_networks_come_out_of_ncnns_files_as_they_went_in(
    make: Callable[[], Any], tmp_path: Path
) -> None:
    torch.manual_seed(1)
    network = make()
    picture = torch.rand(1, 3, 9, 7)
    again = load_network(as_ncnn(network, tmp_path))
    with torch.inference_mode():
        first, second = network(picture), again(picture)
    assert second.shape == (1, 3, 36, 28)
    assert float((first - second).abs().max()) < 2e-3


def test_files_of_another_network_are_refused(tmp_path: Path) -> None:
    (tmp_path / "net.param").write_text("7767517\n1 1\nInput in 0 1 data\n", encoding="ascii")
    (tmp_path / "net.bin").write_bytes(b"")
    with pytest.raises(StudioFailed, match="no Real-ESRGAN network"):
        load_network(tmp_path)


class Small(GpuUpscaler):
    """A real but tiny network whose reach is within the tiles' context."""

    def __init__(self, tile: int) -> None:
        super().__init__(absent, "cpu", tile=tile)
        torch.manual_seed(2)
        self._loaded = compact(8, 3).eval().requires_grad_(False)
        self.largest = 0

    def _run(self, rgb: np.ndarray, factor: int, precision: str) -> np.ndarray:
        self.largest = max(self.largest, *rgb.shape[:2])
        return super()._run(rgb, factor, precision)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize("factor", [2, 3, 4, 6])
def test_tiles_give_what_the_whole_picture_gives(factor: int) -> None:
    rgb = noise(107, 131)
    tiled, whole = Small(100), Small(1000)
    first, second = tiled.enlarge(rgb, factor), whole.enlarge(rgb, factor)
    assert first.shape == (107 * factor, 131 * factor, 3)
    assert tiled.largest <= 100 < whole.largest
    assert np.abs(first.astype(int) - second).max() <= 1


def test_a_network_that_sees_further_than_its_tile_still_shows_no_seam() -> None:
    class Drifting(Small):
        """Brightens with the tile it is in, as a network with a long reach does."""

        def _run(self, rgb: np.ndarray, factor: int, precision: str) -> np.ndarray:
            level = np.uint8(100 + rgb[0, 0, 0] % 12)
            return np.full((rgb.shape[0] * 4, rgb.shape[1] * 4, 3), level, np.uint8)

    large = Drifting(100).enlarge(noise(200, 220), 4).astype(int)
    steps = max(np.abs(np.diff(large, axis=axis)).max() for axis in (0, 1))
    assert np.ptp(large) >= 4
    assert steps <= 1


@pytest.mark.parametrize(("height", "width"), [(40, 40), (100, 101), (700, 1300)])
def test_patches_cover_every_pixel_and_stay_in_bounds(height: int, width: int) -> None:
    count = np.zeros((height, width), int)
    for patch in patches(height, width, 100):
        assert all(s.start >= 0 and s.stop - s.start <= 100 for s in patch.seen)
        count[patch.given] += 1
    assert count.min() >= 1


def test_all_tiles_of_a_picture_are_of_one_size() -> None:
    """A card chooses and compiles its kernels once for each."""
    seen = [patch.seen for patch in patches(700, 1300, 256)]
    assert len({tuple(side.stop - side.start for side in sides) for sides in seen}) == 1


def test_a_card_without_room_goes_on_with_smaller_tiles() -> None:
    """And remembers; what does not fit in the smallest is told."""

    class Crowded(Small):
        def _run(self, rgb: np.ndarray, factor: int, precision: str) -> np.ndarray:
            if max(rgb.shape[:2]) > limit:
                raise OutOfMemory("CUDA out of memory")
            return super()._run(rgb, factor, precision)

    rgb, limit = noise(200, 260), 140
    crowded = Crowded(512)
    large = crowded.enlarge(rgb, 2)
    assert np.abs(large.astype(int) - Small(1000).enlarge(rgb, 2)).max() <= 1
    assert crowded.largest <= 128
    limit = 100
    with pytest.raises(OutOfMemory):
        crowded.enlarge(rgb, 2)


def test_tiles_without_the_sitter_are_only_interpolated() -> None:
    small = Small(100)
    small._run = lambda *_: pytest.fail("asked the network")  # pyright: ignore[reportAttributeAccessIssue] - the fake
    assert small.enlarge(noise(30, 30), 2, where=np.zeros((30, 30), bool)).shape == (60, 60, 3)


def test_it_can_be_called_off_between_tiles() -> None:
    def tick(fraction: float) -> None:
        if fraction > 0:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        Small(100).enlarge(noise(200, 200), 4, tick)


def test_another_factor_is_refused() -> None:
    with pytest.raises(StudioFailed, match="cannot enlarge by 5"):
        Small(100).enlarge(noise(8, 8), 5)


def test_the_device_decides_who_enlarges(tmp_path: Path) -> None:
    assert type(upscaler_for("cpu", lambda name: tmp_path)) is Upscaler
    assert type(upscaler_for("cuda:0", absent)) is Upscaler
    assert type(upscaler_for("cuda:0", lambda name: tmp_path)) is GpuUpscaler


@pytest.fixture
def face(astronaut: Path, data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    import cv2

    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    landmarks = np.load(data_dir / "astronaut_landmarks.npy")
    return rgb[20:240, 100:350], landmarks[:, :2] - (100, 20)


def checks_of(source: np.ndarray, large: np.ndarray, points: np.ndarray) -> list[bool]:
    return [check.passed for check in superres._face_checks(source, large, points)]


def test_a_face_painted_smooth_gets_its_skin_back_and_the_rest_is_kept(
    face: tuple[np.ndarray, np.ndarray],
) -> None:
    import cv2

    rgb, points = face
    large = cv2.resize(rgb, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), 14)
    assert checks_of(rgb, smooth, points) == [False, False]
    kept, checks = keep_faces(rgb, smooth, [points])
    assert all(check.passed for check in checks)
    assert (kept[:, :60] == smooth[:, :60]).all()


def test_a_faithful_face_is_left_as_it_is(face: tuple[np.ndarray, np.ndarray]) -> None:
    import cv2

    rgb, points = face
    large = cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    kept, checks = keep_faces(rgb, large, [points])
    assert kept is large
    assert {check.name for check in checks} == {"upscale_structure", "upscale_skin"}


def test_nobody_in_the_picture_is_no_reason_to_touch_it() -> None:
    large = noise(8, 8)
    assert keep_faces(noise(4, 4), large, []) == (large, ())


@pytest.mark.slow
@pytest.mark.parametrize("net", ["realesr-general-x4v3", "realesrgan-x4plus"])
def test_the_real_networks_keep_a_real_face(
    net: superres.Net, weights: Callable[[str], Path], face: tuple[np.ndarray, np.ndarray]
) -> None:
    """The promise of the issue on a photo: structure >= .85, and skin that is not painted."""
    weights(net)
    rgb, points = face
    rgb, points = rgb[40:160, 65:185], points - (65, 40)
    large = GpuUpscaler(weights, "cpu", net).enlarge(rgb, 4)
    checks = keep_faces(rgb, large, [points], Upscaler(weights))[1]
    assert all(check.passed for check in checks)
