"""First looks while the picture is still noise, made off the denoising thread.

Latents become colours through a linear map. Its coefficients are nobody's table: they are fitted
to the model's own autoencoder, by least squares, from procedural pictures sent through its encoder
(`fit`), so that fine-tuned and unknown autoencoders are right too. Where a tiny autoencoder of the
right kind lies in the models folder (`tiny_decoder`), it draws the looks instead.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.studio.diffusion.libraries import diffusers

if TYPE_CHECKING:
    import numpy as np
    import torch

    from engine.studio.diffusion.pipelines import Pipeline

log = logging.getLogger(__name__)

INTERVAL_S = 0.7
LONG_SIDE = 512
"""Pixels of a look's longer side."""
CHART, CHARTS = 256, 4
"""Side in pixels, and number, of the pictures that the map is fitted to."""
RIDGE = 1e-3

Decode = Callable[["torch.Tensor"], "torch.Tensor"]
"""Plain latents (B, C, h, w) to colours (B, 3, h', w') in 0..1."""


@dataclass(frozen=True)
class Linear:
    """colour = latents @ matrix + bias; matrix (C, 3), bias (3,)."""

    matrix: "torch.Tensor"
    bias: "torch.Tensor"

    def __call__(self, plain: "torch.Tensor") -> "torch.Tensor":
        """One colour for each place of the latents."""
        import torch

        colours = torch.einsum("bchw,cd->bdhw", plain.float(), self.matrix.to(plain.device))
        return (colours + self.bias.to(plain.device)[:, None, None]).clamp(0, 1)


def fit(encode: Decode, device: str = "cpu") -> Linear:
    """The linear map of an autoencoder. `encode` takes (B, 3, H, W) in -1..1.

    Ridge regression of the charts' colours, averaged over what one latent covers, on the latents.
    """
    import torch

    charts = _charts()
    latents = encode((charts * 2 - 1).to(device)).float().cpu()
    colours = torch.nn.functional.adaptive_avg_pool2d(charts, (latents.shape[2], latents.shape[3]))
    x = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]).double()
    y = colours.permute(0, 2, 3, 1).reshape(-1, 3).double()
    centre, mean = x.mean(0), y.mean(0)
    x, y = x - centre, y - mean
    gram = x.T @ x
    damped = gram + RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    matrix = torch.linalg.solve(damped, x.T @ y)
    return Linear(matrix.float(), (mean - centre @ matrix).float())


def _charts() -> "torch.Tensor":
    """Soft colour fields with a little texture, (B, 3, H, W) in 0..1, always the same."""
    import torch

    chance = torch.Generator().manual_seed(0)

    def field(size: int) -> "torch.Tensor":
        coarse = torch.rand((CHARTS, 3, size, size), generator=chance)
        return torch.nn.functional.interpolate(coarse, (CHART, CHART), mode="bicubic")

    return (0.75 * field(5) + 0.2 * field(17) + 0.05 * field(128)).clamp(0, 1)


def tiny_decoder(folder: Path, channels: int, device: str) -> Decode | None:
    """The tiny autoencoder in a folder, where there is one that fits; else None.

    Those of Stable Diffusion and FLUX.1 take latents as they are walked.
    """
    if not (folder / "config.json").is_file():
        return None
    try:
        made = diffusers().AutoencoderTiny.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        log.warning("%s cannot be used for previews: %s", folder.name, error)
        return None
    if made.config.latent_channels != channels:
        log.warning("%s has %s channels", folder.name, made.config.latent_channels)
        return None
    made.to(device)

    def decode(plain: "torch.Tensor") -> "torch.Tensor":
        return (made.decode(plain.to(made.dtype)).sample.float() / 2 + 0.5).clamp(0, 1)

    return decode


def decoder_of(pipeline: "Pipeline", tiny: Path | None = None) -> Decode:
    """How this pipeline's looks are made, found once and kept on it.

    `tiny` is the folder of a tiny autoencoder, if there may be one.
    """
    import torch

    if pipeline.look is None:
        family, pipe = pipeline.family, pipeline.pipe
        device = str(pipe._execution_device)
        if tiny:
            channels = family.shape(pipe, 64, 64)[0]
            pipeline.look = tiny_decoder(tiny, channels, device)
        if pipeline.look is None:
            with torch.no_grad():
                pipeline.look = fit(lambda x: family.encode(pipe, x), device)
    return pipeline.look


class Previewer:
    """Shows looks of a batch: at once after the first step, then at most every 0.7 s.

    `show(member, rgb)` is called on a thread of its own with uint8 HxWx3; what it raises is logged
    and forgotten. Looks that come while one is being made are left out.
    """

    def __init__(
        self,
        show: Callable[[int, "np.ndarray"], None],
        interval_s: float = INTERVAL_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show, self._interval_s, self._now = show, interval_s, now
        self._due = 0.0
        self._busy = threading.Event()
        self._thread = ThreadPoolExecutor(1, "previews")

    def due(self) -> bool:
        """Whether it is time for another look."""
        return not self._busy.is_set() and self._now() >= self._due

    def offer(self, members: list[int], colours: "torch.Tensor") -> None:
        """Show these, (B, 3, h, w) in 0..1, one for each member."""
        self._due = self._now() + self._interval_s
        self._busy.set()
        self._thread.submit(self._make, members, colours)

    def close(self) -> None:
        """Wait for the look in hand; show no more."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _make(self, members: list[int], colours: "torch.Tensor") -> None:
        try:
            for member, each in zip(members, colours, strict=True):
                self._show(member, enlarged(each))
        except Exception as error:  # a look is never worth a picture
            log.info("no preview: %s", error)
        finally:
            self._busy.clear()


def enlarged(colours: "torch.Tensor") -> "np.ndarray":
    """Colours (3, h, w) in 0..1 as a picture, uint8 HxWx3, of a size that one can look at."""
    import cv2
    import numpy as np

    small = (colours.permute(1, 2, 0).float().cpu().numpy() * 255 + 0.5).astype(np.uint8)
    scale = LONG_SIDE / max(small.shape[:2])
    size = (max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale)))
    return cv2.resize(np.ascontiguousarray(small), size, interpolation=cv2.INTER_CUBIC)
