"""Words that weigh more: "(navy blazer:1.2)", as `prompts/dialects.py` writes them for CLIP.

Diffusers reads no weights, so they are taken off before tokenising and applied to the embeddings:
each token is moved away from what an empty prompt has in its place, by its weight. That is what
compel (MIT) does for a single clause; compel itself keeps its own copies of the encoders' code and
lags behind transformers 5.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.studio.diffusion.libraries import Foreign

if TYPE_CHECKING:
    import torch

_WEIGHTED = re.compile(r"\(([^()]+):([0-9]+(?:\.[0-9]+)?)\)")


def parts(prompt: str) -> list[tuple[str, float]]:
    """The prompt's pieces with their weights, in order; 1.0 where none is written."""
    found, end = [], 0
    for match in _WEIGHTED.finditer(prompt):
        found += [(prompt[end : match.start()], 1.0), (match[1], float(match[2]))]
        end = match.end()
    return [(text, weight) for text, weight in [*found, (prompt[end:], 1.0)] if text]


def plain(prompt: str) -> str:
    """The prompt without its weights."""
    return "".join(text for text, _ in parts(prompt))


def embedded(pipe: Foreign, prompts: Sequence[str]) -> "tuple[torch.Tensor, torch.Tensor | None]":
    """Embeddings (B, 77, D) with the weights applied, and the pooled ones (B, P), if any."""
    import torch

    words, pooled = _encoded(pipe, [plain(each) for each in prompts])
    weights = torch.stack([_by_token(pipe.tokenizer, each, words.shape[1]) for each in prompts])
    if bool((weights == 1).all()):
        return words, pooled
    empty, _ = _encoded(pipe, [""])
    return empty + (words - empty) * weights[..., None].to(words), pooled


def _encoded(pipe: Foreign, prompts: list[str]) -> "tuple[torch.Tensor, torch.Tensor | None]":
    got = pipe.encode_prompt(
        prompt=prompts,
        device=pipe._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=False,
    )
    return got[0], got[2] if len(got) > 2 else None


def _by_token(tokenizer: Foreign, prompt: str, length: int) -> "torch.Tensor":
    """The weight of each of `length` tokens; the first is the start mark."""
    import torch

    weights = [1.0]
    for text, weight in parts(prompt):
        count = len(tokenizer(text, add_special_tokens=False).input_ids)
        weights += [weight] * count
    weights = weights[: length - 1]  # what is cut off leaves the last place to the end mark
    return torch.tensor(weights + [1.0] * (length - len(weights)))
