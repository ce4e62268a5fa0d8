"""The graphics cards of this machine, asked of the driver's own tool: torch stays unloaded."""

import subprocess

from msgspec import Struct

COMMAND = "nvidia-smi"
_TIMEOUT_S = 5.0
_MIB_PER_GB = 1024
"""Cards are sold in GB that are GiB."""


class Card(Struct, frozen=True):
    """One card: its number for CUDA_VISIBLE_DEVICES, its name, and its memory in GiB."""

    index: int
    name: str
    vram_gb: float


class DriverSilent(Exception):
    """There is a driver, and it does not answer."""


def cards(command: str = COMMAND) -> tuple[Card, ...]:
    """All cards, in the driver's order; none where there is no driver. Blocks up to 5 s.

    Raises:
        DriverSilent: The driver's tool hangs.
    """
    query = ("--query-gpu=index,memory.total,name", "--format=csv,noheader,nounits")
    try:
        answer = subprocess.run(
            (command, *query), capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DriverSilent(str(error)) from error
    except OSError:
        return ()
    lines = answer.stdout.decode(errors="replace").splitlines() if not answer.returncode else []
    return tuple(card for line in lines if (card := _card(line)))


def _card(line: str) -> Card | None:
    index, memory, name = (*(part.strip() for part in line.split(",", 2)), "", "", "")[:3]
    if not index.isdigit() or not memory.isdigit():
        return None
    return Card(int(index), name, round(int(memory) / _MIB_PER_GB, 1))
