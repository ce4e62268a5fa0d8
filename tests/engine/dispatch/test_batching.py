"""Who shares a batch, what several cost, and who waits how long: pure arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch.batching import Candidate, Crowding, Outlook, gather, waits


def job(name: str, words: str, seconds: float = 10.0, *, alone: bool = False) -> Candidate:
    """A job whose shots go by one letter each; "." is a shot that must be alone."""
    own = tuple(word.replace(".", "") for word in words)
    return Candidate(name, own, (seconds,) * len(own), alone)


def test_a_studio_for_one_makes_one_at_a_time() -> None:
    """Batch of 1."""
    assert gather(1, [job("a", "xx")], [job("b", "x")]) == ["a"]


def test_everybody_gets_a_place_before_anybody_gets_two() -> None:
    """A long series does not keep others out."""
    assert gather(4, [job("a", "x" * 8)], [job("b", "x"), job("c", "xx")]) == ["a", "b", "c", "a"]


def test_a_series_fills_the_batch_by_itself() -> None:
    """Where nobody else waits."""
    assert gather(4, [job("a", "x" * 6)], []) == ["a"] * 4


def test_shots_of_another_word_stay_out() -> None:
    """Another size or model cannot share a batch; nor is a shot left out for it."""
    assert gather(4, [job("a", "xyx")], [job("b", "yx"), job("c", "x")]) == ["a", "c"]


def test_who_must_be_alone_is_alone() -> None:
    """A shot without a word, and a job that has lost a worker."""
    assert gather(4, [job("a", ".x")], [job("b", "x")]) == ["a"]
    assert gather(4, [job("a", "xx", alone=True)], [job("b", "x")]) == ["a"]
    assert gather(4, [job("a", "x")], [job("b", "x", alone=True)]) == ["a"]


def test_once_the_leader_is_through_nobody_is_overtaken() -> None:
    """Else a stream of alike jobs would keep another one waiting for ever."""
    waiting = [job("c", "x"), job("d", "y"), job("e", "x")]
    assert gather(4, [job("b", "x")], waiting, led=True) == ["b", "c", "e"]
    assert gather(4, [job("b", "x")], waiting, led=False) == ["b", "c"]


JOBS = st.lists(st.text("xy.", min_size=1, max_size=5), min_size=1, max_size=8)


@given(JOBS, st.integers(1, 6), st.booleans())
def test_a_batch_is_led_by_the_first_and_never_too_large(
    words: list[str], places: int, led: bool
) -> None:
    """Whatever waits, all of its shots go by one word and nobody gives more than they have."""
    jobs = [job(str(n), w) for n, w in enumerate(words)]
    picks = gather(places, jobs[:1], jobs[1:], led=led)
    assert picks[0] == "0"
    assert 1 <= len(picks) <= places
    word = jobs[0].words[0]
    for pick in set(picks):
        assert picks.count(pick) <= max(jobs[int(pick)].run(word), 1)
        assert len(picks) == 1 or jobs[int(pick)].words[0] == word


def test_what_company_costs_is_learned() -> None:
    """A batch of four took twice as long as one; nothing is said about batches of two."""
    crowding = Crowding()
    two = crowding.stretch(2)
    for _ in range(30):
        crowding.learn(4, 2.0)
    assert crowding.stretch(4) == pytest.approx(2.0, rel=0.01)
    assert (crowding.stretch(1), crowding.stretch(2)) == (1.0, two)


def test_a_series_costs_its_batches() -> None:
    """Six shots, four abreast: one batch of four and one of two."""
    crowding = Crowding()
    expected = 10 * (crowding.stretch(4) + crowding.stretch(2))
    assert crowding.seconds(job("a", "xxxxxx"), 4) == pytest.approx(expected)
    assert crowding.seconds(job("a", "xxxxxx"), 1) == pytest.approx(60)


def test_without_batches_waits_add_up() -> None:
    """The job in hand, then one after the other."""
    told = waits([Outlook(7.0)], [job("b", "xx"), job("c", "x")], Crowding())
    assert told == {"b": 7.0, "c": 27.0}


def test_two_cameras_share_the_queue() -> None:
    """Each takes the next job when it is free."""
    told = waits([Outlook(7.0), Outlook(3.0)], [job(n, "x") for n in "bcd"], Crowding())
    assert told == {"b": 3.0, "c": 7.0, "d": 13.0}


def test_who_can_ride_along_waits_for_the_next_batch_only() -> None:
    """Not for the end of the series in hand."""
    crowding = Crowding()
    camera = Outlook(5.0, 4, [job("a", "x" * 8)], "a")
    told = waits([camera], [job("b", "x"), job("c", "y")], crowding)
    assert told["b"] == 5.0
    rest = 2 * crowding.stretch(4) + crowding.stretch(1)  # of a's eight and b's one
    assert told["c"] == pytest.approx(5.0 + 10 * rest)


@given(JOBS, JOBS, st.integers(1, 6), st.lists(st.floats(0, 100), min_size=1, max_size=3))
def test_everybody_who_waits_is_told_how_long(
    begun: list[str], waiting: list[str], places: int, free: list[float]
) -> None:
    """Once each, never less than the first camera needs to be free."""
    cameras = [Outlook(s, places, [job("b0", begun[0])], "b0") for s in free]
    told = waits(cameras, [job(str(n), w) for n, w in enumerate(waiting)], Crowding())
    assert told.keys() == {str(n) for n in range(len(waiting))}
    assert all(wait >= min(free) for wait in told.values())
