"""Times are promised by the studio and corrected by what this machine has shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch import pace
from engine.dispatch.estimate import TYPICAL_S, Estimator, Progress

PROMISED = {"sample": 10.0, "matte": 2.0, "upscale": 8.0}


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_before_anything_was_learned_the_promise_holds() -> None:
    assert Estimator().expect("generate", PROMISED) == PROMISED


def test_without_a_promise_the_time_is_a_guess_until_a_shot_was_made() -> None:
    estimator = Estimator()
    assert estimator.expect("swap", {}) == {"": TYPICAL_S}
    estimator.learn("swap", {}, {"matte": 4.0})
    assert estimator.expect("swap", {}) == {"": 4.0}


def test_a_slower_machine_is_learned_step_by_step() -> None:
    estimator = Estimator()
    for _ in range(30):
        estimator.learn("generate", PROMISED, {"sample": 20.0, "matte": 1.0})
    expected = estimator.expect("generate", PROMISED)
    assert expected["sample"] == pytest.approx(20.0, rel=1e-2)
    assert expected["matte"] == pytest.approx(1.0, rel=1e-2)


def test_what_was_not_seen_yet_goes_by_the_pace_of_everything() -> None:
    """A machine that takes twice as long for one step will take longer for the others."""
    estimator = Estimator()
    for _ in range(30):
        estimator.learn("generate", PROMISED, {"sample": 20.0})
    assert estimator.expect("generate", PROMISED)["upscale"] == pytest.approx(16.0, rel=1e-2)
    assert estimator.expect("swap", {"matte": 3.0})["matte"] == pytest.approx(6.0, rel=1e-2)


def test_one_slow_run_counts_for_no_more_than_the_promise() -> None:
    estimator = Estimator()
    estimator.learn("generate", PROMISED, {"sample": 20.0})
    assert 12.0 < estimator.expect("generate", PROMISED)["sample"] <= 15.0


def test_a_larger_shot_is_judged_by_a_small_one_until_it_was_made() -> None:
    """Twice the promise at one size is a first guess at another, and no more than that."""
    estimator = Estimator(alpha=1.0)
    estimator.learn("upscale", {"upscale": 2.0}, {"upscale": 6.0}, 1)
    assert estimator.expect("upscale", {"upscale": 8.0}, 2) == {"upscale": pytest.approx(24.0)}
    estimator.learn("upscale", {"upscale": 8.0}, {"upscale": 8.0}, 2)
    assert estimator.expect("upscale", {"upscale": 8.0}, 2) == {"upscale": pytest.approx(8.0)}
    assert estimator.expect("upscale", {"upscale": 2.0}, 1) == {"upscale": pytest.approx(6.0)}


def test_a_range_is_wide_at_first_and_narrows_as_shots_are_made() -> None:
    """Before anything is known, a machine a little slower than the promise is still within."""
    estimator = Estimator()
    wide = estimator.range("generate", PROMISED)
    assert wide.least < 20.0 / 1.5 and wide.most > 20.0 * 1.5
    for _ in range(12):
        estimator.learn("generate", PROMISED, {s: 3 * p for s, p in PROMISED.items()})
    known = estimator.range("generate", PROMISED)
    assert known.least < 60.0 < known.most
    assert known.most / known.least < 1.6


def test_a_machine_that_wavers_is_told_as_a_wide_range() -> None:
    estimator = Estimator()
    for n in range(20):
        estimator.learn("swap", {"matte": 3.0}, {"matte": 3.0 if n % 2 else 9.0})
    shown = estimator.range("swap", {"matte": 3.0})
    assert shown.most / shown.least > 2


def test_a_restart_knows_what_was_learned(tmp_path: Path) -> None:
    """The file in the data folder carries it over; nothing is measured again."""
    path = tmp_path / "pace.json"
    before = Estimator(path, calibrate=lambda: 1.0)
    before.open()
    for _ in range(10):
        before.learn("generate", PROMISED, {s: 3 * p for s, p in PROMISED.items()}, 2)
    before.save()
    after = Estimator(path, calibrate=_never)
    after.open()
    assert after.expect("generate", PROMISED, 2) == before.expect("generate", PROMISED, 2)
    assert after.range("generate", PROMISED, 2) == before.range("generate", PROMISED, 2)
    assert [p.name for p in tmp_path.iterdir()] == ["pace.json"], "no half-written file is left"


def test_a_new_machine_is_measured_once(tmp_path: Path) -> None:
    """A slow one says so before its first picture."""
    estimator = Estimator(tmp_path / "pace.json", calibrate=lambda: 3.0)
    estimator.open()
    assert sum(estimator.expect("generate", PROMISED).values()) == pytest.approx(60.0)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b'{"paces": {"generate/matte/2": {"factor": "fast"}}}',
        b'{"paces": {"generate/matte/2": {"factor": -4}}, "typical": {"swap": -1}}',
        b'{"paces": {"generate/matte/2": {"factor": 1e300, "spread": 1e300}}}',
        b'{"version": 99}',
    ],
)
def test_a_damaged_file_costs_what_was_learned_and_nothing_else(
    tmp_path: Path, damaged: bytes
) -> None:
    path = tmp_path / "pace.json"
    path.write_bytes(damaged)
    estimator = Estimator(path, calibrate=lambda: 1.0)
    estimator.open()
    assert estimator.expect("generate", PROMISED, 2) == PROMISED
    estimator.learn("generate", PROMISED, PROMISED, 2)
    estimator.save()
    assert pace.read(path).paces


def test_a_folder_that_refuses_costs_only_the_memory(tmp_path: Path) -> None:
    estimator = Estimator(tmp_path / "gone" / "pace.json", calibrate=lambda: 1.0)
    estimator.open()
    estimator.learn("generate", PROMISED, PROMISED)
    estimator.save()


def test_calibration_is_quick_and_within_reason() -> None:
    assert 0.5 <= pace.calibrate() <= 20.0


def _never() -> float:
    raise AssertionError("this machine is known already")


def test_progress_follows_the_expected_seconds() -> None:
    progress = Progress([PROMISED, PROMISED], clock=Clock())
    progress.begin(0)
    progress.report("sample", 0.5)
    assert progress.fraction == pytest.approx(5 / 40)
    progress.report("upscale", 0.0)
    assert progress.fraction == pytest.approx(12 / 40)
    progress.begin(1)
    assert progress.fraction == pytest.approx(20 / 40)


def test_at_the_expected_pace_the_remaining_time_is_the_rest() -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    clock.now += 10.0
    progress.report("matte", 0.0)
    assert progress.remaining() == pytest.approx(10.0)


def test_a_lagging_job_is_given_more_time() -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    clock.now += 30.0
    progress.report("matte", 0.0)
    assert 10.0 < progress.remaining() <= 30.0


def test_a_second_attempt_starts_where_the_first_got() -> None:
    progress = Progress([PROMISED, PROMISED], done=1, clock=Clock())
    assert progress.fraction == pytest.approx(0.5)
    assert progress.remaining() == pytest.approx(20.0)


def test_the_seconds_of_each_step_are_measured_also_when_steps_alternate() -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    for step, seconds in [("sample", 3.0), ("matte", 1.0), ("sample", 2.0)]:
        progress.report(step, 0.0)
        clock.now += seconds
    assert progress.finish() == {"sample": pytest.approx(5.0), "matte": pytest.approx(1.0)}


def test_a_silent_step_moves_with_the_clock_but_never_claims_to_be_finished() -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    progress.advance()
    assert progress.fraction == 0.0, "nothing has been reported yet"
    progress.report("sample", 0.0)
    clock.now += 5.0
    progress.advance()
    former = progress.fraction
    assert former == pytest.approx(5 / 20)
    for _ in range(100):
        clock.now += 10.0
        progress.advance()
        assert former < progress.fraction < 10 / 20, "always a little"
        former = progress.fraction
    progress.report("sample", 0.1)
    assert progress.fraction == former, "never back"


def test_a_step_that_tells_its_own_pace_is_believed() -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    progress.report("upscale", 0.0)
    clock.now += 10.0
    progress.report("upscale", 0.25)
    assert progress.remaining() == pytest.approx(30.0)
    clock.now += 10.0
    progress.advance()
    assert progress.remaining() == pytest.approx(20.0)
    assert progress.fraction == pytest.approx((12 + 4) / 20)


REPORTS = st.lists(
    st.tuples(
        st.sampled_from([*PROMISED, "unknown"]),
        st.floats(-1.0, 2.0),
        st.floats(0.0, 100.0),
    )
)


@given(REPORTS)
def test_whatever_a_studio_reports_progress_is_sane(
    reports: list[tuple[str, float, float]],
) -> None:
    clock = Clock()
    progress = Progress([PROMISED], clock=clock)
    progress.begin(0)
    last = 0.0
    for step, fraction, seconds in reports:
        clock.now += seconds
        progress.report(step, fraction)
        if seconds > 50.0:
            progress.advance()
        assert last <= progress.fraction <= 1.0
        assert 0.0 <= progress.remaining() < 1e9
        last = progress.fraction
