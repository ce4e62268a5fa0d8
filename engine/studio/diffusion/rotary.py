"""Z-Image's rotary embedding in real numbers: the same result, and code that compiles whole.

diffusers turns pairs of channels by complex multiplication, for which inductor makes no code: each
becomes five passes over all queries and keys, in single precision, between compiled parts.
"""

from typing import TYPE_CHECKING, Any

from engine.studio.diffusion.untyped import Module, Tensor

if TYPE_CHECKING:
    import torch

COMPLEX = "ZSingleStreamAttnProcessor"


def in_real_numbers(core: Module) -> int:
    """Has attention that turns by complex numbers do it by real ones, in place; says how many."""
    found = [m for m in core.modules() if type(getattr(m, "processor", None)).__name__ == COMPLEX]
    for attention in found:
        attention.processor = _real(type(attention.processor))()
    return len(found)


def turned(x: Tensor, freqs: Tensor) -> Tensor:
    """(B, tokens, heads, C) with pairs of channels turned by `freqs`, complex (B, tokens, C/2)."""
    import torch

    one, other = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    cosine, sine = torch.view_as_real(freqs).unsqueeze(2).unbind(-1)
    pairs = (one * cosine - other * sine, one * sine + other * cosine)
    return torch.stack(pairs, -1).flatten(3).type_as(x)


def _real(kind: type) -> type:
    from diffusers.models.attention_dispatch import dispatch_attention_fn

    class RealProcessor(kind):
        """Source: diffusers' `ZSingleStreamAttnProcessor`, but for the rotation."""

        def __call__(
            self,
            attn: Any,  # noqa: ANN401 - diffusers is untyped here
            hidden_states: "torch.Tensor",
            encoder_hidden_states: "torch.Tensor | None" = None,
            attention_mask: "torch.Tensor | None" = None,
            freqs_cis: "torch.Tensor | None" = None,
        ) -> "torch.Tensor":
            del encoder_hidden_states
            projections = (attn.to_q, attn.to_k, attn.to_v)
            query, key, value = (
                to(hidden_states).unflatten(-1, (attn.heads, -1)) for to in projections
            )
            query = query if attn.norm_q is None else attn.norm_q(query)
            key = key if attn.norm_k is None else attn.norm_k(key)
            if freqs_cis is not None:
                query, key = turned(query, freqs_cis), turned(key, freqs_cis)
            if attention_mask is not None and attention_mask.ndim == 2:
                attention_mask = attention_mask[:, None, None, :]
            out = dispatch_attention_fn(
                query,
                key,
                value,
                attn_mask=attention_mask,
                backend=self._attention_backend,
                parallel_config=self._parallel_config,
            )
            out = attn.to_out[0](out.flatten(2, 3).to(query.dtype))
            return attn.to_out[1](out) if len(attn.to_out) > 1 else out

    return RealProcessor
