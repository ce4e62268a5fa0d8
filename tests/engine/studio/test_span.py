"""SPAN out of ncnn's files gives what ncnn gives."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.studio.span import load_span


@pytest.mark.parametrize(("name", "factor"), [("span-x2", 2), ("span-x4", 4)])
def test_it_agrees_with_ncnn(weights, astronaut, name: str, factor: int) -> None:  # noqa: ANN001
    """The same network, only sooner: within 1 of 255."""
    ncnn = pytest.importorskip("ncnn")
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    planes = np.ascontiguousarray(bgr[60:124, 170:250, ::-1].transpose(2, 0, 1), np.float32) / 255
    folder = weights(name)
    net = ncnn.Net()
    net.opt.use_fp16_arithmetic = False
    net.load_param(str(next(folder.glob("*.param"))))
    net.load_model(str(next(folder.glob("*.bin"))))
    run = net.create_extractor()
    run.input(net.input_names()[0], ncnn.Mat(planes))
    wanted = np.array(run.extract(net.output_names()[0])[1])
    got = load_span(folder)(planes[None])[0][0]
    assert got.shape == (3, 64 * factor, 80 * factor)
    assert np.abs(got - wanted).max() * 255 <= 1


def test_a_layer_it_does_not_know_is_refused(tmp_path: Path) -> None:
    """Another network's file is not run half."""
    (tmp_path / "a.param").write_text("7767517\n1 1\nWarp here 0 1 data\n")
    (tmp_path / "a.bin").write_bytes(b"")
    with pytest.raises(StudioFailed):
        load_span(tmp_path)
