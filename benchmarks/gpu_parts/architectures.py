"""The models measured: real architectures by their published configurations, and tiny ones."""

from dataclasses import dataclass
from typing import Any

Family = str
LIKE_FLUX = {
    "latent_channels": 16,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}


@dataclass(frozen=True)
class Case:
    """One way to use a model: how many steps, and whether each is run twice for guidance.

    `share` is the goal: of the rate of a large matrix product, 0 for none.
    """

    title: str
    steps: int
    guidance: float
    share: float = 0.0

    @property
    def passes(self) -> int:
        """Forward passes per image."""
        return self.steps * (2 if self.guidance > 1 else 1)


@dataclass(frozen=True)
class Architecture:
    """A family's classes and sizes. `side` is the picture's in pixels; `words` tokens of a prompt.

    `parameters` and `tflop` (one pass at `side`) are known from elsewhere, to be checked.
    """

    family: Family
    core: dict[str, Any]
    vae: dict[str, Any]
    side: int
    words: int
    width: int
    cases: tuple[Case, ...]
    pooled: int = 0
    parameters: float = 0.0
    tflop: float = 0.0


def _vae(channels: tuple[int, ...], **more: Any) -> dict[str, Any]:
    return {
        "block_out_channels": channels,
        "layers_per_block": 2,
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        **more,
    }


FULL_VAE = (128, 256, 512, 512)
TINY_VAE = (8, 8, 8, 8)

SDXL = Architecture(
    family="sdxl",
    core={
        "sample_size": 128,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (320, 640, 1280),
        "layers_per_block": 2,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": (5, 10, 20),
        "transformer_layers_per_block": (1, 2, 10),
        "use_linear_projection": True,
        "cross_attention_dim": 2048,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
    vae=_vae(FULL_VAE, latent_channels=4, scaling_factor=0.13025),
    side=1024,
    words=77,
    width=2048,
    pooled=1280,
    cases=(Case("SDXL, 30 steps, CFG", 30, 5.0, 0.45), Case("SDXL, 4 steps", 4, 0.0, 0.40)),
    parameters=2.57e9,
    tflop=6.76,
)
KLEIN = Architecture(
    family="flux2-klein",
    core={
        "num_layers": 5,
        "num_single_layers": 20,
        "num_attention_heads": 24,
        "attention_head_dim": 128,
        "joint_attention_dim": 7680,
        "guidance_embeds": False,
    },
    vae=_vae(FULL_VAE, latent_channels=32),
    side=1024,
    words=512,
    width=7680,
    cases=(Case("FLUX.2 klein 4B, 4 steps", 4, 1.0, 0.60),),
    parameters=3.88e9,
    tflop=34.8,
)
Z_IMAGE = Architecture(
    family="z-image",
    core={},  # the class's defaults are the published model's
    vae=_vae(FULL_VAE, **LIKE_FLUX),
    side=1024,
    words=128,
    width=2560,
    cases=(Case("Z-Image-Turbo, 8 steps", 8, 0.0, 0.60),),
    parameters=6.16e9,
    tflop=56.6,
)

TINY_SDXL = Architecture(
    family="sdxl",
    core={
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": (2, 4),
        "use_linear_projection": True,
        "cross_attention_dim": 32,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 64,
        "norm_num_groups": 4,
    },
    vae=_vae(TINY_VAE, latent_channels=4, norm_num_groups=4),
    side=64,
    words=8,
    width=32,
    pooled=16,
    cases=(Case("tiny SDXL, 3 steps, CFG", 3, 5.0), Case("tiny SDXL, 2 steps", 2, 0.0)),
)
TINY_KLEIN = Architecture(
    family="flux2-klein",
    core={
        "num_layers": 1,
        "num_single_layers": 1,
        "num_attention_heads": 1,
        "attention_head_dim": 16,
        "joint_attention_dim": 48,
        "axes_dims_rope": (4, 4, 4, 4),
        "guidance_embeds": False,
    },
    vae=_vae(TINY_VAE, latent_channels=32, norm_num_groups=4),
    side=64,
    words=8,
    width=48,
    cases=(Case("tiny klein, 2 steps", 2, 1.0),),
)
TINY_Z = Architecture(
    family="z-image",
    core={
        "dim": 16,
        "n_layers": 1,
        "n_refiner_layers": 1,
        "n_heads": 1,
        "n_kv_heads": 1,
        "cap_feat_dim": 16,
        "axes_dims": [4, 6, 6],
        "axes_lens": [1024, 512, 512],
    },
    vae=_vae(TINY_VAE, norm_num_groups=4, **LIKE_FLUX),
    side=64,
    words=8,
    width=16,
    cases=(Case("tiny Z-Image, 2 steps", 2, 0.0),),
)

REAL = (SDXL, KLEIN, Z_IMAGE)
TINY = (TINY_SDXL, TINY_KLEIN, TINY_Z)
