"""What may be used to make a model fast: plain data, for the setting NORTHLIGHT_SPEED."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Choice = Literal["auto", "on", "off"]


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be used. "auto" is what pays on the card; "on" insists, "off" forbids.

    `first_block_cache` is the threshold of FirstBlockCache, 0 for none: steps that change the first
    block's output by less are skipped. At 0.05 fine texture changes visibly, at 0.1 faces do; it
    gains nothing under some 15 steps. `fp8` halves a transformer's memory and loses a little
    fidelity. `batch` is how many pictures of one size and model are drawn at once, 0 for four on a
    card and one on a processor. `cache_dir` is where compiled code is kept, "" for nowhere.
    """

    compile: Choice = "auto"
    compile_mode: Literal["default", "max-autotune-no-cudagraphs"] = "default"
    attention: Literal["auto", "off", "flash", "cudnn", "efficient"] = "auto"
    graphs: Choice = "auto"
    channels_last: Choice = "auto"
    fuse_qkv: Choice = "auto"
    vae: Literal["auto", "bfloat16", "float32", "off"] = "auto"
    fp8: Literal["on", "off"] = "off"
    first_block_cache: Annotated[float, Meta(ge=0, le=1)] = 0.0
    prompt_cache_mb: Annotated[int, Meta(ge=0)] = 256
    park_text_encoder: Choice = "auto"
    batch: Annotated[int, Meta(ge=0, le=16)] = 0
    cache_dir: str = ""


def options_of(text: str, cache_dir: Path | None = None) -> Options:
    """Reads "compile=off fp8=on" (blanks or commas between).

    Raises ValueError naming the option, and never what was written: it may be meant for elsewhere.
    """
    pairs = [part.partition("=") for part in text.replace(",", " ").split()]
    given = {name: value for name, _, value in pairs}
    if cache_dir:
        given.setdefault("cache_dir", str(cache_dir))
    try:
        return msgspec.convert(given, Options, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_reason(str(error))) from None


def _reason(said: str) -> str:
    """Of what msgspec says, the option at fault."""
    wrong = re.search(r"`\$\.(\w+)`", said)
    if wrong:
        return f"{wrong[1]} takes no such value; docs/speed.md says what it takes"
    return f"must be name=value, the names being {', '.join(Options.__struct_fields__)}"
