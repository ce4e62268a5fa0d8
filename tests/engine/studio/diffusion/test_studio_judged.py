"""Who may be shown: an adult, or the person themselves; nobody else, after three tries."""

import numpy as np
import pytest
from msgspec import structs
from support.drawing import BLAZER, Judgement, Make, unheard

from engine.errors import NoAdultFound, StudioFailed
from engine.shots import Shot
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import (
    Assignment,
    Finished,
    Kit,
    request_for,
)
from engine.studio.diffusion.darkroom import next_seed
from engine.studio.diffusion.judge import Verdict
from engine.studio.older import older


class Ending:
    """An operation's last steps: a person is found unlike `unlike` times."""

    def __init__(self, unlike: int) -> None:
        self.left, self.seen = unlike, []

    def verdict(self, drawn: np.ndarray) -> str:
        self.seen.append(drawn)
        self.left -= 1
        return "unlike" if self.left >= 0 else ""

    def __call__(self, drawn: np.ndarray, clock: Clock) -> Finished:
        return Finished(drawn[:, ::-1], notes=("note_face_kept",))


def test_a_face_too_young_is_drawn_again_from_the_next_seed(make: Make) -> None:
    """The render's seed is that of the picture shown."""
    judge = Judgement("no face", "no face")
    render = make(judge=judge).render(BLAZER, unheard)
    assert judge.asked == 3
    assert render.seed == next_seed(next_seed(BLAZER.seed))
    straight = make().render(structs.replace(BLAZER, seed=render.seed), unheard)
    assert straight.blob == render.blob


def test_after_a_face_that_is_too_young_an_older_one_is_asked_for(make: Make) -> None:
    """The floor stays; the sitter gets a few years more with every try, and that is said."""
    shot = structs.replace(BLAZER, prompt="a young woman in her early 20s")
    studio = make(judge=Judgement("young", "young"))
    render = studio.render(shot, unheard)
    assert render.notes == ("note_drawn_older",)
    asked = structs.replace(
        BLAZER, seed=render.seed, prompt="A clearly grown adult, a woman in her late 20s"
    )
    third = structs.replace(asked, prompt=older(asked.prompt, 2))
    assert make().render(third, unheard).blob == render.blob
    assert make().render(shot, unheard).notes == ()


@pytest.mark.parametrize(
    ("verdict", "code"), [("young", "no_adult_found"), ("no face", "no_face_drawn")]
)
def test_three_times_is_enough(make: Make, verdict: Verdict, code: str) -> None:
    judge = Judgement(verdict, verdict, verdict, verdict)
    with pytest.raises(StudioFailed) as refused:
        make(judge=judge).render(BLAZER, unheard)
    assert (refused.value.code, judge.asked) == (code, 3)


@pytest.mark.parametrize("age", ["9", "12", "10-14"])
def test_a_child_is_not_drawn_at_all(make: Make, age: str) -> None:
    judge = Judgement()
    with pytest.raises(NoAdultFound):
        make(judge=judge).render(structs.replace(BLAZER, spec={"age": age}), unheard)
    assert judge.asked == 0


def test_the_seed_that_is_told_is_that_of_the_picture_that_is_shown(make: Make) -> None:
    """Of three tries the first may have been the best; drawn again from its seed it comes back."""

    class First(Ending):
        @property
        def drawn(self) -> np.ndarray:
            return self.seen[0]

    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        return Assignment(request_for(shot, kit.profile), real=True, finish=First(9))

    studio = make(prepare=edit)
    assert studio.render(structs.replace(BLAZER, operation="edit"), unheard).seed == BLAZER.seed


def test_a_new_face_on_an_existing_person_is_judged_as_any_other(make: Make) -> None:
    """The finished picture is what the judge sees, and it is not shown when it does not pass."""
    judge, ending = Judgement("young", "young", "young"), Ending(0)

    def inpaint(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        request = request_for(shot, kit.profile)
        return Assignment(request, real=True, finish=ending, new_face=True)

    studio = make(judge=judge, prepare=inpaint)
    with pytest.raises(NoAdultFound):
        studio.render(structs.replace(BLAZER, operation="inpaint"), unheard)
    assert judge.asked == 3
    assert not ending.seen


@pytest.mark.parametrize("unlike", [0, 1, 9])
def test_an_existing_person_is_drawn_again_until_it_is_they(make: Make, unlike: int) -> None:
    """And shown after the last try, with what is to be said of it; nobody reads their age, but of a
    face that is not theirs."""
    ending, judge = Ending(unlike), Judgement()

    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        request = request_for(shot, kit.profile)
        return Assignment(request, "compositeWithTrainedAlgorithmicMedia", True, finish=ending)

    studio = make(judge=judge, prepare=edit)
    render = studio.render(structs.replace(BLAZER, operation="edit"), unheard)
    assert len(ending.seen) == min(unlike + 1, 3)
    assert render.notes == ("note_face_kept",)
    assert judge.asked == (unlike >= 3)


def test_a_strangers_face_that_reads_as_a_childs_is_not_shown(make: Make) -> None:
    """Whoever an edit made of the person is invented, and has to pass as such."""
    ending = Ending(9)

    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        return Assignment(request_for(shot, kit.profile), real=True, finish=ending)

    studio = make(judge=Judgement("young"), prepare=edit)
    with pytest.raises(StudioFailed) as refused:
        studio.render(structs.replace(BLAZER, operation="edit"), unheard)
    assert (refused.value.code, len(ending.seen)) == ("edit_unlike", 3)
