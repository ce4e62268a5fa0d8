"""What may be done to make a model fast; nothing yet."""

from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be used. `cache_dir` is where compiled code is kept, "" for nowhere."""

    cache_dir: str = ""


def options_of(text: str, cache_dir: Path | None = None) -> Options:
    """Reads "compile=off fp8=on". Raises ValueError naming the key."""
    if text:
        raise ValueError(f"speed options: unknown {text!r}")
    return Options(str(cache_dir or ""))
