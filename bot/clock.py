"""What time it is, and where: the one place that asks the machine."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime

Clock = Callable[[str], datetime]
"""Now, with its zone: in the zone of that name, or in the studio's own for ""."""


def now_in(zone: str) -> datetime:
    """Now in a zone of the IANA database; where the name is unknown, in this machine's."""
    here = datetime.now().astimezone()
    return here.astimezone(zoneinfo.ZoneInfo(zone)) if known_zone(zone) else here


def known_zone(zone: str) -> bool:
    """Whether the zone is one this machine knows."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True
