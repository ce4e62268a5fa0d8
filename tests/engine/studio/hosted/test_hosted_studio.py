"""A server draws, and what it draws goes through the same gates as every picture."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from support.images_server import KEY, Asked, ImagesServer, Said, picture, refusal

from engine.blobs import DiskBlobs
from engine.errors import JobCancelled, NoAdultFound, StudioFailed
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.studio.encode import source_type_of
from engine.studio.files import Files
from engine.studio.hosted.gates import Gates, Seen
from engine.studio.hosted.settings import Server
from engine.studio.hosted.studio import HostedStudio

SIZES = ((1026, 1368), (512, 512))
"""The first is the format and the size that is asked for here, so that nothing is enlarged."""


class Doorman(Gates):
    """Gates that turn away as many invented faces as they are told to."""

    too_young = 0

    def adult(self, rgb: np.ndarray, seen: Seen) -> bool:
        if self.too_young:
            self.too_young -= 1
            return False
        return super().adult(rgb, seen)


class Bench:
    """A studio, its server, and its blobs."""

    def __init__(self, folder: Path, weights: Callable[[str], Path], server: ImagesServer) -> None:
        self.blobs, self.server = DiskBlobs(folder / "blobs"), server
        known = Server(f"{server.url}/v1", "m", SIZES, KEY, price="0.04 USD", timeout_s=5)
        self.gates = Doorman(weights)
        self.embedded = EmbeddedStudio(self.blobs, weights)
        self.studio = HostedStudio(
            self.embedded, self.blobs, weights, known, Files(self.blobs), gates=self.gates
        )

    def source_type(self, blob: str) -> str | None:
        return source_type_of(self.blobs.get(blob))


@pytest.fixture(scope="module")
def bench_of(
    tmp_path_factory: pytest.TempPathFactory, weights: Callable[[str], Path], portrait: bytes
) -> Iterator[Bench]:
    with ImagesServer(picture(portrait)).open() as server:
        yield Bench(tmp_path_factory.mktemp("hosted"), weights, server)


@pytest.fixture
def bench(bench_of: Bench, portrait: bytes) -> Bench:
    """The module's studio, as on the first day."""
    bench_of.server.script = [picture(portrait)]
    bench_of.server.asked.clear()
    bench_of.gates.too_young = 0
    bench_of.studio.forget()
    return bench_of


@pytest.fixture(scope="session")
def portrait(astronaut: Path) -> bytes:
    """A real photograph, 1026x1368, as a server would send it."""
    return png(tall(read(astronaut)))


@pytest.fixture(scope="session")
def nobody() -> bytes:
    return png(np.full((1368, 1026, 3), 120, np.uint8))


def read(path: Path) -> np.ndarray:
    loaded = cv2.imread(str(path))
    assert loaded is not None
    return loaded


def tall(bgr: np.ndarray) -> np.ndarray:
    """A picture 1026 wide, cut or filled to 1368 pixels of height."""
    height = round(1026 * bgr.shape[0] / bgr.shape[1])
    wide = cv2.resize(bgr, (1026, height), interpolation=cv2.INTER_AREA)[:1368]
    return cv2.copyMakeBorder(wide, 0, 1368 - len(wide), 0, 0, cv2.BORDER_REPLICATE)


def png(bgr: np.ndarray) -> bytes:
    return cv2.imencode(".png", bgr)[1].tobytes()


def opened(data: bytes) -> np.ndarray:
    loaded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert loaded is not None
    return loaded


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """Nobody listens."""


def sent(operation: str = "generate", **more: object) -> Shot:
    shot = Shot("generate", 7, {"gender": "woman"}, prompt="a woman", scale=1, profile="hosted")
    return msgspec.structs.replace(shot, operation=operation, **more)


def test_a_picture_from_words_is_framed_proven_and_labelled(bench: Bench) -> None:
    """Exact format, the promised size, an honest label, and no key anywhere."""
    looks: list[str] = []

    def watch(step: str, fraction: float = 0.0, preview: str = "") -> None:
        looks.extend([preview] if preview else [])

    render = bench.studio.render(sent(), watch)
    assert (render.width, render.height) == (1026, 1368)
    assert bench.source_type(render.blob) == "trainedAlgorithmicMedia"
    assert all(check.passed for check in render.checks)
    assert looks, "a first look is shown while it is enlarged"
    assert list(render.timings) == list(bench.studio.steps(sent())), "as announced"
    assert render.versions["profile"] == "hosted"
    assert render.versions["model"] == "m"
    assert KEY not in msgspec.json.encode(render).decode()


