"""From a spec to shots: the same every time."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.sittings import WORDS

from bot.core.plan import PRINT_SCALE, again, changed, larger, plan, warmer_by
from bot.core.policy import complete
from bot.core.spec import SLOTS, Field, PortraitSpec, Scalar


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


# The first draw builds hypothesis' tables of characters, which takes seconds on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(SLOTS), st.text(max_size=12) | st.integers(0, 20)))
def test_every_shot_is_upright_enlarged_and_told_in_every_dialect(said: dict[str, Scalar]) -> None:
    """Wrong aspect and no upscale, two classic mistakes, cannot be planned."""
    said |= {"count": 2}
    for asked in (PortraitSpec({s: Field(v) for s, v in said.items()}), spec(**said)):
        for shot in plan(asked, WORDS, seed=1).shots:
            wide, tall = map(int, shot.aspect.split(":"))
            assert wide <= tall
            assert shot.scale >= 2
            assert set(shot.dialects) == {"clip", "prose", "structured", "edit"}
            assert all((shot.prompt, shot.negative, *shot.dialects.values()))


def test_a_wide_format_is_shot_in_the_looks_own() -> None:
    """16:9 of a face is mostly wall; the card says that it is not honoured."""
    assert plan(spec(aspect="16:9", look="author"), WORDS, seed=1).shots[0].aspect == "2:3"
    assert plan(spec(aspect="1:1"), WORDS, seed=1).shots[0].aspect == "1:1"


def test_warmth_stops_at_its_ends() -> None:
    """Three taps on Warmer are two steps."""
    warmth = 0
    for _ in range(3):
        warmth = warmer_by(warmth, 1)
    assert warmth == 2
