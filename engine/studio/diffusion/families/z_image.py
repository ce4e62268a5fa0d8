"""Z-Image: a single-stream transformer, its words in variable length, FLUX.1's autoencoder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.studio.diffusion.families.base import Family
from engine.studio.diffusion.libraries import Foreign, module

if TYPE_CHECKING:
    import torch

    from engine.studio.diffusion.request import Request

PIPELINE = "pipelines.z_image.pipeline_z_image"


class ZImage(Family):
    """`ZImagePipeline`; the Turbo form runs at guidance 0, the pipeline's word for none."""

    name = "z-image"
    classes = ("ZImagePipeline",)

    def words(
        self, pipe: Foreign, requests: "Sequence[Request]", guidance: float
    ) -> dict[str, Any]:
        """Negative prompts work only under guidance."""
        said = super().words(pipe, requests, guidance)
        if guidance > 0:
            said["negative_prompt"] = [each.negative for each in requests]
        return said

    def dtype(self, pipe: Foreign) -> "torch.dtype":
        """The pipeline walks in single precision, whatever its weights are."""
        import torch

        del pipe
        return torch.float32

    def schedule(
        self, pipe: Foreign, scheduler: Foreign, steps: int, size: tuple[int, int]
    ) -> None:
        """Shifted by the number of patches, as the pipeline does."""
        source, config = module(PIPELINE), scheduler.config
        mu = source.calculate_shift(
            (size[0] // 2) * (size[1] // 2),
            config.get("base_image_seq_len", 256),
            config.get("max_image_seq_len", 4096),
            config.get("base_shift", 0.5),
            config.get("max_shift", 1.15),
        )
        sigmas = source.get_default_z_image_sigmas(steps)
        scheduler.set_timesteps(sigmas=sigmas, device=pipe._execution_device, mu=mu)

    def may_shrink(self, pipe: Foreign, requests: "Sequence[Request]", guidance: float) -> bool:
        """Under guidance the pipeline counts on the number it began with."""
        return guidance <= 0 and super().may_shrink(pipe, requests, guidance)
