"""How large a picture a machine has the memory for."""

from pathlib import Path

import pytest

from engine.studio.room import memory_gb, scales_for


@pytest.mark.parametrize(
    ("memory", "scales"), [(1.0, (1, 2)), (4.0, (1, 2, 3, 4)), (16.0, (1, 2, 3, 4, 6))]
)
def test_more_memory_is_larger_pictures(memory: float, scales: tuple[int, ...]) -> None:
    assert scales_for(memory) == scales


def test_a_containers_share_counts_and_not_the_machine(tmp_path: Path) -> None:
    """Where it has one: "max" is none."""
    share, none = tmp_path / "share", tmp_path / "none"
    share.write_text(f"{2**29}\n")
    none.write_text("max\n")
    assert memory_gb([str(none), str(tmp_path / "absent")]) > 0.5
    assert memory_gb([str(none), str(share)]) == 0.5
