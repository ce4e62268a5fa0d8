"""Test photos whose true matte and clean foreground are known.

Portraits of people who do not exist are drawn by the sampler, cut out with care from their calm
backdrops (closed form in a wide band), and laid in linear light on photographs and painted
interiors, with sensor noise and JPEG as from a phone. The sampler's weights are non-commercial, so
nothing made here is ever committed: the pictures lie in the machine's temporary folder.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from benchmarks._rooms import ROOMS, room
from bot.config import load_settings
from engine.studio.closed_form import closed_form
from engine.studio.colour import to_linear, to_srgb
from engine.studio.faces import Anatomy, FaceFinder, anatomy
from engine.studio.foreground import estimate_foreground
from engine.studio.generate.atlas import Atlas, load_atlas
from engine.studio.generate.nets import FaceNets
from engine.studio.generate.traits import HAIRS, SKINS
from engine.studio.matte import Matter
from engine.studio.mend import disc, only_the_sitter, reaches_lower_edge
from engine.weights import Weights

EDITION = 2
CACHE = Path(tempfile.gettempdir()) / f"northlight-sitters-{EDITION}"
DATA = Path(__file__).parents[1] / "tests/data"
KINDS = (*HAIRS, "bald")
LOOSE = 7.0
"""Soft pixels per pixel of outline from which hair counts as loose; about the set's median."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """One test photo: `photo`, `foreground` and `background` uint8 HxWx3, `alpha` float32 HxW 0..1.

    `skin` is light, medium or dark, `hair` one of `KINDS`, `texture` sleek or loose, `room` what
    stands behind. A real photo has no truth: those pictures are None, the rest is "".
    """

    name: str
    photo: np.ndarray
    alpha: np.ndarray | None = None
    foreground: np.ndarray | None = None
    background: np.ndarray | None = None
    skin: str = ""
    hair: str = ""
    texture: Literal["sleek", "loose", ""] = ""
    room: str = ""


def sitters(count: int = 24, progress: Callable[[str], None] = print) -> Iterator[Sitter]:
    """The first `count` of the set, always the same; drawn once (about 4 s each), then read back.

    Raises:
        engine.errors.WeightsMissing: A network is not on this machine.
    """
    missing = [n for n in range(count) if not (CACHE / f"{n:02d}-photo.png").exists()]
    if missing:
        progress(f"drawing {len(missing)} sitters into {CACHE}")
        _draw(count, missing)
    for number in range(count):
        yield _read(number)


def real() -> Iterator[Sitter]:
    """The repository's own photographs, without truth."""
    for name in ("astronaut.png", "grace_hopper.jpg"):
        yield Sitter(name.split(".")[0], _load(DATA / name))


