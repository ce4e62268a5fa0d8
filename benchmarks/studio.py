"""What a picture costs, against what one would do without a studio.

The baseline is the same cut-out network through rembg, a Pillow paste on a flat colour and a
Lanczos resize to the same size: no light, no clean edge, no super-resolution. All in one run on one
machine, so that the ratios hold when the seconds do not.

    python -m benchmarks.studio [RUNS]
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from bot.config import load_settings
from engine.blobs import DiskBlobs
from engine.shots import Backdrop, Scalar, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.studio.matte import Matter
from engine.weights import Weights

PHOTO = Path(__file__).parents[1] / "tests/data/astronaut.png"
SIZE = (2049, 2732)
CANVAS = Backdrop("canvas-dark", "canvas", "#3b342d", "#6b5f52")
GREY = Backdrop("seamless-grey", "seamless", "#9a9a9c")


def quiet(step: str, fraction: float = 0.0, preview: str = "") -> None:
    pass


def seconds(work: Callable[[int], object], runs: int) -> float:
    """Median wall seconds; `work` is told which run it is, to get around caches."""
    taken = []
    for number in range(runs):
        begun = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def paste(matter: Matter, photo: bytes) -> bytes:
    """The baseline: cut out, paste, enlarge, save."""
    from PIL import Image

    picture = Image.open(BytesIO(photo)).convert("RGB")
    # The baseline shares the network, nothing else.
    mask = matter._cutter.load().predict(picture)[0]
    flat = Image.new("RGB", picture.size, GREY.colour)
    flat.paste(picture, mask=mask)
    width = round(picture.height * SIZE[0] / SIZE[1])
    left = (picture.width - width) // 2
    framed = flat.crop((left, 0, left + width, picture.height)).resize(SIZE)
    out = BytesIO()
    framed.save(out, "PNG")
    return out.getvalue()


def twelve_megapixels() -> bytes:
    """The portrait as a phone's whole sensor gives it: a 3024 x 4032 JPEG."""
    from PIL import Image

    photo = Image.open(PHOTO).convert("RGB").crop((64, 0, 448, 512))
    out = BytesIO()
    photo.resize((3024, 4032), Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


def main(runs: int) -> None:
    weights = Weights(load_settings(None).models_dir).path
    photo = PHOTO.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        studio = EmbeddedStudio(DiskBlobs(Path(folder)), weights)
        source = studio.receive(photo).blob
        woman: dict[str, Scalar] = {"gender": "woman", "age": "30s"}

        def portrait(number: int) -> object:
            return studio.render(Shot("generate", 100 + number, woman, GREY), quiet)

        def swap(_: int) -> object:
            studio.forget()
            return studio.render(Shot("swap", 1, {}, CANVAS, source=source), quiet)

        def other(number: int) -> object:
            return studio.render(Shot("swap", number, {}, GREY, source=source), quiet)

        sensor, matter = twelve_megapixels(), Matter(weights)
        paste(matter, photo)
        rows = {
            "rembg + Pillow paste, interpolated": seconds(lambda _: paste(matter, photo), runs),
            "first portrait from words (models load)": seconds(portrait, 1),
            "portrait from words": seconds(lambda n: portrait(n + 1), runs),
            "12 megapixels received, read and advised": seconds(
                lambda _: studio.receive(sensor), runs
            ),
            "new backdrop for a photo": seconds(swap, runs),
            "the same photo, another backdrop": seconds(other, runs),
        }
    base = next(iter(rows.values()))
    print(f"{SIZE[0]}x{SIZE[1]} pixels, median of {runs} runs")
    for name, value in rows.items():
        print(f"{name:44} {value:6.2f} s   {value / base:5.1f} x")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
