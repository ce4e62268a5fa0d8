"""From a spec to shots: the same every time."""

from support.sittings import WORDS

from bot.core.plan import PRINT_SCALE, again, changed, larger, plan, warmer_by
from bot.core.policy import complete
from bot.core.spec import Field, PortraitSpec, Scalar


def spec(**said: Scalar) -> PortraitSpec:
    return complete(PortraitSpec({slot: Field(value) for slot, value in said.items()}), WORDS)


def test_the_same_spec_and_seed_are_the_same_series() -> None:
    """Nothing is left to chance after the seed."""
    asked = spec(look="film-noir", gender="man")
    assert plan(asked, WORDS, seed=3) == plan(asked, WORDS, seed=3)


def test_a_set_has_consecutive_seeds_and_one_backdrop() -> None:
    """A series locks light and backdrop."""
    series = plan(spec(count=4, backdrop="canvas-olive"), WORDS, seed=10)
    assert [shot.seed for shot in series.shots] == [10, 11, 12, 13]
    assert {shot.backdrop.id for shot in series.shots} == {"canvas-olive"}
    assert "backdrop" in series.locked


def test_a_swap_is_one_shot_of_its_photo() -> None:
    """From one photo one picture at a time."""
    series = plan(spec(count=4), WORDS, seed=1, operation="swap", source="me.png")
    assert [shot.source for shot in series.shots] == ["me.png"]


def test_colours_become_backdrops() -> None:
    """A name or a hex is paper of that colour."""
    for said in ("#123456", "sage green"):
        shot = plan(spec(backdrop=said), WORDS, seed=1).shots[0]
        assert shot.backdrop.kind == "seamless"
        assert shot.backdrop.colour.startswith("#")


def test_a_changed_picture_keeps_seed_and_size() -> None:
    """The same sitter under another light; again is somebody else; larger is the same, larger."""
    shot = larger(plan(spec(), WORDS, seed=5).shots[0])
    assert shot.scale == PRINT_SCALE
    other = changed(shot, spec(backdrop="canvas-dark"), WORDS)
    assert (other.seed, other.scale, other.backdrop.id) == (5, PRINT_SCALE, "canvas-dark")
    assert again(shot, 9).spec == shot.spec


def test_warmth_stops_at_its_ends() -> None:
    """Three taps on Warmer are two steps."""
    warmth = 0
    for _ in range(3):
        warmth = warmer_by(warmth, 1)
    assert warmth == 2
