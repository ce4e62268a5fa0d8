"""The honest print card: how large a picture prints, and how far the photo itself carries."""

from dataclasses import dataclass

from engine.studio.printing.sizes import INCH, SIZES

FINE, FAIR, SOFT = 300, 200, 150
WORTH_SAYING = 1.1


@dataclass(frozen=True, slots=True)
class PrintCard:
    """Largest prints in whole centimetres (width, height), and the named sizes that fit.

    `fits[dpi]` are names of `SIZES` that the picture fills, cut to their aspect, at that dpi (300,
    200, 150). `own` is how large the photo's own detail reaches at 300 dpi, None where the face was
    not enlarged; `enlarged` says how many times it was.
    """

    at_300: tuple[int, int]
    at_150: tuple[int, int]
    fits: dict[int, tuple[str, ...]]
    enlarged: float = 1.0
    own: tuple[int, int] | None = None

    def sentences(self) -> tuple[tuple[str, dict[str, str | int]], ...]:
        """Keys of the replies with what fills their blanks, in order."""
        (width, height), (wide, tall) = self.at_300, self.at_150
        sizes = {"width": width, "height": height, "wide": wide, "tall": tall}
        said: list[tuple[str, dict[str, str | int]]] = [("card_print", {**sizes})]
        if self.own:
            own = {"own_width": self.own[0], "own_height": self.own[1]}
            said.append(("card_print_enlarged", {"times": f"{self.enlarged:.1f}", **own}))
        return tuple(said)


def print_card(width: int, height: int, enlarged: float = 1.0) -> PrintCard:
    """The card of a picture of `width` x `height` pixels whose face was enlarged so many times."""
    return PrintCard(
        at_300=_centimetres(width, height, FINE),
        at_150=_centimetres(width, height, SOFT),
        fits={dpi: _fits(width, height, dpi) for dpi in (FINE, FAIR, SOFT)},
        enlarged=enlarged,
        own=_centimetres(width / enlarged, height / enlarged, FINE)
        if enlarged > WORTH_SAYING
        else None,
    )


def _centimetres(width: float, height: float, dpi: int) -> tuple[int, int]:
    return int(width / dpi * INCH / 10 + 0.05), int(height / dpi * INCH / 10 + 0.05)


def _fits(width: int, height: int, dpi: int) -> tuple[str, ...]:
    return tuple(
        name
        for name, size in SIZES.items()
        if not size.biometric and min(width / size.width, height / size.height) * INCH >= dpi - 1
    )
