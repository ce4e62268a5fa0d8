"""Cards are read off the driver's own tool, whatever it says."""

from pathlib import Path

import pytest

from engine.cards import Card, DriverSilent, cards


def driver(tmp_path: Path, script: str) -> str:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return str(tool)


def test_each_card_has_its_number_name_and_memory(tmp_path: Path) -> None:
    two = "echo '0, 24564, NVIDIA RTX 4090'; echo '1, 8192, NVIDIA RTX 3070'"
    assert cards(driver(tmp_path, two)) == (
        Card(0, "NVIDIA RTX 4090", 24.0),
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
