"""Float8 layers: near what they were, in half the memory, and only where it pays."""

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from engine.studio.diffusion import quantise  # noqa: E402 - after the skip
from engine.studio.diffusion.parking import bytes_of  # noqa: E402

WIDE, NARROW = quantise.LEAST_WIDTH, quantise.LEAST_WIDTH // 2


class Block(torch.nn.Module):
    """Layers by the names that transformers give them."""

    def __init__(self) -> None:
        super().__init__()
        self.to_q = torch.nn.Linear(WIDE, 2 * WIDE, bias=False)
        self.to_out = torch.nn.ModuleList([torch.nn.Linear(2 * WIDE, WIDE)])
        self.norm_linear = torch.nn.Linear(WIDE, WIDE)
        self.small = torch.nn.Linear(NARROW, WIDE)


@pytest.fixture
def block() -> Block:
    torch.manual_seed(0)
    return Block().to(torch.bfloat16).requires_grad_(False)


def test_only_large_layers_that_do_not_decide_colours_are_turned(block: Block) -> None:
    assert quantise.to_float8(block) == 2
    kinds = {name: type(module).__name__ for name, module in block.named_modules()}
    assert kinds["to_q"] == kinds["to_out.0"] == "Float8Linear"
    assert kinds["norm_linear"] == kinds["small"] == "Linear"
    assert quantise.to_float8(block) == 0


def test_weights_of_another_format_stay(block: Block) -> None:
    """The product gives bfloat16 and nothing else."""
    assert quantise.to_float8(block.float()) == 0


def test_a_turned_layer_gives_nearly_the_same_in_half_the_memory(block: Block) -> None:
    """With rows of very different sizes, which have a scale each; batches keep their shape."""
    layer = block.to_out[0]
    assert isinstance(layer, torch.nn.Linear)
    rows = torch.randn(2, 17, 2 * WIDE, dtype=torch.bfloat16)
    rows *= torch.logspace(-3, 3, 17, dtype=torch.bfloat16)[:, None]
    rows[0, 0] = 0
    turned = quantise.float8_linear(layer)
    with torch.no_grad():
        plain, fast = layer(rows).float(), turned(rows).float()
    assert fast.shape == plain.shape
    assert turned(rows).dtype == torch.bfloat16
    off = (fast - plain).norm(dim=-1) / plain.norm(dim=-1).clamp_min(1e-6)
    assert float(off.max()) < 0.06
    assert bytes_of(turned) < 0.52 * bytes_of(layer)


def test_a_turned_layer_compiles_whole(block: Block) -> None:
    """Without a break, else compiling would not join the rounding of what goes in."""
    turned = quantise.float8_linear(block.to_q)
    rows = torch.randn(32, WIDE, dtype=torch.bfloat16)
    compiled = torch.compile(turned, backend="aot_eager", fullgraph=True)
    with torch.no_grad():
        assert torch.equal(compiled(rows), turned(rows))
