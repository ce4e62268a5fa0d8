import pytest

from engine.errors import NoAdultFound
from engine.studio.generate.request import ADULT_FLOOR, FaceRequest


def test_a_child_cannot_be_asked_for() -> None:
    with pytest.raises(NoAdultFound):
        FaceRequest(age=(6, 12))


@pytest.mark.parametrize("age", [(40, 30), (-1, 30), (30, 400)])
def test_an_impossible_age_is_a_mistake(age: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="age"):
        FaceRequest(age=age)


@pytest.mark.parametrize("age", [(18, 20), (16, 22), (20, 29)])
def test_a_young_adult_is_lifted_to_the_floor(age: tuple[int, int]) -> None:
    band = FaceRequest(age=age).years()
    assert ADULT_FLOOR < band[0] < band[1]


def test_no_age_is_any_grown_age() -> None:
    youngest, oldest = FaceRequest().years()
    assert youngest > ADULT_FLOOR
    assert oldest >= 70
