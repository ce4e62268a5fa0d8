"""Cards are read off the driver's own tool, whatever it says."""

from pathlib import Path

import pytest

from engine.cards import Card, DriverSilent, alone, cards, chosen


def driver(tmp_path: Path, script: str) -> str:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return str(tool)


def test_each_card_has_its_number_name_and_memory(tmp_path: Path) -> None:
    two = "echo '0, 24564, GPU-1c20, NVIDIA RTX 4090'; echo '1, 8192, NVIDIA RTX 3070'"
    assert cards(driver(tmp_path, two)) == (
        Card(0, "NVIDIA RTX 4090", 24.0, "GPU-1c20"),
        Card(1, "NVIDIA RTX 3070", 8.0),
    )


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'", "echo '0, [N/A], X'"])
def test_a_driver_without_a_card_is_no_card(tmp_path: Path, script: str) -> None:
    assert cards(driver(tmp_path, script)) == ()


def test_no_driver_is_no_card() -> None:
    assert cards("no-such-tool") == ()


def test_a_hanging_driver_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cards._TIMEOUT_S", 0.05)
    with pytest.raises(DriverSilent):
        cards(driver(tmp_path, "exec sleep 5"))


TWO = (
    Card(0, "NVIDIA RTX 4090", 24.0, "GPU-1c20"),
    Card(1, "NVIDIA RTX 3070", 8.0, "GPU-8f3a"),
)


@pytest.mark.parametrize(
    ("wanted", "environment", "numbers"),
    [
        ("all", {}, [0, 1]),
        ("All ", {"CUDA_VISIBLE_DEVICES": "1"}, [1]),
        ("all", {"CUDA_VISIBLE_DEVICES": "-1"}, []),
        ("all", {"CUDA_VISIBLE_DEVICES": ""}, []),
        ("all", {"CUDA_VISIBLE_DEVICES": "GPU-8f"}, [1]),
        ("all", {"CUDA_VISIBLE_DEVICES": "GPU-8f3a, GPU-1c"}, [1, 0]),
        ("all", {"CUDA_VISIBLE_DEVICES": "MIG-77"}, [0, 1]),
        ("0", {"CUDA_VISIBLE_DEVICES": "1"}, [0]),
        (" 1, 0,1 ", {}, [1, 0]),
    ],
)
def test_cards_are_chosen_by_number(
    wanted: str, environment: dict[str, str], numbers: list[int]
) -> None:
    """What the environment says already holds, unless numbers are asked for."""
    assert [card.index for card in chosen(wanted, TWO, environment)] == numbers


def test_a_card_that_is_not_there_is_an_error() -> None:
    """Rather than a worker without a card."""
    with pytest.raises(ValueError, match="no card 2 among the 2"):
        chosen("0,2", TWO, {})
    with pytest.raises(ValueError, match="no card GPU-99 among the 2"):
        chosen("all", TWO, {"CUDA_VISIBLE_DEVICES": "GPU-99"})


def test_a_worker_counts_cards_as_the_driver_does() -> None:
    """CUDA's own order is by speed."""
    assert alone(1) == {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