def test_without_a_yes_nothing_is_sent_and_the_rest_is_refused(bench: Bench) -> None:
    """The profile says that the person agreed; no setting of the studio stands in for that."""
    photo = bench.blobs.put(b"not even looked at", "png")
    for operation in ("edit", "vary", "inpaint"):
        with pytest.raises(StudioFailed) as caught:
            bench.studio.render(sent(operation, source=photo, profile=""), silent)
        assert caught.value.code == "outside_not_agreed"
    assert bench.studio.steps(sent(profile="")) == bench.embedded.steps(sent(profile=""))
    assert not bench.server.asked


def test_what_stays_here_stays_here(bench: Bench, portrait: bytes) -> None:
    """A print, a swap or a cut-out never leaves, whatever its profile says."""
    source = bench.blobs.put(portrait, "png")
    made = bench.studio.render(sent("print", source=source, spec={"size": "4x6"}), silent)
    assert made.model == "print"
    for operation in ("swap", "cutout", "print", "upscale", "contact-sheet"):
        assert "step_hosted" not in bench.studio.steps(sent(operation))
    assert "step_hosted" not in bench.studio.steps(sent(backdrop=Backdrop("own", "picture")))
    assert not bench.server.asked


def test_a_young_face_is_drawn_again_and_then_again_at_most(bench: Bench) -> None:
    """Each costs money: three attempts, then the truth."""
    bench.gates.too_young = 2
    bench.studio.render(sent(), silent)
    prompts = [asked.fields["prompt"] for asked in bench.server.asked]
    assert len(prompts) == 3
    assert [p.startswith("A clearly grown adult") for p in prompts] == [False, True, True]
    bench.studio.forget()
    bench.gates.too_young = 9
    with pytest.raises(NoAdultFound):
        bench.studio.render(sent(), silent)
    assert len(bench.server.asked) == 6


def test_a_childs_age_is_refused_before_anything_is_sent(bench: Bench) -> None:
    with pytest.raises(NoAdultFound):
        bench.studio.render(sent(spec={"age": "12"}), silent)
    assert not bench.server.asked


def test_a_picture_without_a_face_is_not_shown(bench: Bench, nobody: bytes) -> None:
    bench.server.script = [picture(nobody)]
    with pytest.raises(StudioFailed) as caught:
        bench.studio.render(sent(), silent)
    assert caught.value.code == "images_no_face"
    assert len(bench.server.asked) == 3


@pytest.mark.parametrize("data", [b"no picture", png(np.zeros((40, 40, 3), np.uint8))])
def test_what_is_no_picture_is_said_to_be_none(bench: Bench, data: bytes) -> None:
    bench.server.script = [picture(data)]
    with pytest.raises(StudioFailed) as caught:
        bench.studio.render(sent(), silent)
    assert caught.value.code == "images_bad_answer"


