"""What time it is, and where: the one place that asks the machine."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime
from functools import cache

Clock = Callable[[str], datetime]
"""Now, with its zone: in the zone of that name, or in the studio's own for ""."""


def now_in(zone: str) -> datetime:
    """Now in a zone of the IANA database; where the name is unknown, in this machine's."""
    here = datetime.now().astimezone()
    return here.astimezone(zoneinfo.ZoneInfo(zone)) if known_zone(zone) else here


@cache
def cities() -> dict[str, str]:
    """Zones by the city that names them: "new york" -> "America/New_York". Reads the database."""
    zones = sorted(z for z in zoneinfo.available_timezones() if "/" in z and z[:4] != "Etc/")
    return {zone.rpartition("/")[2].replace("_", " ").casefold(): zone for zone in zones}


def known_zone(zone: str) -> bool:
    """Whether the zone is one this machine knows."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True
