"""What is done to a pipeline, decided from the options, the card and the pipeline's traits alone.

Pure, so that it can be read, tested and reported on a machine without a card.
"""

from msgspec import Struct

from engine.speed import Choice, Options
from engine.studio.diffusion import attention, parking, quantise
from engine.studio.diffusion.untyped import Device


class Card(Struct, frozen=True):
    """What a device can do. `capability` is CUDA's, None elsewhere; `total` is bytes of memory."""

    kind: str
    name: str = ""
    capability: tuple[int, int] | None = None
    total: int = 0

    @property
    def bfloat16(self) -> bool:
        """Whether it computes in bfloat16 rather than imitating it."""
        return self.capability is not None and self.capability >= (8, 0)


def card_of(device: Device) -> Card:
    """The card behind a torch device."""
    import torch

    device = torch.device(device)
    if device.type != "cuda":
        return Card(device.type)
    found = torch.cuda.get_device_properties(device)
    return Card("cuda", found.name, (found.major, found.minor), found.total_memory)


class Traits(Struct, frozen=True):
    """What decides about a pipeline: a UNet or a transformer, its bytes, and its autoencoder's."""

    unet: bool
    weights: int = 0
    overflows: bool = False
    caches_blocks: bool = False


class Plan(Struct, frozen=True):
    """What is done to a pipeline, and in `notes` what was asked for and cannot be."""

    compile: bool = False
    measure_attention: bool = False
    order: tuple[str, ...] = ()
    graphs: bool = False
    always_graphs: bool = False
    channels_last: bool = False
    fuse_qkv: bool = False
    vae: str = ""
    fp8: bool = False
    first_block_cache: float = 0.0
    park: bool = False
    notes: tuple[str, ...] = ()


def decide(options: Options, card: Card, traits: Traits) -> Plan:
    """The plan for a pipeline on a card. Pure."""
    cuda = card.kind == "cuda"
    notes: list[str] = []
    compile = _on(options.compile, auto=cuda)
    obstacle = quantise.obstacle(card.capability, compiling=compile)
    fp8 = options.fp8 == "on" and not traits.unet and not obstacle
    if options.fp8 == "on" and not fp8:
        notes.append(obstacle or "fp8 is for transformers; this model is a UNet")
    cached = options.first_block_cache if traits.caches_blocks else 0.0
    if options.first_block_cache and not cached:
        notes.append("first_block_cache does not know this model")
    park = _on(options.park_text_encoder, auto=cuda and parking.short(card.total, traits.weights))
    named = options.attention not in {"auto", "off"}
    return Plan(
        compile=compile,
        measure_attention=cuda and options.attention == "auto",
        order=(options.attention, *_others(options.attention)) if cuda and named else (),
        graphs=cuda and traits.unet and not park and not cached and options.graphs != "off",
        always_graphs=options.graphs == "on",
        channels_last=_on(options.channels_last, auto=cuda),
        fuse_qkv=_on(options.fuse_qkv, auto=cuda),
        vae=_vae_format(options.vae, card, traits),
        fp8=fp8,
        first_block_cache=cached,
        park=park,
        notes=tuple(notes),
    )


def _on(choice: Choice, *, auto: bool) -> bool:
    return auto if choice == "auto" else choice == "on"


def _others(first: str) -> tuple[str, ...]:
    return (*(name for name in attention.CANDIDATES if name != first), "math")


def _vae_format(wish: str, card: Card, traits: Traits) -> str:
    if wish != "auto":
        return "" if wish == "off" else wish
    if card.kind != "cuda" or not traits.overflows:
        return ""
    return "bfloat16" if card.bfloat16 else "float32"
