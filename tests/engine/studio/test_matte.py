"""Who is cut out, by which network, how often it looks; truths are drawn, networks are fakes."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.closed_form import closed_form
from engine.studio.cutout import cutout_png
from engine.studio.edge import refine
from engine.studio.faces import Anatomy, FaceFinder, anatomy
from engine.studio.haze import without_smoke
from engine.studio.matte import Matter, disagreement, is_cut_out
from engine.studio.networks import Cutter, _session_class, providers

LEFT = Anatomy(eyes=(150, 90), eye_distance=30, chin=130, width=60)
RIGHT = Anatomy(eyes=(400, 90), eye_distance=30, chin=130, width=60)
SIZE = (300, 560)


def bust(x: int) -> np.ndarray:
    """A head on shoulders around column `x`, float32 300x560."""
    alpha = np.zeros(SIZE, np.float32)
    cv2.ellipse(alpha, (x, 90), (38, 52), 0, 0, 360, 1, -1)
    cv2.rectangle(alpha, (x - 20, 120), (x + 20, 190), 1, -1)
    cv2.ellipse(alpha, (x, 320), (105, 150), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 1.2)


def picture(alpha: np.ndarray) -> np.ndarray:
    """Dark people before a pale wall, uint8."""
    return (225 - 165 * alpha[..., None] * np.ones(3)).astype(np.uint8)


class Seer:
    """Stands for a network: sees what it is told to, and counts how often it is asked."""

    def __init__(self, answer: Callable[[np.ndarray], np.ndarray]) -> None:
        self._answer = answer
        self.looks: list[tuple[int, int]] = []

    def predict(self, rgb: np.ndarray) -> np.ndarray:
        self.looks.append(rgb.shape[:2])
        return self._answer(rgb).astype(np.float32)

    def find(self, rgb: np.ndarray, anatomy: Anatomy) -> np.ndarray:
        """As the second opinion: sure of the person around this face."""
        columns = np.abs(np.arange(rgb.shape[1]) - anatomy.eyes[0]) < 125
        return np.where(columns[None], self._answer(rgb), 0.5).astype(np.float32)


def dark(rgb: np.ndarray) -> np.ndarray:
    return np.clip((225 - rgb[..., 0].astype(np.float32)) / 165, 0, 1)


def matter(seer: Seer, opinion: Seer | None = None) -> Matter:
    """A matter whose networks are fakes."""
    made = Matter(Path)
    made._cutter, made._person = seer, opinion or seer  # type: ignore[assignment]  # fakes
    return made


def test_one_of_two_is_cut_out_and_a_group_keeps_both() -> None:
    """The same photo: with one face one person, with two faces both, each whole."""
    both = np.maximum(bust(150), bust(400))
    seer = Seer(dark)
    alone = matter(seer).alpha(picture(both), LEFT)
    assert alone[90, 150] > 0.95
    assert alone[90, 400] < 0.05
    group = matter(seer).group_alpha(picture(both), [LEFT, RIGHT])
    assert min(group[90, 150], group[90, 400], group[280, 150], group[280, 400]) > 0.95
    assert group[20, 275] < 0.02


def test_a_bystander_apart_from_the_group_goes() -> None:
    """Whoever has no face in the list and touches nobody is dropped."""
    photo = picture(np.maximum(bust(150), bust(400)))
    assert matter(Seer(dark)).group_alpha(photo, [LEFT])[90, 400] < 0.05


def test_a_group_of_any_size_costs_at_most_two_looks() -> None:
    seer = Seer(dark)
    matter(seer).group_alpha(picture(np.maximum(bust(150), bust(400))), [LEFT, RIGHT])
    assert len(seer.looks) <= 2
    with pytest.raises(ValueError, match="nobody"):
        matter(seer).group_alpha(picture(bust(150)), [])


def test_a_portrait_both_networks_agree_on_is_looked_at_once() -> None:
    """The second look costs as much as everything else together."""
    seer = Seer(dark)
    close = picture(bust(150))[:, :300]
    assert matter(seer).alpha(close, LEFT)[90, 150] > 0.95
    assert len(seer.looks) == 1


def test_a_doubtful_look_gives_way_to_a_better_one() -> None:
    """A face that fills the frame is taken for no subject at all, until it gets some air."""
    close = picture(bust(150))[20:200, 80:220]
    face = Anatomy(eyes=(70, 70), eye_distance=30, chin=110, width=60)
    seer = Seer(lambda rgb: dark(rgb) * (rgb.shape[1] > 150))
    assert matter(seer, Seer(dark)).alpha(close, face)[70, 70] > 0.9
    assert len(seer.looks) == 2


def test_a_worse_second_look_is_not_taken() -> None:
    """With a busy wall the repeated rim is taken for a thing: then the first look stays."""
    close = picture(bust(150))[20:200, 80:220]
    face = Anatomy(eyes=(70, 70), eye_distance=30, chin=110, width=60)
    half = Seer(lambda rgb: np.full(rgb.shape[:2], 1.0) if rgb.shape[1] > 150 else 0.7 * dark(rgb))
    alpha = matter(half, Seer(dark)).alpha(close, face)
    assert len(half.looks) == 2
    assert alpha[10, 5] < 0.1


def test_a_photos_own_transparency_is_respected() -> None:
    """A transparent PNG is already cut out: no network is asked, and what floats goes."""
    seer, given = Seer(dark), bust(150)
    given[10:14, 500:504] = 1
    kept = matter(seer).alpha(picture(bust(150)), LEFT, given)
    assert not seer.looks
    assert np.abs(kept - bust(150)).max() < 0.15
    assert kept[12, 502] == 0


@pytest.mark.parametrize("given", [np.ones(SIZE, np.float32), 1 - bust(150)])
def test_transparency_that_cuts_nobody_out_is_ignored(given: np.ndarray) -> None:
    """An opaque PNG, or a hole where the face should be, is no cut-out."""
    assert not is_cut_out(given, [LEFT])
    seer = Seer(dark)
    assert matter(seer).alpha(picture(bust(150)), LEFT, given)[90, 150] > 0.95
    assert seer.looks


def test_disagreement_is_zero_for_twins_and_large_for_strangers() -> None:
    assert disagreement(bust(150), bust(150)) < 0.01
    assert disagreement(bust(150), bust(400)) > 0.5
    assert disagreement(bust(150), np.full(SIZE, 0.5, np.float32)) < 1e-5


def test_strands_are_drawn_where_the_network_saw_a_blur() -> None:
    """Fine hair against a plain wall: the edge comes nearer to the truth than the mask was."""
    truth = bust(150)
    for x in range(118, 184, 6):
        cv2.line(truth, (x, 60), (x + (x - 150) // 4, 26), 0.8, 1)
    truth = cv2.GaussianBlur(truth, (0, 0), 0.6)
    rough = cv2.GaussianBlur(truth, (0, 0), 5)
    fine = refine(picture(truth), rough, [LEFT], np.zeros(SIZE, np.float32))
    head = np.s_[20:70, 105:195]
    assert np.abs(fine - truth)[head].mean() < 0.6 * np.abs(rough - truth)[head].mean()


def test_closed_form_fills_a_band_between_two_colours() -> None:
    """On an affine mix of two colours it finds the mix, and leaves the known alone."""
    ramp = np.clip((np.arange(80, dtype=np.float32) - 34) / 12, 0, 1)[None].repeat(40, 0)
    rgb = (ramp[..., None] * (200, 40, 30) + (1 - ramp[..., None]) * (20, 90, 220)).astype(np.uint8)
    unknown = (ramp > 0) & (ramp < 1)
    unknown[:2], unknown[-2:] = False, False
    prior = np.where(unknown, ramp > 0.5, ramp).astype(np.float32)
    solved = closed_form(rgb, prior, unknown, trust=1e-4)
    assert np.abs(solved - ramp)[5:-5].mean() < 0.3 * np.abs(prior - ramp)[5:-5].mean()
    assert (solved[~unknown] == prior[~unknown]).all()
    assert closed_form(rgb, prior, np.zeros_like(unknown)) is prior


def test_smoke_and_islands_go_and_a_strand_stays() -> None:
    """Faint alpha far from the head is haze; beside it, it is hair."""
    alpha = bust(150)
    alpha[30:120, 250:300] = 0.08
    alpha[40:44, 330:334] = 1
    cv2.line(alpha, (184, 70), (196, 56), 0.35, 1)
    clean = without_smoke(alpha, 60)
    assert clean[75, 275] < 0.03
    assert clean[42, 332] == 0
    assert clean[58, 194] > 0.2


def test_a_cutout_shows_nothing_of_the_old_background() -> None:
    """Straight alpha at full size; what is transparent is black, edges are the person's colour."""
    alpha = bust(150)
    green = np.array((20, 240, 40), np.float32)
    photo = (alpha[..., None] * np.array((120, 60, 40)) + (1 - alpha[..., None]) * green).astype(
        np.uint8
    )
    cut = cutout_png(photo, alpha, 60)
    assert cut.shape == (*SIZE, 4)
    assert cut.dtype == np.uint8
    assert (cut[cut[..., 3] == 0] == 0).all()
    edge = (cut[..., 3] > 100) & (cut[..., 3] < 200)
    assert cut[..., 1][edge].mean() < 90
    assert cutout_png(photo, np.zeros_like(alpha)).max() == 0


