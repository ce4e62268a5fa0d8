"""How a platform likes to be written to, and what its errors mean."""

from collections.abc import Callable

PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)
LONGEST_PAUSE_S = 60.0


class Pace:
    """How a platform likes to be written to.

    `edit_s` is seconds between two edits of progress. Of an exception, `passing(error)` says that
    what was sent certainly did not arrive and may be tried again (a sentence after each of
    `pauses`, a result without end, at most every `longest_s`), `refused(error)` that it certainly
    did not and trying again helps nothing. Any other error leaves it open whether it arrived.
    """

    def __init__(
        self,
        edit_s: float = 2.0,
        passing: Callable[[Exception], bool] = lambda error: False,
        refused: Callable[[Exception], bool] = lambda error: False,
        *,
        pauses: tuple[float, ...] = PAUSES_S,
        longest_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self.edit_s, self.passing, self.refused = edit_s, passing, refused
        self.pauses, self.longest_s = pauses, longest_s
