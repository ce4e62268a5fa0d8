"""How much memory this machine lends a studio, and how large its pictures may be for that."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOM_GB = {1: 0.0, 2: 0.0, 3: 2.5, 4: 3.5, 6: 10.0}
"""Memory of the machine from which a scale is made. Measured peaks of the whole process: 2.4 GB for
22 megapixels (3:4 at scale 4) and 4.4 GB for 50 (scale 6); a square has a third more."""
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container is told of its share: control groups, version 2 and 1."""
GIB = 2**30


def scales_for(memory: float) -> tuple[int, ...]:
    """The scales for which a machine with so many GiB has room; never fewer than 1 and 2."""
    return tuple(scale for scale, needed in ROOM_GB.items() if memory >= needed)


def memory_gb(limits: Sequence[str] = LIMITS) -> float:
    """GiB of this machine, or of the container it pretends to be."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in limits:
        with suppress(OSError, ValueError):  # not there, or "max"
            found.append(int(Path(limit).read_text(encoding="ascii")))
    return min(found) / GIB
