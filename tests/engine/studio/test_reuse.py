"""An estimate counts once what shots in a row leave for each other."""

from engine.shots import Shot
from engine.studio.reuse import reuse, without


def shot(source: str = "a.png", framing: str = "medium") -> Shot:
    return Shot("swap", 1, {"shot": framing}, source=source)


def test_the_second_picture_of_a_sitter_needs_no_matte() -> None:
    """Nor is anything enlarged again in the same crop."""
    first, second, closer = reuse([shot(), shot(), shot(framing="close-up")])
    assert first == ()
    assert {"step_matte", "step_upscale"} <= set(second)
    assert "step_matte" in closer
    assert "step_upscale" not in closer


def test_the_studio_remembers_two() -> None:
    """The third sitter makes it forget the first."""
    sitters = [shot("a.png"), shot("b.png"), shot("c.png"), shot("a.png")]
    assert reuse(sitters)[3] == ()


def test_only_what_is_spared_is_left_out() -> None:
    """The rest keeps its seconds."""
    assert without({"step_matte": 3.0, "step_join": 1.0}, ("step_matte",)) == {"step_join": 1.0}
