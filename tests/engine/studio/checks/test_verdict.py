"""Which attempt is kept, and what the person hears."""

import logging

import pytest

import prompts
from engine.jobs import Check
from engine.studio.checks import Proof, better, check, sentences
from engine.studio.checks.bounds import excess, least, most, within
from engine.studio.checks.verdict import OURS, SENTENCES

HALO, WORSE = most("halo", 2.0, 1.5), most("halo", 4.0, 1.5)
SPILL, FINE = most("spill", 0.5, 0.25), most("spill", 0.1, 0.25)

ENLARGED = {"upscale_structure", "upscale_skin"}
"""Measured of a face that a graphics card enlarged."""


def test_fewer_failures_are_better() -> None:
    assert better((HALO, SPILL), (WORSE, FINE))
    assert not better((WORSE, FINE), (HALO, SPILL))


def test_between_equals_the_smaller_excess_is_better() -> None:
    assert better((WORSE,), (HALO,))
    assert not better((HALO,), (WORSE,))
    assert not better((HALO,), (HALO,))


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (most("halo", 3.0, 1.5), 1.0),
        (least("structure", 0.68, 0.85), 0.2),
        (within("skin_lightness", -6, -4, 4), 0.25),
        (within("centre", 0.09, -0.03, 0.03), 1.0),
        (most("stray_alpha", 0.002, 0.0005), 1.5),
        (most("halo", 1.0, 1.5), 0.0),
    ],
)
def test_the_excess_is_relative_to_the_bound(check: Check, expected: float) -> None:
    assert excess(check) == pytest.approx(expected, abs=1e-6)


def test_every_check_has_a_sentence_or_is_ours(good: Proof) -> None:
    names = {c.name for c in check(good)} | {"likeness", "tags"} | ENLARGED
    assert names == set(SENTENCES) | set(OURS)
    words = prompts.load()
    assert all(key in words.phrases for key in SENTENCES.values())


def test_what_failed_is_said_once_and_the_gravest_first() -> None:
    failed = (HALO, most("halo_share", 0.3, 0.1), least("structure", 0.5, 0.85), FINE)
    assert sentences(failed) == ("check_structure", "check_halo")
    assert sentences((FINE,)) == ()


def test_our_own_mistakes_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert sentences((within("aspect", 4, 0, 0),)) == ()
    assert "aspect" in caplog.text
