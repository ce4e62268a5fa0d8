"""The order of attention kernels: measured by a timer, kept on disk, never able to fail a call."""

from collections.abc import Mapping
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from torch.nn.functional import scaled_dot_product_attention  # noqa: E402 - after the skip

from engine.studio.diffusion import attention, quiet  # noqa: E402
from engine.studio.diffusion.attention import Kept, Shape  # noqa: E402
from engine.studio.diffusion.runner import Runner  # noqa: E402

LARGE = Shape((2, 10, 4096, 64), (2, 10, 4096, 64), "bfloat16", False)
WORDS = Shape((2, 10, 4096, 64), (2, 10, 77, 64), "bfloat16", False)


def timer(costs: dict[tuple[Shape, str], float]) -> attention.Timer:
    def measure(shape: Shape, name: str) -> float:
        if (shape, name) not in costs:
            raise RuntimeError("No available kernel.\nAborting execution.")
        return costs[shape, name]

    return measure


def test_what_is_fastest_for_all_calls_together_comes_first() -> None:
    """One kernel may win the rare shape and lose the common one."""
    costs = {
        (LARGE, "flash"): 5.0, (LARGE, "cudnn"): 3.0, (LARGE, "efficient"): 9.0,
        (WORDS, "flash"): 1.0, (WORDS, "cudnn"): 4.0, (WORDS, "efficient"): 9.0,
    }  # fmt: skip
    often = attention.fastest({LARGE: 10, WORDS: 1}, timer(costs))
    rarely = attention.fastest({LARGE: 1, WORDS: 10}, timer(costs))
    assert often == ("cudnn", "flash", "efficient", "math")
    assert rarely == ("flash", "cudnn", "efficient", "math")


def test_a_kernel_that_cannot_serve_a_shape_goes_behind_those_that_can() -> None:
    """It stays in the order for the shapes that it can serve."""
    costs = {(LARGE, "flash"): 5.0, (LARGE, "cudnn"): 0.1, (WORDS, "flash"): 5.0}
    order = attention.fastest({LARGE: 1, WORDS: 1}, timer(costs), ("cudnn", "flash"))
    assert order == ("flash", "cudnn", "math")


def test_shapes_are_read_off_the_real_calls() -> None:
    """Positional or named, with or without a mask."""
    query, key = torch.zeros(1, 2, 5, 8), torch.zeros(1, 2, 3, 8)
    mask = torch.ones(1, 1, 1, 3, dtype=torch.bool)
    with attention.recorded() as seen:
        scaled_dot_product_attention(query, key, key)
        scaled_dot_product_attention(query=query, key=key, value=key)
        scaled_dot_product_attention(query, key, key, attn_mask=mask)
    plain = Shape((1, 2, 5, 8), (1, 2, 3, 8), "float32", False)
    assert seen == {plain: 2, plain._replace(masked=True): 1}


def test_no_order_changes_a_result() -> None:
    """Only the kernel differs, and a mask that the first cannot take goes to the next."""
    query = torch.randn(1, 2, 16, 8, generator=torch.Generator().manual_seed(1))
    mask = torch.ones(1, 1, 1, 16, dtype=torch.bool)
    plain = scaled_dot_product_attention(query, query, query, attn_mask=mask)
    for order in ((), ("flash", "math"), ("math",), ("cudnn", "flash", "efficient", "math")):
        with attention.preferring(order):
            same = scaled_dot_product_attention(query, query, query, attn_mask=mask)
        assert torch.allclose(plain, same, atol=1e-5)


def test_a_real_timer_measures_real_calls() -> None:
    """On this machine's processor, where "math" always works."""
    shape = Shape((1, 1, 64, 16), (1, 1, 8, 16), "float32", True)
    assert 0 < attention.timer_on("cpu", repeats=2)(shape, "math") < 10


def test_a_choice_is_kept_for_the_card_and_the_shapes(tmp_path: Path) -> None:
    """So that a replay takes the kernels of the first time; another card measures its own."""
    kept = Kept(tmp_path / "new", "H100")
    assert kept.get({LARGE: 2}) == ()
    kept.put({LARGE: 2}, ("cudnn", "math"))
    kept.put({WORDS: 1}, ("flash", "math"))
    again = Kept(tmp_path / "new", "H100")
    assert again.get({LARGE: 2}) == ("cudnn", "math")
    assert again.get({LARGE: 3}) == ()
    assert Kept(tmp_path / "new", "L4").get({LARGE: 2}) == ()


def test_a_spoiled_file_only_costs_a_measurement(tmp_path: Path) -> None:
    """And so does a place that cannot be written to."""
    (tmp_path / "attention.json").write_text("{not json")
    kept = Kept(tmp_path, "H100")
    assert kept.get({LARGE: 1}) == ()
    kept.put({LARGE: 1}, ("flash", "math"))
    assert kept.get({LARGE: 1}) == ("flash", "math")
    nowhere = Kept(tmp_path / "attention.json" / "below", "H100")
    nowhere.put({LARGE: 1}, ("flash",))
    assert nowhere.get({LARGE: 1}) == ()


def test_attention_is_measured_only_while_nobody_compiles() -> None:
    """Measuring has all threads use one kernel; it is made good at a later pass."""
    measured: list[int] = []

    def measure(shapes: Mapping[Shape, int]) -> tuple[str, ...]:
        measured.append(len(shapes))
        return ("flash", "math")

    runner = Runner(torch.nn.Linear(2, 2), measure=measure)
    with torch.no_grad():
        with quiet.taken():
            runner(torch.ones(1, 2))
        assert not measured
        runner(torch.ones(1, 2))
        runner(torch.ones(1, 2))
    assert len(measured) == 1