def test_a_truncated_picture_is_said_to_be_none(bench: Bench, portrait: bytes) -> None:
    bench.server.script = [picture(portrait[: len(portrait) // 2])]
    with pytest.raises(StudioFailed) as caught:
        bench.studio.render(sent(), silent)
    assert caught.value.code == "images_bad_answer"


def test_an_edit_of_a_real_person_is_labelled_and_its_likeness_measured(
    bench: Bench, astronaut: Path
) -> None:
    photo = bench.studio.receive(astronaut.read_bytes())
    render = bench.studio.render(sent("edit", source=photo.blob), silent)
    assert bench.source_type(render.blob) == "compositeWithTrainedAlgorithmicMedia"
    (likeness,) = [check for check in render.checks if check.name == "likeness"]
    assert likeness.passed
    (asked,) = bench.server.asked
    assert asked.path.endswith("/images/edits")
    (selfie,) = asked.files["image"]
    seen = opened(selfie)
    assert seen.shape[:2] == (512, 512)


def test_somebody_else_in_the_answer_is_told(bench: Bench, astronaut: Path, data_dir: Path) -> None:
    """The server made another person of them: said in words, not hidden."""
    photo = bench.studio.receive(astronaut.read_bytes())
    bench.server.script = [picture(png(tall(read(data_dir / "grace_hopper.jpg"))))]
    render = bench.studio.render(sent("edit", source=photo.blob), silent)
    assert "check_likeness" in render.notes


def test_a_variation_of_an_invented_picture_is_invented(bench: Bench) -> None:
    first = bench.studio.render(sent(), silent)
    bench.gates.too_young = 1
    varied = bench.studio.render(sent("vary", source=first.blob, change="strong"), silent)
    assert bench.source_type(varied.blob) == "trainedAlgorithmicMedia"
    assert [a.path.rpartition("/")[2] for a in bench.server.asked] == [
        "generations", "edits", "edits",
    ]  # fmt: skip


def test_repainting_leaves_what_is_outside_the_mask(bench: Bench, portrait: bytes) -> None:
    photo = bench.blobs.put(portrait, "png")
    mask = np.zeros((1368, 1026), np.uint8)
    mask[1000:] = 255
    bench.server.script = [picture(png(np.full((1368, 1026, 3), 40, np.uint8)))]
    shot = sent("inpaint", source=photo, mask=bench.blobs.put(png(mask), "png"))
    render = bench.studio.render(shot, silent)
    made = read(bench.blobs.path(render.blob))
    before = opened(portrait)
    assert made.shape == before.shape
    assert (made[:1000] == before[:1000]).all()
    assert (made[1250:, 300:400] == 40).all()
    assert set(bench.server.asked[0].files) == {"image", "mask"}


def test_the_sitter_of_a_set_stays_the_same_person(bench: Bench) -> None:
    """A server knows no seeds: the next frame is made from the first."""
    bench.studio.render(sent(), silent)
    bench.studio.render(sent(prompt="the same, in a coat"), silent)
    bench.studio.render(sent(seed=8), silent)
    paths = [asked.path.rpartition("/")[2] for asked in bench.server.asked]
    assert paths == ["generations", "edits", "generations"]


def test_a_server_that_cannot_edit_gives_another_sitter_and_it_is_said(
    bench: Bench, portrait: bytes
) -> None:
    def no_edits(asked: Asked) -> Said:
        return refusal(404) if asked.path.endswith("/edits") else picture(portrait)

    bench.server.script = [no_edits]
    assert "note_other_sitter" not in bench.studio.render(sent(), silent).notes
    assert "note_other_sitter" in bench.studio.render(sent(prompt="in a coat"), silent).notes


@pytest.mark.slow
def test_a_small_answer_is_enlarged_to_the_size_that_is_promised(
    bench: Bench, portrait: bytes
) -> None:
    small = cv2.resize(opened(portrait), (513, 700))
    bench.server.script = [picture(png(small))]
    render = bench.studio.render(sent(aspect="4:5"), silent)
    assert (render.width * 5, render.height) == (render.height * 4, 1370)


def test_calling_off_while_the_server_draws_ends_at_once(bench: Bench, portrait: bytes) -> None:
    bench.server.script = [Said(delay=1.0, body=picture(portrait).body)]

    def stop(step: str, fraction: float = 0.0, preview: str = "") -> None:
        if step == "step_hosted" and fraction:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        bench.studio.render(sent(), stop)


def test_capabilities_say_where_pictures_go_what_they_cost_and_what_stays(bench: Bench) -> None:
    can = bench.studio.capabilities()
    assert can.outside
    assert can.outside.host == bench.server.url.removeprefix("http://")
    assert can.outside.price == "0.04 USD"
    assert not can.not_honoured("generate", {"wardrobe": "a red coat", "pose": "arms crossed"})
    assert can.not_honoured("generate", {"aspect": "16:9"}) == ("aspect",)
    assert can.here() == bench.embedded.capabilities().__class__(
        **{**msgspec.structs.asdict(bench.embedded.capabilities()), "studio": "hosted"}
    )
    assert KEY not in json.dumps(msgspec.to_builtins(can))