def _draw(count: int, missing: list[int]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    weights = Weights(load_settings(None).models_dir).path
    nets, finder, matter = FaceNets(weights, threads=1), FaceFinder(weights), Matter(weights)
    atlas = load_atlas()
    chosen = _choice(atlas, count)
    for number in missing:
        for entry in chosen[number]:
            drawn = nets.portrait(atlas.latents[entry])
            faces = finder.find(drawn)
            if len(faces) != 1:
                continue
            body = anatomy(finder.landmarks(drawn, faces[0]))
            alpha = _truth(drawn, body, matter)
            if reaches_lower_edge(alpha, body):
                _write(number, drawn, alpha, body)
                break


def _choice(atlas: Atlas, count: int) -> list[np.ndarray]:
    """For each number the entries to try, in order: skin and hair take turns, ages vary."""
    rng = np.random.default_rng(EDITION)
    order = np.argsort(atlas.flaw + rng.random(len(atlas)), kind="stable")
    chosen, used = [], set()
    for number in range(count):
        wanted = _kind(atlas, number)
        alike = [e for e in order if (KINDS[atlas.hair[e]], SKINS[atlas.skin[e]]) == wanted]
        fits = [e for e in alike if e not in used][:3]
        used.update(fits)
        chosen.append(np.array(fits))
    return chosen


def _kind(atlas: Atlas, number: int) -> tuple[str, str]:
    """Hair and skin of a number: the skins take turns, and within each the hair it comes with."""
    skin = number % len(SKINS)
    hairs = [
        hair
        for code, hair in enumerate(KINDS)
        if ((atlas.hair == code) & (atlas.skin == skin)).sum() >= 8
    ]
    return hairs[number // len(SKINS) % len(hairs)], SKINS[skin]


def _truth(drawn: np.ndarray, body: Anatomy, matter: Matter) -> np.ndarray:
    """A hair-fine matte of a portrait on a calm backdrop: float32 HxW."""
    rough = matter.alpha(drawn, body)
    reach = round(0.07 * body.width)
    sure = cv2.erode((rough > 0.9).astype(np.uint8), disc(round(0.035 * body.width)))
    none = 1 - cv2.dilate((rough > 0.1).astype(np.uint8), disc(reach))
    rows = np.arange(drawn.shape[0])[:, None] < body.chin + 0.4 * body.width
    wide = (sure == 0) & (none == 0) & rows
    fine = closed_form(drawn, rough, wide, trust=3e-4)
    fine = np.clip((fine - 0.06) / 0.86, 0, 1)
    return only_the_sitter(fine, body).astype(np.float32)


def _write(number: int, drawn: np.ndarray, alpha: np.ndarray, body: Anatomy) -> None:
    from engine.studio.subject import _to_bytes

    rng = np.random.default_rng([EDITION, number])
    alpha = _to_bytes(alpha)
    share = alpha.astype(np.float32) / 255
    clean = estimate_foreground(to_linear(drawn), share, body.width)
    foreground = _to_bytes(to_srgb(clean))
    behind = room(ROOMS[number % len(ROOMS)], drawn.shape[0], rng)
    light = to_linear(foreground) * share[..., None] + to_linear(behind) * (1 - share[..., None])
    for name, layer in (
        ("alpha", alpha),
        ("foreground", foreground[..., ::-1]),
        ("background", behind[..., ::-1]),
        ("photo", phone(light, rng)[..., ::-1]),
    ):
        cv2.imwrite(str(CACHE / f"{number:02d}-{name}.png"), layer)


def phone(linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a phone makes of linear light HxWx3: photon and read noise, sRGB, JPEG; uint8."""
    spread = np.sqrt(np.maximum(linear, 0) * 1.5e-4 + 2e-6)
    noisy = linear + spread * rng.standard_normal(linear.shape, np.float32)
    levels = (to_srgb(noisy) * 255 + 0.5).astype(np.uint8)
    quality = int(rng.integers(84, 94))
    packed = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    photo = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert photo is not None
    return np.ascontiguousarray(photo[..., ::-1])


def _read(number: int) -> Sitter:
    atlas = load_atlas()
    hair, skin = _kind(atlas, number)
    alpha = cv2.imread(str(CACHE / f"{number:02d}-alpha.png"), cv2.IMREAD_GRAYSCALE)
    assert alpha is not None
    alpha = alpha.astype(np.float32) / 255
    behind = ROOMS[number % len(ROOMS)]
    return Sitter(
        f"{number:02d}-{skin}-{hair}-{behind}",
        _load(CACHE / f"{number:02d}-photo.png"),
        alpha,
        _load(CACHE / f"{number:02d}-foreground.png"),
        _load(CACHE / f"{number:02d}-background.png"),
        skin,
        hair,
        "loose" if softness(alpha) > LOOSE else "sleek",
        behind,
    )


def softness(alpha: np.ndarray) -> float:
    """Half-transparent pixels per pixel of outline in the upper two thirds."""
    upper = alpha[: round(alpha.shape[0] * 0.67)]
    outline = cv2.morphologyEx(
        (upper > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)
    )
    return float(((upper > 0.05) & (upper < 0.95)).sum() / max(1, outline.sum()))


def _load(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None, path
    return np.ascontiguousarray(picture[..., ::-1])


if __name__ == "__main__":
    for one in sitters():
        print(one.name, one.texture, round(softness(one.alpha), 1) if one.alpha is not None else "")
