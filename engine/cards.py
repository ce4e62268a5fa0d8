"""The graphics cards of this machine, asked of the driver's own tool: torch stays unloaded."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from msgspec import Struct

COMMAND = "nvidia-smi"
VISIBLE, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"
ALL = "all"
UUID = "GPU-"
_TIMEOUT_S = 5.0
_MIB_PER_GB = 1024
"""Cards are sold in GB that are GiB."""


class Card(Struct, frozen=True):
    """One card: its number for CUDA_VISIBLE_DEVICES, its name, its memory in GiB, and the driver's
    name for this very one ("GPU-…", "" where it says none)."""

    index: int
    name: str
    vram_gb: float
    uuid: str = ""

    def is_meant(self, name: str) -> bool:
        """Whether CUDA would take a part of CUDA_VISIBLE_DEVICES for this card."""
        return name == str(self.index) or (name.startswith(UUID) and self.uuid.startswith(name))


class DriverSilent(Exception):
    """There is a driver, and it does not answer."""


def cards(command: str = COMMAND) -> tuple[Card, ...]:
    """All cards, in the driver's order; none where there is no driver. Blocks up to 5 s.

    Raises:
        DriverSilent: The driver's tool hangs.
    """
    query = ("--query-gpu=index,memory.total,uuid,name", "--format=csv,noheader,nounits")
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


def alone(index: int) -> dict[str, str]:
    """The environment of a worker that is to see this card only.

    CUDA numbers cards by speed unless it is told to count like the driver.
    """
    return {VISIBLE: str(index), ORDER: "PCI_BUS_ID"}


def chosen(
    wanted: str, found: Sequence[Card], environment: Mapping[str, str] | None = None
) -> tuple[Card, ...]:
    """The cards to work on: "all", or numbers with commas between.

    "all" heeds a CUDA_VISIBLE_DEVICES that is set already, by numbers or by uuids; of slices of a
    card (MIG) nothing is known here. Raises ValueError, which names what is not there.
    """
    environment = os.environ if environment is None else environment
    visible = environment.get(VISIBLE, ALL) if wanted.strip().lower() == ALL else wanted
    if visible.strip().lower() == ALL or visible.startswith("MIG-"):
        return tuple(found)
    names = [name for part in visible.split(",") if (name := part.strip()) not in ("", "-1")]
    meant = {name: next((card for card in found if card.is_meant(name)), None) for name in names}
    if unknown := [name for name, card in meant.items() if card is None]:
        raise ValueError(f"there is no card {', '.join(unknown)} among the {len(found)} here")
    return tuple(dict.fromkeys(card for card in meant.values() if card))


def _card(line: str) -> Card | None:
    index, memory, rest = (*(part.strip() for part in line.split(",", 2)), "", "", "")[:3]
    if not index.isdigit() or not memory.isdigit():
        return None
    uuid, _, name = rest.partition(",") if rest.startswith(UUID) else ("", "", rest)
    return Card(int(index), name.strip(), round(int(memory) / _MIB_PER_GB, 1), uuid)
