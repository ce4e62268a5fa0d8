"""What every family can be asked, and what most of them answer alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from engine.errors import StudioFailed
from engine.studio.diffusion.libraries import Foreign

if TYPE_CHECKING:
    import numpy as np
    import torch

    from engine.studio.diffusion.request import Request


class Family:
    """How one family's pipeline is called. Stateless; `pipe` is diffusers' pipeline.

    Latents have two shapes: *plain*, (B, C, h, w), as the decoder sees them before scaling, and
    *walked*, as the scheduler sees them.
    """

    name: ClassVar[str] = ""
    classes: ClassVar[tuple[str, ...]] = ()
    """The pipeline classes of diffusers that are of this family."""
    carried: ClassVar[tuple[str, ...]] = ("latents", "prompt_embeds")
    """What the pipeline hands its callback, with a row or more for each member of the batch."""
    refers = False
    """Whether it looks at reference pictures."""

    def core(self, pipe: Foreign) -> Foreign:
        """The network that walks."""
        return pipe.transformer

    def words(
        self, pipe: Foreign, requests: "Sequence[Request]", guidance: float
    ) -> dict[str, Any]:
        """Arguments that say what is wanted."""
        return {"prompt": [each.prompt for each in requests], "guidance_scale": guidance}

    def looks(self, requests: "Sequence[Request]") -> dict[str, Any]:
        """Arguments that carry reference pictures, the same for each member."""
        if requests[0].references and not self.refers:
            raise StudioFailed(f"{self.name} looks at no references", code="no_generative_model")
        return {}

    def shape(self, pipe: Foreign, width: int, height: int) -> tuple[int, int, int]:
        """Plain latents of one picture: (C, h, w)."""
        scale = int(pipe.vae_scale_factor)
        return int(pipe.vae.config.latent_channels), height // scale, width // scale

    def walked(self, plain: "torch.Tensor") -> "torch.Tensor":
        """Plain latents as the scheduler sees them."""
        return plain

    def given(self, plain: "torch.Tensor") -> "torch.Tensor":
        """Plain latents as the pipeline's argument `latents` wants them."""
        return plain

    def plain(self, walked: "torch.Tensor", shape: tuple[int, int, int]) -> "torch.Tensor":
        """Back from what the scheduler sees."""
        del shape
        return walked

    def dtype(self, pipe: Foreign) -> "torch.dtype":
        """Of the latents that the pipeline wants."""
        return self.core(pipe).dtype

    def schedule(
        self, pipe: Foreign, scheduler: Foreign, steps: int, size: tuple[int, int]
    ) -> None:
        """Set the scheduler as the pipeline will; `size` is (h, w) of the plain latents."""
        del size
        scheduler.set_timesteps(steps, device=pipe._execution_device)

    def first(self, scheduler: Foreign, latents: "torch.Tensor", late: bool) -> "torch.Tensor":
        """What to start from so that the pipeline's own scaling leaves it as it should be."""
        del scheduler, late
        return latents

    def encode(self, pipe: Foreign, pixels: "torch.Tensor") -> "torch.Tensor":
        """Plain latents of pictures (B, 3, H, W) in -1..1, without chance."""
        config = pipe.vae.config
        mode = pipe.vae.encode(pixels.to(pipe.vae.dtype)).latent_dist.mode()
        return (mode.float() - (config.get("shift_factor") or 0.0)) * config.scaling_factor

    def decode(self, pipe: Foreign, plain: "torch.Tensor") -> "torch.Tensor":
        """Pictures (B, 3, H, W) in -1..1 of plain latents."""
        config = pipe.vae.config
        latents = plain / config.scaling_factor + (config.get("shift_factor") or 0.0)
        return pipe.vae.decode(latents.to(pipe.vae.dtype), return_dict=False)[0]

    def result(self, pipe: Foreign, latents: "torch.Tensor") -> "torch.Tensor":
        """Plain latents of what the pipeline returns for `output_type="latent"`."""
        del pipe
        return latents

    def may_shrink(self, pipe: Foreign, requests: "Sequence[Request]", guidance: float) -> bool:
        """Whether a member can leave the batch between two steps."""
        del pipe, guidance
        return not requests[0].references

    def kept(self, carried: dict[str, Any], rows: list[int], of: int) -> dict[str, Any]:
        """What the callback was handed, with these members of `of` only."""
        return {name: _rows(value, rows, of) for name, value in carried.items()}


def _rows(value: Foreign, rows: list[int], of: int) -> Foreign:
    """With guidance the unwanted half comes first, in the same order."""
    if isinstance(value, list):
        return [value[row] for row in rows]
    if value is None or len(value) == of:
        return value if value is None else value[rows]
    return value[[half + row for half in range(0, len(value), of) for row in rows]]


def to_pixels(pictures: "Sequence[np.ndarray]", width: int, height: int) -> "torch.Tensor":
    """Pictures, uint8 HxWx3, as float32 (B, 3, height, width) in -1..1."""
    import cv2
    import numpy as np
    import torch

    def fitted(rgb: "np.ndarray") -> "np.ndarray":
        if rgb.shape[:2] == (height, width):
            return rgb
        smaller = rgb.shape[0] > height
        return cv2.resize(
            rgb, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
        )

    stack = np.stack([fitted(each) for each in pictures]).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(stack)).float() / 127.5 - 1
