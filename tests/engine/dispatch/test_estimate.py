"""Times are promised by the studio and corrected by what this machine has shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert expected == pytest.approx({"sample": 20.0, "matte": 1.0, "upscale": 8.0}, rel=1e-3)


def test_one_slow_run_counts_for_less_than_half() -> None:
    estimator = Estimator()
    estimator.learn("generate", PROMISED, {"sample": 20.0})
    assert 10.0 < estimator.expect("generate", PROMISED)["sample"] < 15.0


def test_what_is_learned_of_one_operation_says_nothing_about_another() -> None:
    estimator = Estimator()
    estimator.learn("generate", PROMISED, {"matte": 20.0})
    assert estimator.expect("swap", PROMISED) == PROMISED


def test_a_larger_shot_is_scaled_by_what_was_learned_on_a_small_one() -> None:
    estimator = Estimator(alpha=1.0)
    estimator.learn("upscale", {"upscale": 2.0}, {"upscale": 6.0})
    assert estimator.expect("upscale", {"upscale": 8.0}) == {"upscale": pytest.approx(24.0)}


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
