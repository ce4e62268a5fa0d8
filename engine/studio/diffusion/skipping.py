"""Steps that change little are not computed whole: FirstBlockCache, for models of many steps.

What the first block makes of a step is compared with the step before; if it changed by less than a
threshold, the change that all other blocks made then is made again. Source: ParaAttention's First
Block Cache, as diffusers has it.
"""

from itertools import chain

from engine.studio.diffusion.untyped import Module

BLOCKS = ("transformer_blocks", "single_transformer_blocks")


def can(core: Module) -> bool:
    """Whether diffusers' cache fits this model.

    It must have the mixin, and its last block must give back what its first does: FLUX.2's gives
    text and picture as one, which the cache of diffusers 0.42 cannot subtract. UNets and Z-Image
    lack the mixin.
    """
    blocks = list(chain.from_iterable(getattr(core, name, ()) for name in BLOCKS))
    if not hasattr(core, "enable_cache") or not blocks:
        return False
    from diffusers.hooks._helpers import TransformerBlockRegistry

    try:
        first, last = (TransformerBlockRegistry.get(type(blocks[i])) for i in (0, -1))
    except ValueError:
        return False
    return _both(first) == _both(last)


def _both(metadata: Module) -> bool:
    return metadata.return_encoder_hidden_states_index is not None


def enable(core: Module, threshold: float) -> None:
    """Skips where the first block changed by less than `threshold`, relative; 0.05 is careful."""
    from diffusers.hooks.first_block_cache import FirstBlockCacheConfig

    core.enable_cache(FirstBlockCacheConfig(threshold=threshold))
