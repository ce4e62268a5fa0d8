"""Prompt embeddings are kept within bounds, and are what reading the prompt would give."""

from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from engine.studio.diffusion.prompt_cache import PromptCache, attach  # noqa: E402 - after the skip


class Pipe:
    """Reads prompts by their length, and remembers which it read."""

    _execution_device = "cpu"

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode_prompt(
        self,
        prompt: Any,
        device: Any = None,
        negative_prompt: Any = None,
        prompt_embeds: Any = None,
        clip_skip: int | None = None,
    ) -> Any:
        if prompt_embeds is not None:
            return prompt_embeds, None, []
        prompts = [prompt] if isinstance(prompt, str) else prompt
        self.read += prompts
        words = torch.stack([torch.full((2, 3), float(len(p))) for p in prompts])
        negative = None if negative_prompt is None else words * -1
        return words, negative, [torch.ones(len(p)) for p in prompts]


def test_a_prompt_is_read_once_and_a_batch_is_put_together() -> None:
    """Tensors along their first axis, lists in a row, what is absent stays absent."""
    pipe, cache = Pipe(), PromptCache(1 << 20)
    fresh = Pipe().encode_prompt(["a", "bb", "a"])
    attach(pipe, "model", cache)
    pipe.encode_prompt("a")
    words, negative, rows = pipe.encode_prompt(prompt=["a", "bb", "a"])
    assert torch.equal(words, fresh[0])
    assert negative is None
    assert [len(row) for row in rows] == [1, 2, 1]
    assert pipe.read == ["a", "bb"]
    assert (cache.hits, cache.misses) == (2, 2)


def test_everything_that_changes_the_result_tells_prompts_apart() -> None:
    """The negative prompt, other arguments, and the model."""
    pipe, other, cache = Pipe(), Pipe(), PromptCache(1 << 20)
    attach(pipe, "one", cache)
    attach(other, "another", cache)
    pipe.encode_prompt("a")
    assert pipe.encode_prompt("a", negative_prompt="b")[1] is not None
    pipe.encode_prompt("a", clip_skip=1)
    other.encode_prompt("a")
    assert (pipe.read, other.read) == (["a"] * 3, ["a"])


def test_embeddings_brought_along_pass_through() -> None:
    """Nothing is read and nothing kept."""
    pipe, cache = Pipe(), PromptCache(1 << 20)
    attach(pipe, "model", cache)
    given = torch.zeros(1)
    assert pipe.encode_prompt(None, prompt_embeds=given)[0] is given
    assert (pipe.read, len(cache)) == ([], 0)


def test_attached_twice_it_asks_once() -> None:
    """Pipelines are prepared again after a reload."""
    pipe, cache = Pipe(), PromptCache(1 << 20)
    attach(pipe, "model", cache)
    attach(pipe, "model", cache)
    pipe.encode_prompt("a")
    assert cache.misses == 1


def test_what_was_used_longest_ago_makes_room() -> None:
    """And what is larger than all the room is not kept."""
    cache, kilobyte = PromptCache(3000), torch.zeros(250)
    for key in ("a", "b", "c", "a", "d"):
        cache.get(key, "cpu", lambda: kilobyte)
    misses = cache.misses
    cache.get("a", "cpu", lambda: kilobyte)
    assert cache.misses == misses
    cache.get("b", "cpu", lambda: kilobyte)
    assert cache.misses == misses + 1
    cache.get("large", "cpu", lambda: torch.zeros(5000))
    assert cache.bytes == 3000
    assert len(cache) == 3


def test_results_come_back_in_their_form() -> None:
    """Tuples of lists and plain values too."""
    cache = PromptCache(1000)
    made = ([torch.ones(2)], None, SimpleNamespace)
    again = [cache.get("k", "cpu", lambda: made) for _ in range(2)]
    assert torch.equal(again[1][0][0], torch.ones(2))
    assert again[1][1:] == made[1:]
