"""Diffusion pipelines of each family with a handful of random weights.

They have the real classes, the real number of latent channels and the real files, so loading,
batching, schedulers, previews and editing take the real paths; only the pictures are noise.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from engine.studio.diffusion.libraries import diffusers

Family = str
COMPLETE = "model_index.json"
HIDDEN = 16
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny(family: Family, folder: Path) -> Path:
    """A folder inside `folder` with a saved pipeline of `family`; made once, then as it is.

    `family` is "sdxl", "sd", "flux2-klein" or "z-image". Raises `KeyError` for another one.
    """
    made = folder / family
    if not (made / COMPLETE).exists():
        _build(BUILDERS[family]).save_pretrained(made, safe_serialization=True)
    return made


def _build(builder: Callable[[], Any]) -> Any:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return builder()


@cache
def byte_alphabet() -> tuple[str, ...]:
    """The 256 characters that byte-level tokenizers write bytes as, by byte."""
    kept = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return tuple(chr(byte) if byte in kept else chr(next(spare)) for byte in range(256))


def clip_tokenizer() -> Any:
    """CLIP's tokenizer over single bytes. `vocab=`, since transformers 5 ignores `vocab_file=`."""
    from transformers import CLIPTokenizer

    names = [*byte_alphabet(), *(c + "</w>" for c in byte_alphabet())]
    names += ["<|startoftext|>", "<|endoftext|>"]
    vocab = {name: i for i, name in enumerate(names)}
    return CLIPTokenizer(vocab=vocab, merges=[], model_max_length=77)


def qwen_tokenizer() -> Any:
    """Qwen's tokenizer over single bytes, with a chat template."""
    from transformers import Qwen2Tokenizer

    names = [*byte_alphabet(), "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocab = {name: i for i, name in enumerate(names)}
    made = Qwen2Tokenizer(vocab=vocab, merges=[], model_max_length=512)
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    made.chat_template = CHAT
    return made


def _qwen_config(layers: int) -> Any:
    from transformers import Qwen3Config

    return Qwen3Config(
        vocab_size=260,
        hidden_size=HIDDEN,
        intermediate_size=HIDDEN,
        num_hidden_layers=layers,
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=HIDDEN,
        max_position_embeddings=512,
        eos_token_id=256,
        pad_token_id=256,
    )


def _flow_scheduler() -> Any:

    return diffusers().FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)


def _vae_shape(latent_channels: int) -> dict[str, Any]:
    return {
        "block_out_channels": (8, 8, 8, 8),
        "layers_per_block": 1,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "latent_channels": latent_channels,
        "norm_num_groups": 4,
        "sample_size": 64,
    }


def _clip_config() -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=514,
        hidden_size=HIDDEN,
        intermediate_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=HIDDEN,
        hidden_act="gelu",
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
    )


def _sdxl_unet() -> Any:

    return diffusers().UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 8 + HIDDEN,
        cross_attention_dim=2 * HIDDEN,
        norm_num_groups=4,
    )


def _sdxl() -> Any:
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    return diffusers().StableDiffusionXLPipeline(
        vae=diffusers().AutoencoderKL(**_vae_shape(4), scaling_factor=0.13025, force_upcast=True),
        unet=_sdxl_unet(),
        text_encoder=CLIPTextModel(_clip_config()),
        text_encoder_2=CLIPTextModelWithProjection(_clip_config()),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        scheduler=diffusers().EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            timestep_spacing="leading",
        ),
    )


def _sd() -> Any:
    from transformers import CLIPTextModel

    return diffusers().StableDiffusionPipeline(
        vae=diffusers().AutoencoderKL(**_vae_shape(4)),
        unet=diffusers().UNet2DConditionModel(
            block_out_channels=(8, 16),
            layers_per_block=1,
            sample_size=8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=2,
            cross_attention_dim=HIDDEN,
            norm_num_groups=4,
        ),
        text_encoder=CLIPTextModel(_clip_config()),
        tokenizer=clip_tokenizer(),
        scheduler=diffusers().DDIMScheduler(
            beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _flux2_klein() -> Any:
    from transformers import Qwen3ForCausalLM

    return diffusers().Flux2KleinPipeline(
        vae=diffusers().AutoencoderKLFlux2(**_vae_shape(32)),
        transformer=diffusers().Flux2Transformer2DModel(
            in_channels=128,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=1,
            joint_attention_dim=3 * HIDDEN,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        # The prompt is read off hidden layers 9, 18 and 27, so it must have that many.
        text_encoder=Qwen3ForCausalLM(_qwen_config(28)),
        tokenizer=qwen_tokenizer(),
        scheduler=_flow_scheduler(),
        is_distilled=True,
    )


def _z_image() -> Any:
    from transformers import Qwen3Model

    vae = diffusers().AutoencoderKL(
        **_vae_shape(16),
        scaling_factor=0.3611,
        shift_factor=0.1159,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    transformer = diffusers().ZImageTransformer2DModel(
        in_channels=16,
        dim=16,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=1,
        n_kv_heads=1,
        cap_feat_dim=HIDDEN,
        axes_dims=[4, 6, 6],
        axes_lens=[1024, 512, 512],
    )
    return diffusers().ZImagePipeline(
        vae=vae,
        transformer=transformer,
        text_encoder=Qwen3Model(_qwen_config(2)),
        tokenizer=qwen_tokenizer(),
        scheduler=_flow_scheduler(),
    )


BUILDERS: dict[Family, Callable[[], Any]] = {
    "sdxl": _sdxl,
    "sd": _sd,
    "flux2-klein": _flux2_klein,
    "z-image": _z_image,
}
