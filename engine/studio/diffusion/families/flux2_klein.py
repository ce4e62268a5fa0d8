"""FLUX.2 klein: a double-stream transformer that also looks at reference pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.studio.diffusion.families.base import Family
from engine.studio.diffusion.libraries import Foreign, module

if TYPE_CHECKING:
    import torch

    from engine.studio.diffusion.request import Request

PIPELINE = "pipelines.flux2.pipeline_flux2_klein"


class Flux2Klein(Family):
    """`Flux2KleinPipeline`; distilled, so without guidance and without negative prompts."""

    name = "flux2-klein"
    classes = ("Flux2KleinPipeline",)
    refers = True

    def looks(self, requests: "Sequence[Request]") -> dict[str, Any]:
        """The pipeline shows every member the same references."""
        from PIL import Image

        references = requests[0].references
        return {"image": [Image.fromarray(each) for each in references]} if references else {}

    def shape(self, pipe: Foreign, width: int, height: int) -> tuple[int, int, int]:
        """Its latents are normalised in patches of two by two: (4C, h/2, w/2)."""
        channels, rows, columns = super().shape(pipe, width, height)
        return 4 * channels, rows // 2, columns // 2

    def walked(self, plain: "torch.Tensor") -> "torch.Tensor":
        """One token a patch: (B, h*w, C)."""
        return plain.flatten(2).transpose(1, 2)

    def plain(self, walked: "torch.Tensor", shape: tuple[int, int, int]) -> "torch.Tensor":
        """(B, C, h, w) of tokens, which lie row by row."""
        return walked.transpose(1, 2).reshape(len(walked), *shape)

    def schedule(
        self, pipe: Foreign, scheduler: Foreign, steps: int, size: tuple[int, int]
    ) -> None:
        """Shifted by the number of tokens and steps, as the pipeline does."""
        import numpy as np

        mu = module(PIPELINE).compute_empirical_mu(image_seq_len=size[0] * size[1], num_steps=steps)
        own = getattr(scheduler.config, "use_flow_sigmas", False)
        sigmas = None if own else np.linspace(1.0, 1 / steps, steps)
        count = steps if own else None
        scheduler.set_timesteps(count, device=pipe._execution_device, sigmas=sigmas, mu=mu)

    def encode(self, pipe: Foreign, pixels: "torch.Tensor") -> "torch.Tensor":
        """Patched, then normalised by the autoencoder's running statistics."""
        latents = pipe._encode_vae_image(pixels.to(pipe.vae.dtype), generator=None)
        return latents.float()

    def decode(self, pipe: Foreign, plain: "torch.Tensor") -> "torch.Tensor":
        """The reverse."""
        import torch

        norm = pipe.vae.bn
        mean = norm.running_mean.view(1, -1, 1, 1).to(plain)
        deviation = torch.sqrt(
            norm.running_var.view(1, -1, 1, 1) + pipe.vae.config.batch_norm_eps
        ).to(plain)
        latents = pipe._unpatchify_latents(plain * deviation + mean)
        return pipe.vae.decode(latents.to(pipe.vae.dtype), return_dict=False)[0]

    def result(self, pipe: Foreign, latents: "torch.Tensor") -> "torch.Tensor":
        """The pipeline has undone patches and normalisation; done again, so that all is alike."""
        import torch

        norm = pipe.vae.bn
        patched = pipe._patchify_latents(latents)
        mean = norm.running_mean.view(1, -1, 1, 1).to(patched)
        deviation = torch.sqrt(
            norm.running_var.view(1, -1, 1, 1) + pipe.vae.config.batch_norm_eps
        ).to(patched)
        return (patched - mean) / deviation
