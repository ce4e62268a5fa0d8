"""Nobody waits longer than a round because somebody else wants a hundred pictures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.dispatch.fair_queue import FairQueue

OWNERS = st.sampled_from("abcdef")


def take(queue: FairQueue) -> str | None:
    """Whoever's turn it is, as the dispatcher takes them."""
    first = next(iter(queue.waiting()), None)
    assert first is None or queue.pull(first)
    return first


def drain(queue: FairQueue) -> list[str]:
    taken = []
    while (job_id := take(queue)) is not None:
        taken.append(job_id)
    return taken


def filled(owners: str) -> FairQueue:
    queue = FairQueue()
    for number, owner in enumerate(owners):
        queue.put(f"{owner}{number}", owner)
    return queue


def test_owners_take_turns() -> None:
    assert drain(filled("aaabbc")) == ["a0", "b3", "c5", "a1", "b4", "a2"]


def test_one_owner_is_served_first_come_first_served() -> None:
    assert drain(filled("aaa")) == ["a0", "a1", "a2"]


def test_who_was_just_served_goes_behind_who_waits() -> None:
    queue = filled("ab")
    assert take(queue) == "a0"
    queue.put("a9", "a")
    assert drain(queue) == ["b1", "a9"]


def test_an_empty_queue_gives_nothing() -> None:
    queue = FairQueue()
    assert take(queue) is None
    assert queue.waiting() == []
    assert not queue.remove("x")


def test_the_same_job_cannot_wait_twice() -> None:
    queue = filled("a")
    with pytest.raises(ValueError, match="already waits"):
        queue.put("a0", "b")


@given(st.lists(OWNERS, min_size=1, max_size=60))
def test_positions_are_the_order_of_taking(owners: list[str]) -> None:
    queue = filled("".join(owners))
    waiting = queue.waiting()
    assert len(waiting) == len(owners)
    assert drain(queue) == waiting


@given(st.lists(OWNERS, min_size=1, max_size=60), st.integers(0, 60))
def test_a_newcomer_waits_at_most_one_round(owners: list[str], taken: int) -> None:
    queue = filled("".join(owners))
    for _ in range(taken):
        take(queue)
    others = {job_id[0] for job_id in queue.waiting()}
    queue.put("newcomer", "z")
    assert queue.waiting().index("newcomer") == len(others)


@given(st.lists(OWNERS, min_size=1, max_size=60))
def test_between_two_turns_of_one_owner_everybody_waiting_is_served(owners: list[str]) -> None:
    queue = filled("".join(owners))
    while len(queue):
        others = {job_id[0] for job_id in queue.waiting()}
        owner = (take(queue) or "?")[0]
        served = set()
        if any(job_id[0] == owner for job_id in queue.waiting()):
            for job_id in queue.waiting():
                if job_id[0] == owner:
                    break
                served.add(job_id[0])
            assert served == others - {owner}


class AgainstAModel(RuleBasedStateMachine):
    """Any mixture of putting, taking and removing keeps jobs whole and each owner's order."""

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.count = FairQueue(), 0
        self.lines: dict[str, list[str]] = {}

    @rule(owner=OWNERS)
    def put(self, owner: str) -> None:
        self.count += 1
        self.queue.put(str(self.count), owner)
        self.lines.setdefault(owner, []).append(str(self.count))

    @precondition(lambda self: any(self.lines.values()))
    @rule()
    def take(self) -> None:
        job_id = take(self.queue)
        line = next(line for line in self.lines.values() if line and line[0] == job_id)
        line.pop(0)

    @precondition(lambda self: any(self.lines.values()))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(o for o, line in self.lines.items() if line)))
        job_id = data.draw(st.sampled_from(self.lines[owner]))
        self.lines[owner].remove(job_id)
        assert self.queue.remove(job_id)
        assert not self.queue.remove(job_id)

    @invariant()
    def the_same_jobs_wait(self) -> None:
        expected = sorted(job_id for line in self.lines.values() for job_id in line)
        assert sorted(self.queue.waiting()) == expected
        assert len(self.queue) == len(expected)


TestAgainstAModel = AgainstAModel.TestCase
TestAgainstAModel.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_a_job_pulled_out_of_turn_uses_its_owner_s_turn_up() -> None:
    """Who rode along with somebody else's batch stands back like everybody."""
    queue = FairQueue()
    for job, owner in (("a1", "ann"), ("b1", "bob"), ("b2", "bob"), ("c1", "eve")):
        queue.put(job, owner)
    assert queue.pull("b1")
    assert queue.waiting() == ["a1", "c1", "b2"]
    assert queue.pull("a1")
    assert not queue.pull("a1")
    assert queue.waiting() == ["c1", "b2"]
