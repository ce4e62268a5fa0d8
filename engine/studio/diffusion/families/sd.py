"""Stable Diffusion: a UNet, CLIP's words weighted as compel writes it, and negative prompts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from engine.studio.diffusion import emphasis
from engine.studio.diffusion.families.base import Family
from engine.studio.diffusion.libraries import Foreign

if TYPE_CHECKING:
    import torch

    from engine.studio.diffusion.request import Request


class Sd(Family):
    """`StableDiffusionPipeline`: SD-Turbo and its like, for small cards and processors."""

    name = "sd"
    classes = ("StableDiffusionPipeline",)

    def core(self, pipe: Foreign) -> Foreign:
        """The UNet."""
        return pipe.unet

    def words(
        self, pipe: Foreign, requests: "Sequence[Request]", guidance: float
    ) -> dict[str, Any]:
        """Embeddings with their weights; the negative prompt only where it is looked at."""
        guided = guidance > 1 and self.core(pipe).config.time_cond_proj_dim is None
        positive, _ = emphasis.embedded(pipe, [each.prompt for each in requests])
        said = {"prompt_embeds": positive, "guidance_scale": guidance}
        if guided:
            negative, _ = emphasis.embedded(pipe, [each.negative for each in requests])
            said["negative_prompt_embeds"] = negative
        return said

    def first(self, scheduler: Foreign, latents: "torch.Tensor", late: bool) -> "torch.Tensor":
        """The pipeline scales what it takes for noise, which a late start is not."""
        return latents / scheduler.init_noise_sigma if late else latents

    def encode(self, pipe: Foreign, pixels: "torch.Tensor") -> "torch.Tensor":
        """In single precision where half would overflow."""
        with upcast(pipe):
            return super().encode(pipe, pixels)

    def decode(self, pipe: Foreign, plain: "torch.Tensor") -> "torch.Tensor":
        """In single precision where half would overflow."""
        with upcast(pipe):
            return super().decode(pipe, plain)

    def may_shrink(self, pipe: Foreign, requests: "Sequence[Request]", guidance: float) -> bool:
        """The plain pipeline hands the callback both halves; a guidance embedding it keeps."""
        del requests, guidance
        return self.core(pipe).config.time_cond_proj_dim is None


class Sdxl(Sd):
    """`StableDiffusionXLPipeline` and its few-step forms."""

    name = "sdxl"
    classes = ("StableDiffusionXLPipeline",)
    carried: ClassVar[tuple[str, ...]] = (
        "latents", "prompt_embeds", "add_text_embeds", "add_time_ids",
    )  # fmt: skip

    def words(
        self, pipe: Foreign, requests: "Sequence[Request]", guidance: float
    ) -> dict[str, Any]:
        """As above, and the pooled embeddings of the second encoder."""
        guided = guidance > 1 and self.core(pipe).config.time_cond_proj_dim is None
        positive, pooled = emphasis.embedded(pipe, [each.prompt for each in requests])
        said = {
            "prompt_embeds": positive,
            "pooled_prompt_embeds": pooled,
            "guidance_scale": guidance,
        }
        if guided:
            negative, pooled = emphasis.embedded(pipe, [each.negative for each in requests])
            said |= {"negative_prompt_embeds": negative, "negative_pooled_prompt_embeds": pooled}
        return said


class upcast:
    """Hold an autoencoder that overflows in half precision in single precision for a while."""

    def __init__(self, pipe: Foreign) -> None:
        import torch

        self._vae = pipe.vae
        self._needed = pipe.vae.dtype == torch.float16 and bool(pipe.vae.config.force_upcast)

    def __enter__(self) -> None:
        import torch

        if self._needed:
            self._vae.to(dtype=torch.float32)

    def __exit__(self, *_: object) -> None:
        import torch

        if self._needed:
            self._vae.to(dtype=torch.float16)
