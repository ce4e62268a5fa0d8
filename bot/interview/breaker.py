"""A circuit breaker: what keeps failing is left alone for a while, so that the chat stays quick."""

from collections import OrderedDict
from collections.abc import Callable

FAILURES = 3
REST_S = 60.0
CONVERSATIONS = 1000


class Breaker:
    """Open after `failures` in a row, for `rest_s` seconds; then one try decides again.

    Whoever comes while that one is under way is not kept waiting for it.
    """

    def __init__(
        self, clock: Callable[[], float], failures: int = FAILURES, rest_s: float = REST_S
    ) -> None:
        """`clock` gives seconds that only grow."""
        self._clock, self._limit, self._rest_s = clock, failures, rest_s
        self._failed = 0
        self._closed_at = 0.0

    def allows(self) -> bool:
        """Whether to try now. After a rest only one is let through, until it has reported."""
        if self._failed < self._limit:
            return True
        if self._clock() < self._closed_at:
            return False
        self._closed_at = self._clock() + self._rest_s
        return True

    def succeeded(self) -> None:
        """It worked: forget the failures."""
        self._failed = 0

    def failed(self, at_least_s: float = 0.0) -> None:
        """It did not. `at_least_s`: how long the other side asked to be left alone."""
        self._failed = self._limit if at_least_s else self._failed + 1
        self._closed_at = self._clock() + max(self._rest_s, at_least_s)


class Breakers:
    """One breaker for a server, and one for each conversation with it.

    What a model makes of somebody's words (a refusal, rubbish) is no fault of the server: whoever
    provokes it gets no rest for anybody but themselves.
    """

    def __init__(self, clock: Callable[[], float], most: int = CONVERSATIONS) -> None:
        """`most` conversations are remembered, the latest."""
        self._clock, self._most = clock, most
        self._server = Breaker(clock)
        self._talks: OrderedDict[str, Breaker] = OrderedDict()

    def allows(self, talk: str) -> bool:
        """Whether to ask now, in this conversation."""
        own = self._talks.get(talk)
        return (own is None or own.allows()) and self._server.allows()

    def succeeded(self, talk: str) -> None:
        """It worked: forget the failures."""
        self._server.succeeded()
        self._talks.pop(talk, None)

    def failed(self, at_least_s: float = 0.0) -> None:
        """The server did not answer."""
        self._server.failed(at_least_s)

    def wasted(self, talk: str) -> None:
        """The server answered, and nothing could be made of it."""
        self._server.succeeded()
        own = self._talks.setdefault(talk, Breaker(self._clock))
        own.failed()
        self._talks.move_to_end(talk)
        if len(self._talks) > self._most:
            self._talks.popitem(last=False)
