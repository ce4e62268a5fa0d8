"""What is done to a pipeline follows from the options and the card, and can be read beforehand."""

from pathlib import Path

import pytest

from engine.speed import options_of
from engine.studio.diffusion import parking
from engine.studio.diffusion.planning import (
    Card,
    Options,
    Plan,
    Traits,
    decide,
)

H100 = Card("cuda", "NVIDIA H100", (9, 0), 80 << 30)
TURING = Card("cuda", "NVIDIA T4", (7, 5), 16 << 30)
PROCESSOR = Card("cpu")
UNET = Traits(unet=True, weights=7 << 30, overflows=True)
TRANSFORMER = Traits(unet=False, weights=16 << 30, caches_blocks=True)


def test_a_processor_is_left_alone() -> None:
    """None of it pays there, and compiling would take the cores from the picture."""
    assert decide(Options(), PROCESSOR, UNET) == Plan()
    assert decide(Options(), PROCESSOR, TRANSFORMER) == Plan()


def test_a_card_gets_what_pays() -> None:
    """Graphs and channels last are for UNets; bfloat16 keeps the autoencoder from overflowing."""
    plan = decide(Options(), H100, UNET)
    assert (plan.compile, plan.measure_attention, plan.graphs, plan.channels_last) == (True,) * 4
    assert (plan.vae, plan.fp8, plan.first_block_cache, plan.notes) == ("bfloat16", False, 0.0, ())
    assert not decide(Options(), H100, TRANSFORMER).graphs


def test_an_autoencoder_that_overflows_stays_in_single_precision_without_bfloat16() -> None:
    """One that does not is left as it is."""
    assert decide(Options(), TURING, UNET).vae == "float32"
    assert decide(Options(), TURING, TRANSFORMER).vae == ""
    assert decide(Options(vae="off"), H100, UNET).vae == ""


def test_everything_can_be_forbidden() -> None:
    """For a card that behaves oddly."""
    off = options_of(
        "compile=off attention=off graphs=off channels_last=off fuse_qkv=off vae=off "
        "park_text_encoder=off"
    )
    assert decide(off, H100, UNET) == Plan()


def test_a_named_attention_kernel_comes_first_and_is_not_measured() -> None:
    """The others stay behind it, for what it cannot serve."""
    plan = decide(Options(attention="cudnn"), H100, UNET)
    assert (plan.order, plan.measure_attention) == (("cudnn", "flash", "efficient", "math"), False)
    assert decide(Options(attention="cudnn"), PROCESSOR, UNET).order == ()


def test_a_text_encoder_waits_outside_where_memory_is_short() -> None:
    """Its comings and goings forbid recorded passes."""
    small = Card("cuda", "4060 Ti", (8, 9), 16 << 30)
    plan = decide(Options(), small, TRANSFORMER)
    assert plan.park
    assert not decide(Options(), H100, TRANSFORMER).park
    assert not decide(Options(park_text_encoder="on"), H100, UNET).graphs
    assert parking.short(10, 9)
    assert not parking.short(10, 8)


def test_float8_says_what_it_lacks() -> None:
    """The card, compiling, or a transformer; without it everything else goes on."""
    wish = Options(fp8="on")
    plan = decide(wish, TURING, TRANSFORMER)
    assert "8.9" in plan.notes[0]
    assert (plan.fp8, plan.compile) == (False, True)
    assert "compil" in decide(Options(fp8="on", compile="off"), H100, TRANSFORMER).notes[0]
    assert decide(wish, H100, TRANSFORMER).fp8
    assert decide(wish, H100, TRANSFORMER).fuse_qkv
    assert "UNet" in decide(wish, H100, UNET).notes[0]


def test_skipping_blocks_is_for_models_that_know_how() -> None:
    """And is said where it cannot be done."""
    wish = Options(first_block_cache=0.05)
    assert decide(wish, H100, TRANSFORMER).first_block_cache == 0.05
    plan = decide(wish, H100, UNET)
    assert plan.first_block_cache == 0.0
    assert plan.graphs
    assert "first_block_cache" in plan.notes[0]


def test_options_are_read_from_a_setting(tmp_path: Path) -> None:
    """In that folder lies what was measured and compiled."""
    read = options_of("fp8=on, first_block_cache=0.08", tmp_path)
    assert (read.fp8, read.first_block_cache, read.cache_dir) == ("on", 0.08, str(tmp_path))
    assert options_of("") == Options()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("compile=maybe", "compile takes no such value"),
        ("turbo=on", "the names being compile, compile_mode, attention"),
        ("prompt_cache_mb=lots", "prompt_cache_mb takes no such value"),
        ("first_block_cache=-1", "first_block_cache takes no such value"),
        ("compile", "compile takes no such value"),
    ],
)
def test_an_option_that_does_not_exist_is_refused_without_repeating_it(
    text: str, says: str
) -> None:
    """A key in the wrong line of `.env` must not reach a log."""
    with pytest.raises(ValueError, match=says):
        options_of(text)
