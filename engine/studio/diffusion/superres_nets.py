"""The two Real-ESRGAN networks (Wang et al. 2021), and their weights read from ncnn's files.

Written out here, because spandrel imports torchvision for architectures that we do not use, and
torchvision has no wheel for every torch. The names of the parts are those of the authors' own
checkpoints, so spandrel and we read the same state: https://github.com/xinntao/Real-ESRGAN (BSD-3).
"""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import StudioFailed
from engine.studio.span import Values

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

FACTOR = 4
LEAK = 0.2
RESIDUAL = 0.2


def load_network(folder: Path) -> "nn.Module":
    """The network whose `.param` and `.bin` lie in `folder`: NCHW RGB 0..1 to four times the size.

    float32, on the CPU, for inference. Raises `StudioFailed` when the files hold something else.
    """
    try:
        layers = _layers(folder)
        network = _network(_compact_state(layers) or _rrdb_state(layers))
    except (StopIteration, ValueError, KeyError, RuntimeError) as error:
        raise StudioFailed(f"{folder} holds no Real-ESRGAN network: {error}") from error
    return network.eval().requires_grad_(False)


def _network(state: "dict[str, Tensor]") -> "nn.Module":
    """Through spandrel where it can be imported, which also checks the architecture; else ours."""
    try:
        from spandrel import (  # pyright: ignore[reportMissingImports] - only where torchvision is
            ModelLoader,
        )
    except ImportError:
        network = _ours(state)
        network.load_state_dict(state)
        return network
    return ModelLoader().load_from_state_dict(state).model


def _ours(state: "dict[str, Tensor]") -> "nn.Module":
    if "conv_first.weight" not in state:
        return compact(len(state["body.0.bias"]), (len(state) - 5) // 3)
    growth = len(state["body.0.rdb1.conv1.bias"])
    return rrdb(len(state["conv_first.bias"]), growth, (len(state) - 12) // 30)


def compact(features: int = 64, depth: int = 32) -> "nn.Module":
    """SRVGGNetCompact (general-x4v3): plain convolutions, and the input repeated underneath."""
    import torch
    from torch import nn

    class Compact(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sides = [3, *[features] * (depth + 1)]
            body: list[nn.Module] = []
            for before, after in pairwise(sides):
                body += [nn.Conv2d(before, after, 3, padding=1), nn.PReLU(after)]
            body.append(nn.Conv2d(features, 3 * FACTOR**2, 3, padding=1))
            self.body = nn.ModuleList(body)

        def forward(self, x: "Tensor") -> "Tensor":
            out = x
            for layer in self.body:
                out = layer(out)
            repeated = nn.functional.interpolate(x, scale_factor=FACTOR, mode="nearest")
            return torch.pixel_shuffle(out, FACTOR) + repeated

    return Compact()


def rrdb(features: int = 64, growth: int = 32, depth: int = 23) -> "nn.Module":
    """RRDBNet (x4plus): residual-in-residual dense blocks, and two doublings by repetition."""
    from torch import nn
    from torch.nn.functional import interpolate, leaky_relu

    def conv(before: int, after: int) -> "nn.Conv2d":
        return nn.Conv2d(before, after, 3, padding=1)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv_first = conv(3, features)
            self.body = nn.Sequential(*(_rrdb_block(features, growth) for _ in range(depth)))
            self.conv_body = conv(features, features)
            self.conv_up1, self.conv_up2 = conv(features, features), conv(features, features)
            self.conv_hr, self.conv_last = conv(features, features), conv(features, 3)

        def forward(self, x: "Tensor") -> "Tensor":
            first = self.conv_first(x)
            out = first + self.conv_body(self.body(first))
            for grow in (self.conv_up1, self.conv_up2):
                out = leaky_relu(grow(interpolate(out, scale_factor=2, mode="nearest")), LEAK)
            return self.conv_last(leaky_relu(self.conv_hr(out), LEAK))

    return Network()


def _rrdb_block(features: int, growth: int) -> "nn.Module":
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rdb1, self.rdb2, self.rdb3 = (_dense(features, growth) for _ in range(3))

        def forward(self, x: "Tensor") -> "Tensor":
            return x + RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))

    return Block()


def _dense(features: int, growth: int) -> "nn.Module":
    """Five convolutions, each seeing all that came before it."""
    import torch
    from torch import nn
    from torch.nn.functional import leaky_relu

    class Dense(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for number in range(1, 6):
                after = growth if number < 5 else features
                before = features + (number - 1) * growth
                setattr(self, f"conv{number}", nn.Conv2d(before, after, 3, padding=1))

        def forward(self, x: "Tensor") -> "Tensor":
            seen = x
            for number in range(1, 5):
                out = leaky_relu(self.get_submodule(f"conv{number}")(seen), LEAK)
                seen = torch.cat((seen, out), 1)
            return x + RESIDUAL * self.get_submodule("conv5")(seen)

    return Dense()


def _layers(folder: Path) -> "list[tuple[np.ndarray, ...]]":
    """Each layer's weights in the file's order: (kernel, bias) of a convolution, (slopes,)."""
    lines = next(folder.glob("*.param")).read_text(encoding="ascii").splitlines()[2:]
    values = Values(next(folder.glob("*.bin")).read_bytes())
    found: list[tuple[np.ndarray, ...]] = []
    for fields in (line.split() for line in lines if line.strip()):
        options = dict(f.split("=", 1) for f in fields[4:] if "=" in f)
        if fields[0] == "Convolution":
            found.append(_convolution(options, values))
        elif fields[0] == "PReLU":
            found.append((values.plain(int(options["0"])),))
    return found


def _convolution(options: dict[str, str], values: Values) -> "tuple[np.ndarray, ...]":
    channels, side, count = (int(options[key]) for key in ("0", "1", "6"))
    kernel = values.flagged(count).reshape(channels, -1, side, side)
    return kernel, values.plain(channels)


def _compact_state(layers: "list[tuple[Any, ...]]") -> "dict[str, Tensor] | None":
    """Named for `compact`; None where there are no slopes, as in the other network."""
    if all(len(layer) == 2 for layer in layers):
        return None
    return _named([f"body.{number}" for number in range(len(layers))], layers)


def _rrdb_state(layers: "list[tuple[Any, ...]]") -> "dict[str, Tensor]":
    depth = (len(layers) - 6) // 15
    dense = [
        f"body.{block}.rdb{part}.conv{number}"
        for block in range(depth)
        for part in range(1, 4)
        for number in range(1, 6)
    ]
    after = ["conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    return _named(["conv_first", *dense, *after], layers)


def _named(names: list[str], layers: "list[tuple[Any, ...]]") -> "dict[str, Tensor]":
    import torch

    parts = ("weight", "bias")
    return {
        f"{name}.{part}": torch.from_numpy(value.copy())
        for name, layer in zip(names, layers, strict=True)
        for part, value in zip(parts, layer, strict=False)
    }
