"""Weighted words, as the CLIP dialect writes them."""

from collections.abc import Callable

from engine.studio.diffusion.emphasis import embedded, parts, plain
from engine.studio.diffusion.pipelines import Pipeline


def test_weights_are_read_and_taken_off() -> None:
    prompt = "portrait, (navy blazer:1.2), f/2.8 (85mm), (soft light:0.9)"
    assert parts(prompt) == [
        ("portrait, ", 1.0),
        ("navy blazer", 1.2),
        (", f/2.8 (85mm), ", 1.0),
        ("soft light", 0.9),
    ]
    assert plain(prompt) == "portrait, navy blazer, f/2.8 (85mm), soft light"


def test_only_the_weighted_words_move(pipeline_of: Callable[[str], Pipeline]) -> None:
    """Away from the empty prompt, by their weight; the rest, and the pooled words, stay."""
    import torch

    pipe = pipeline_of("sdxl").pipe
    with torch.no_grad():
        even, pooled = embedded(pipe, ["a man, hat"])
        heavy, same = embedded(pipe, ["a man, (hat:1.5)"])
        empty, _ = embedded(pipe, [""])
    moved = (even - heavy).abs().amax((0, 2)) > 1e-6
    letters = len("aman,")  # the tiny tokenizer's words are letters
    assert moved.nonzero().flatten().tolist() == [1 + letters + n for n in range(3)]
    hat = slice(1 + letters, 4 + letters)
    wanted = empty[:, hat] + 1.5 * (even[:, hat] - empty[:, hat])
    assert torch.allclose(heavy[:, hat], wanted, atol=1e-5)
    assert pooled is not None
    assert same is not None
    assert torch.allclose(pooled, same)


def test_a_prompt_beyond_the_window_keeps_its_length(
    pipeline_of: Callable[[str], Pipeline],
) -> None:
    import torch

    with torch.no_grad():
        words, _ = embedded(pipeline_of("sdxl").pipe, ["(long:1.3) " * 60, "short"])
    assert words.shape[:2] == (2, 77)
