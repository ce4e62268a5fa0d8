"""Whose turn it is on the card where two threads would spoil each other's work.

While a pass is recorded no other thread may wait for the card, which compilers do; while kernels
are measured all threads have to use the one that is measured, which fails those it cannot serve.
"""

import contextlib
import threading
from collections.abc import Iterator

_card = threading.Lock()


@contextlib.contextmanager
def taken() -> Iterator[None]:
    """For as long as the block lasts nothing is recorded or measured; waits for what is."""
    with _card:
        yield


@contextlib.contextmanager
def if_free() -> Iterator[bool]:
    """Whether the block may record or measure; does not wait."""
    free = _card.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _card.release()
