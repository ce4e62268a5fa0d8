"""What one picture is to be made from, and the picture."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

STRIDE = 16
"""Widths and heights are multiples of this: eightfold latents in patches of two."""


@dataclass(frozen=True)
class Request:
    """One picture to be denoised.

    `width` and `height` are pixels, multiples of 16. `image` is the picture to start from, uint8
    HxWx3 of any size; `mask` float32 HxW, 0..1, where 1 is repainted and 0 stays. `references` are
    pictures to look at, uint8 HxWx3, for families that can. `strength` 0..1 is how much of the path
    from noise is walked: 1.0 starts from noise alone, whatever `image` is.
    """

    prompt: str
    negative: str = ""
    seed: int = 0
    width: int = 1024
    height: int = 1024
    image: "np.ndarray | None" = None
    mask: "np.ndarray | None" = None
    references: "tuple[np.ndarray, ...]" = ()
    strength: float = 1.0

    def __post_init__(self) -> None:
        """Raises ValueError for a size or a strength that no model can be asked for."""
        if self.width % STRIDE or self.height % STRIDE or min(self.width, self.height) < STRIDE:
            raise ValueError(f"{self.width}x{self.height} is not a multiple of {STRIDE}")
        if not 0 < self.strength <= 1:
            raise ValueError(f"strength {self.strength} is not within 0..1")
        if self.image is None and (self.mask is not None or self.strength < 1):
            raise ValueError("only a picture can be masked or started from")


@dataclass(frozen=True)
class Picture:
    """A finished picture: `rgb` uint8 HxWx3 of the request's size, and the seed it came from."""

    rgb: "np.ndarray"
    seed: int
