from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import NoAdultFound
from engine.studio.generate import sampler as module
from engine.studio.generate.ranking import SPECTACLES
from engine.studio.generate.request import ADULT_FLOOR, MINOR_LIMIT, FaceRequest
from engine.studio.generate.sampler import Adjustment, Candidate, FaceSampler
from engine.studio.generate.traits import hair_of, smile_of

WOMAN = FaceRequest("woman", (30, 39))


@pytest.fixture(scope="module")
def sampler(weights: Callable[[str], Path]) -> FaceSampler:
    return FaceSampler(weights, threads=2)


@pytest.fixture(scope="module")
def women(sampler: FaceSampler) -> list[Candidate]:
    return sampler.candidates(WOMAN, seed=11, count=3)


def _adult(one: Candidate) -> bool:
    return one.reading.age >= ADULT_FLOOR and one.reading.minor <= MINOR_LIMIT


def _apart(one: Candidate, other: Candidate) -> float:
    return float(np.abs(one.image.astype(np.int16) - other.image).mean())


def test_the_same_seed_gives_the_same_bytes(sampler: FaceSampler, women: list[Candidate]) -> None:
    again = sampler.candidates(WOMAN, seed=11, count=3)
    assert [one.image.tobytes() for one in again] == [one.image.tobytes() for one in women]


def test_another_seed_gives_another_person(sampler: FaceSampler, women: list[Candidate]) -> None:
    other = sampler.candidates(WOMAN, seed=12, count=1)[0]
    assert min(_apart(other, one) for one in women) > 12


def test_candidates_are_full_size_different_and_ranked(women: list[Candidate]) -> None:
    assert {one.image.shape for one in women} == {(1024, 1024, 3)}
    assert _apart(women[0], women[1]) > 12
    scores = [one.score for one in women]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_woman_in_her_thirties_reads_as_one(women: list[Candidate]) -> None:
    best = women[0].reading
    assert best.faces == 1
    assert best.man < 0.5
    assert 25 <= best.age <= 45


def test_a_grey_man_in_his_sixties_reads_as_one(sampler: FaceSampler) -> None:
    best = sampler.candidates(FaceRequest("man", (60, 69), hair="grey"), seed=3, count=2)[0].reading
    assert best.man > 0.5
    assert 55 <= best.age <= 75
    assert hair_of(best) == "grey"


def test_youth_stays_above_the_floor(sampler: FaceSampler) -> None:
    young = sampler.candidates(FaceRequest(age=(18, 22), expression="smile"), seed=5, count=3)
    assert all(_adult(one) for one in young)


def test_glasses_come_only_when_asked(sampler: FaceSampler, women: list[Candidate]) -> None:
    asked = sampler.candidates(FaceRequest("man", glasses=True), seed=6, count=1)[0]
    assert asked.reading.look.bridge > SPECTACLES
    assert all(one.reading.look.bridge < SPECTACLES for one in women)


def test_a_variation_is_close_and_adult(sampler: FaceSampler, women: list[Candidate]) -> None:
    twin = sampler.vary(women[0].latent, seed=1, strength=0.1, count=1)[0]
    assert 0 < _apart(twin, women[0]) < _apart(women[0], women[1])
    assert _adult(twin)


def test_a_smile_and_years_can_be_added(sampler: FaceSampler, women: list[Candidate]) -> None:
    start = women[0]
    merry = sampler.adjust(start.latent, Adjustment(smile=1.0))
    older = sampler.adjust(start.latent, Adjustment(years=15.0))
    assert smile_of(merry.reading.look) > smile_of(start.reading.look) + 0.3
    assert older.reading.age > start.reading.age + 4


def test_younger_never_falls_under_the_floor(sampler: FaceSampler, women: list[Candidate]) -> None:
    assert _adult(sampler.adjust(women[0].latent, Adjustment(years=-20.0)))


def test_cancel_stops_between_candidates(sampler: FaceSampler) -> None:
    steps: list[tuple[int, int]] = []
    got = sampler.candidates(
        WOMAN,
        seed=11,
        count=4,
        cancelled=lambda: bool(steps),
        on_step=lambda done, of: steps.append((done, of)),
    )
    assert len(got) == 1
    assert steps == [(1, 4)]


def test_nobody_above_the_floor_is_an_error(
    sampler: FaceSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "rejected", lambda reading, request: "age")
    monkeypatch.setattr(module, "TRIES", 1)
    with pytest.raises(NoAdultFound, match="age"):
        sampler.candidates(WOMAN, seed=11, count=2)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"MappingNetwork\.xml"):
        FaceSampler(lambda name: tmp_path / name)
