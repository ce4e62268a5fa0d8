"""What a studio says it honours is what the brief card is told."""

from engine.base import Capabilities

CAPABILITIES = Capabilities(
    "test",
    honours={
        "generate": {"backdrop": None, "lighting": ("butterfly", "loop"), "lens_mm": (85,)},
        "swap": {},
    },
)


def test_a_slot_honoured_whole_takes_any_value() -> None:
    assert CAPABILITIES.not_honoured("generate", {"backdrop": "#123456"}) == ()


def test_a_slot_honoured_in_part_takes_only_those_values() -> None:
    assert CAPABILITIES.not_honoured("generate", {"lighting": "loop", "lens_mm": 50}) == (
        "lens_mm",
    )


def test_unknown_slots_are_reported_in_the_order_of_the_spec() -> None:
    spec = {"pose": "seated", "backdrop": "teal", "lighting": "split", "film": "tri-x-400"}
    assert CAPABILITIES.not_honoured("generate", spec) == ("pose", "lighting", "film")


def test_an_operation_the_studio_lacks_honours_nothing() -> None:
    assert CAPABILITIES.not_honoured("upscale", {"backdrop": "teal"}) == ("backdrop",)
    assert CAPABILITIES.not_honoured("swap", {"backdrop": "teal"}) == ("backdrop",)