def test_only_birefnet_asks_for_the_gpu() -> None:
    """A U-2-Net is quick on any processor; BiRefNet falls back to it where there is no GPU."""
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert providers("birefnet-portrait", both) == both
    assert providers("birefnet-portrait", ["CPUExecutionProvider"]) == ["CPUExecutionProvider"]
    assert providers("u2net", both) == ["CPUExecutionProvider"]


class Tiny:
    """Stands for an onnxruntime session of BiRefNet: sure of the left half."""

    def get_inputs(self) -> list[object]:
        return [type("Input", (), {"name": "picture"})()]

    def run(self, _: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert feed["picture"].shape == (1, 3, 1024, 1024)
        logits = np.full((1, 1, 1024, 1024), -9, np.float32)
        logits[..., :512] = 9
        return [logits]


def test_birefnets_answer_becomes_a_matte() -> None:
    """rembg's own class for it, with a fake network of the same inputs and outputs."""
    kind = _session_class("birefnet-portrait")
    session = kind.__new__(kind)
    session.inner_session = Tiny()
    cutter = Cutter(Path, "birefnet-portrait")
    cutter._session = session
    mask = cutter.predict(np.zeros((90, 200, 3), np.uint8) + 7)
    assert mask.shape == (90, 200)
    assert mask[:, :80].min() > 0.95
    assert mask[:, 120:].max() < 0.05


def test_the_astronaut_is_whole_and_the_flag_is_gone(
    astronaut: Path, weights: Callable[[str], Path]
) -> None:
    """A real photo with the light network: face, hair and suit stay; flag and shuttle go."""
    rgb = np.asarray(Image.open(astronaut).convert("RGB"))
    finder = FaceFinder(weights)
    body = anatomy(finder.landmarks(rgb, finder.find(rgb)[0]))
    alpha = Matter(weights, "u2netp").alpha(rgb, body)
    assert alpha[int(body.eyes[1]), int(body.eyes[0])] > 0.98
    assert alpha[500, 200] > 0.95
    assert alpha[100, 20] < 0.05
    assert alpha[100, 420] < 0.05
