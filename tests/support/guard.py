"""No test reaches a real model, a real chat, or anything else beyond this machine."""

import ipaddress
import sys
from typing import Any


def forbid_the_internet() -> None:
    """From now on no test in this process may look up or reach anything but this machine."""
    sys.addaudithook(_only_this_machine)


def _only_this_machine(event: str, args: tuple[Any, ...]) -> None:
    # An audit hook runs for everything Python does: the cheap test comes first.
    if event not in ("socket.connect", "socket.getaddrinfo"):
        return
    host = args[0] if event == "socket.getaddrinfo" else _host(args[1])
    if host and not _is_local(host):
        raise ConnectionRefusedError(f"tests must not reach {host}")


def _host(address: object) -> str:
    return str(address[0]) if isinstance(address, tuple) else ""


def _is_local(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
