"""One failed check, one gentler attempt."""

from dataclasses import fields

import pytest

from engine.jobs import Check
from engine.studio.checks.verdict import OURS, SENTENCES
from engine.studio.gentle import REMEDIES, Gentler, gentler


def failed(*names: str) -> tuple[Check, ...]:
    return tuple(Check(name, 9.0, "<= 1", False) for name in names)


def test_a_picture_without_fault_is_not_tried_again() -> None:
    assert gentler((Check("halo", 0.3, "<= 1.5", True),)) is None


@pytest.mark.parametrize("name", [*OURS, "eye_line", "centre", "headroom", "stray_alpha"])
def test_what_settings_cannot_mend_is_not_tried_again(name: str) -> None:
    assert gentler(failed(name)) is None


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("halo", "edge"), ("spill", "edge"), ("face_colour", "film"), ("skin_lightness", "wrap"),
        ("skin_hue", "relight"), ("skin_texture", "detail"), ("eye_sharpness", "detail"),
        ("structure", "detail"), ("light", "mirror"), ("grain", "regrain"),
        ("smudge", "firm"),
    ],
)  # fmt: skip
def test_each_fault_has_its_remedy(name: str, setting: str) -> None:
    remedy = gentler(failed(name))
    assert remedy is not None
    assert getattr(remedy, setting) != getattr(Gentler(), setting)


def test_spill_cleans_harder_than_a_rim() -> None:
    rim, old_room = gentler(failed("halo")), gentler(failed("spill"))
    assert rim is not None
    assert old_room is not None
    assert 0 < rim.edge < old_room.edge <= 1


def test_two_faults_have_both_remedies_in_any_order() -> None:
    both = gentler(failed("spill", "halo", "light", "skin_texture"))
    assert both == gentler(failed("skin_texture", "light", "halo", "spill"))
    assert both == Gentler(edge=1.0, wrap=0.5, relight=0.0, detail=0.5, mirror=True)


def test_a_remedy_is_never_harsher_than_the_first_attempt() -> None:
    plain = Gentler()
    for remedy in REMEDIES.values():
        assert 0 <= remedy.edge <= 1
        for field in fields(Gentler):
            if field.name in ("film", "wrap", "relight", "detail"):
                assert 0 <= getattr(remedy, field.name) <= getattr(plain, field.name)


def test_every_remedy_is_for_a_check_that_exists() -> None:
    assert set(REMEDIES) <= set(SENTENCES)
