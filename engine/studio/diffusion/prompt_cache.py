"""Prompt embeddings kept, so that a set, another try or a variation reads its prompt only once.

Each prompt of a batch is read on its own: what a text becomes does then not depend on its company.
"""

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from typing import Any

from engine.studio.diffusion.untyped import Device, Pipe, Value

PER_MEMBER = ("prompt", "prompt_2", "negative_prompt", "negative_prompt_2")
GIVEN = (
    "prompt_embeds",
    "negative_prompt_embeds",
    "pooled_prompt_embeds",
    "negative_pooled_prompt_embeds",
)

ASKS = "asks_cache"

Key = Hashable


class PromptCache:
    """The most recently used results within `most_bytes`, kept in main memory; thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, device: Device, make: Callable[[], Value]) -> Value:
        """The kept result on `device`, or that of `make`, which is then kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept:
                self._kept.move_to_end(key)
                self.hits += 1
        if kept:
            return _moved(kept[0], device)
        self.misses += 1
        made = make()
        self._keep(key, _moved(made, "cpu"))
        return made

    def _keep(self, key: Key, made: Value) -> None:
        size = _bytes_of(made)
        if size > self._most:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = (made, size)
            self.bytes += size - before
            while self.bytes > self._most:
                _, (_, freed) = self._kept.popitem(last=False)
                self.bytes -= freed


def attach(pipeline: Pipe, name: str, cache: PromptCache) -> None:
    """Has a diffusers pipeline's `encode_prompt` ask the cache first.

    `name` tells models apart (a profile's name and revision). Calls that bring embeddings along, or
    LoRA scales, go through unchanged; so does a pipeline that already asks.
    """
    plain = pipeline.encode_prompt
    if getattr(plain, ASKS, False):
        return
    form = inspect.signature(plain)

    @wraps(plain)
    def encode_prompt(*args: Value, **kwargs: Value) -> Value:
        bound = form.bind(*args, **kwargs)
        given = dict(bound.arguments)
        if _untouched(given):
            return plain(*args, **kwargs)
        return _joined([_one(cache, name, plain, member) for member in _members(given)])

    setattr(encode_prompt, ASKS, True)
    pipeline.encode_prompt = encode_prompt


def _untouched(given: dict[str, Any]) -> bool:
    brought = any(given.get(name) is not None for name in (*GIVEN, "lora_scale"))
    return brought or not isinstance(given.get("prompt"), str | list) or not given["prompt"]


def _members(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The call of each prompt on its own; shared arguments are shared."""
    prompt = given["prompt"]
    count = len(prompt) if isinstance(prompt, list) else 1
    return [{k: _of_member(k, v, i) for k, v in given.items()} for i in range(count)]


def _of_member(name: str, value: Value, index: int) -> Value:
    if name in PER_MEMBER and isinstance(value, list):
        return value[index % len(value)]
    return value


def _one(cache: PromptCache, name: str, plain: Callable[..., Any], member: dict[str, Any]) -> Value:
    device = member.get("device")
    told = {k: v for k, v in member.items() if k != "device"}
    key = (name, *sorted((k, repr(v)) for k, v in told.items()))
    if device is None:
        device = getattr(getattr(plain, "__self__", None), "_execution_device", "cpu")
    return cache.get(key, device, lambda: plain(**member))


def _joined(results: Sequence[Value]) -> Value:
    """Single prompts' results as a batch's: tensors along their first axis, lists in a row."""
    import torch

    first = results[0]
    if len(results) == 1 or first is None:
        return first
    if isinstance(first, tuple):
        return tuple(_joined(column) for column in zip(*results, strict=True))
    if isinstance(first, list):
        return [item for result in results for item in result]
    return torch.cat(tuple(results), dim=0)


def _moved(value: Value, device: Device) -> Value:
    import torch
    from torch.utils._pytree import tree_map

    return tree_map(lambda v: v.to(device) if isinstance(v, torch.Tensor) else v, value)


def _bytes_of(value: Value) -> int:
    import torch
    from torch.utils._pytree import tree_leaves

    tensors = [leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor)]
    return sum(t.numel() * t.element_size() for t in tensors)
