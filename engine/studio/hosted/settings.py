"""Which server draws, and what is known of it before it is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

KEY = "NORTHLIGHT_IMAGES_API_KEY"
"""The environment variable that holds the key, in the worker too."""
SIZES = "1024x1024, 1024x1536, 1536x1024"
"""What every GPT image model draws."""
_SIZE = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})")

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks OpenAI's images API.

    `price` is what one picture costs, in words, "" where that is not known. `quality` is passed on
    where it is set. `timeout_s` bounds one whole picture, in seconds.
    """

    base_url: str
    model: str
    sizes: tuple[Size, ...]
    api_key: str = field(repr=False)
    price: str = ""
    quality: str = ""
    timeout_s: float = 180.0

    @property
    def host(self) -> str:
        """The name people are told: host, and port where it is not the usual one."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


def server_from(settings: Mapping[str, str], environment: Mapping[str, str]) -> Server:
    """The server of a worker's settings. Raises KeyError for a missing one, ValueError for sizes
    that are none, and for a missing key."""
    key = environment.get(KEY, "")
    if not key:
        raise ValueError(f"{KEY} is not set")
    return Server(
        base_url=settings["images_base_url"],
        model=settings["images_model"],
        sizes=sizes_of(settings.get("images_sizes", "") or SIZES),
        api_key=key,
        price=settings.get("images_price", ""),
        quality=settings.get("images_quality", ""),
        timeout_s=float(settings.get("images_timeout_s", "180")),
    )


def sizes_of(text: str) -> tuple[Size, ...]:
    """Read "1024x1024, 1024x1536". Raises ValueError."""
    words = text.replace(",", " ").split()
    found = [_SIZE.fullmatch(word) for word in words]
    if not words or not all(found):
        raise ValueError(f"not sizes such as 1024x1536: {text!r}")
    return tuple((int(each[1]), int(each[2])) for each in found if each)
