"""A circuit breaker: what keeps failing is left alone for a while, so that the chat stays quick."""

from collections.abc import Callable

FAILURES = 3
REST_S = 60.0


class Breaker:
    """Open after `failures` in a row, for `rest_s` seconds; then one try decides again."""

    def __init__(
        self, clock: Callable[[], float], failures: int = FAILURES, rest_s: float = REST_S
    ) -> None:
        """`clock` gives seconds that only grow."""
        self._clock, self._limit, self._rest_s = clock, failures, rest_s
        self._failed = 0
        self._closed_at = 0.0

    def allows(self) -> bool:
        """Whether to try now."""
        return self._failed < self._limit or self._clock() >= self._closed_at

    def succeeded(self) -> None:
        """It worked: forget the failures."""
        self._failed = 0

    def failed(self, at_least_s: float = 0.0) -> None:
        """It did not. `at_least_s`: how long the other side asked to be left alone."""
        self._failed = self._limit if at_least_s else self._failed + 1
        self._closed_at = self._clock() + max(self._rest_s, at_least_s)
