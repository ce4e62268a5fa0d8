"""Upscalers and mattes by their published architectures: single passes over one picture.

RRDBNet: Wang et al. 2021 (Real-ESRGAN x4plus: 23 blocks, 64 channels). SRVGGNetCompact: the same
repository's general-x4v3 (32 convolutions). U2-Net: Qin et al. 2020. BiRefNet is measured by its
backbone, Swin-L at 1024x1024, which is most of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


class DenseBlock(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(width + i * growth, growth if i < 4 else width, 3, 1, 1) for i in range(5)
        )

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        for conv in self.convs[:4]:
            seen.append(functional.leaky_relu(conv(torch.cat(seen, 1)), 0.2))
        return self.convs[4](torch.cat(seen, 1)) * 0.2 + x


class RRDB(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(x) * 0.2 + x


class RRDBNet(nn.Module):
    def __init__(self, blocks: int = 23, width: int = 64, growth: int = 32) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, 1, 1)
        self.body = nn.Sequential(*(RRDB(width, growth) for _ in range(blocks)))
        self.ends = nn.ModuleList(nn.Conv2d(width, width, 3, 1, 1) for _ in range(4))
        self.last = nn.Conv2d(width, 3, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x = x + self.ends[0](self.body(x))
        for conv in self.ends[1:3]:
            x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = functional.leaky_relu(conv(x), 0.2)
        return self.last(functional.leaky_relu(self.ends[3](x), 0.2))


class SRVGGNetCompact(nn.Module):
    def __init__(self, convs: int = 32, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, 1, 1), nn.PReLU(width)]
        for _ in range(convs):
            layers += [nn.Conv2d(width, width, 3, 1, 1), nn.PReLU(width)]
        self.body = nn.Sequential(*layers, nn.Conv2d(width, 48, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        near = functional.interpolate(x, scale_factor=4, mode="nearest")
        return functional.pixel_shuffle(self.body(x), 4) + near


class ConvNormAct(nn.Sequential):
    def __init__(self, before: int, after: int, dilation: int = 1) -> None:
        conv = nn.Conv2d(before, after, 3, padding=dilation, dilation=dilation)
        super().__init__(conv, nn.BatchNorm2d(after), nn.ReLU())


class RSU(nn.Module):
    """A small U of `depth` levels inside a block; without pooling it widens its steps instead."""

    def __init__(self, depth: int, before: int, mid: int, after: int, pools: bool = True) -> None:
        super().__init__()
        step = (lambda i: 1) if pools else (lambda i: 2**i)
        self.pools = pools
        self.enter = ConvNormAct(before, after)
        self.down = nn.ModuleList(
            ConvNormAct(after if i == 0 else mid, mid, step(i)) for i in range(depth - 1)
        )
        self.deep = ConvNormAct(mid, mid, 2 if pools else 2 ** (depth - 1))
        self.up = nn.ModuleList(
            ConvNormAct(2 * mid, after if i == 0 else mid, step(i)) for i in range(depth - 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = entered = self.enter(x)
        seen = []
        for i, conv in enumerate(self.down):
            x = conv(functional.max_pool2d(x, 2, ceil_mode=True) if self.pools and i else x)
            seen.append(x)
        x = self.deep(x)
        for conv, other in zip(reversed(self.up), reversed(seen), strict=True):
            x = conv(torch.cat((_like(x, other), other), 1))
        return x + entered


class U2Net(nn.Module):
    def __init__(self, thin: int = 1) -> None:
        super().__init__()
        deep = [
            (7, 32, 64),
            (6, 32, 128),
            (5, 64, 256),
            (4, 128, 512),
            (4, 256, 512),
            (4, 256, 512),
        ]
        back = [(4, 256, 512), (4, 128, 256), (5, 64, 128), (6, 32, 64), (7, 16, 64)]
        widths = [3, *(after // thin for *_, after in deep)]
        self.down = nn.ModuleList(
            RSU(depth, widths[i], mid // thin, after // thin, i < 4)
            for i, (depth, mid, after) in enumerate(deep)
        )
        before = [1024, 1024, 512, 256, 128]
        self.up = nn.ModuleList(
            RSU(depth, before[i] // thin, mid // thin, after // thin, i > 0)
            for i, (depth, mid, after) in enumerate(back)
        )
        sides = [64, 64, 128, 256, 512, 512]
        self.sides = nn.ModuleList(nn.Conv2d(w // thin, 1, 3, 1, 1) for w in sides)
        self.join = nn.Conv2d(6, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = []
        for i, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2, ceil_mode=True) if i else x)
            seen.append(x)
        outs = [x]
        for block, other in zip(self.up, reversed(seen[:-1]), strict=True):
            x = block(torch.cat((_like(x, other), other), 1))
            outs.insert(0, x)
        masks = [side(out) for side, out in zip(self.sides, outs, strict=True)]
        return torch.sigmoid(self.join(torch.cat([_like(m, masks[0]) for m in masks], 1)))


def _like(x: Tensor, other: Tensor) -> Tensor:
    if x.shape[2:] == other.shape[2:]:
        return x
    return functional.interpolate(x, size=other.shape[2:], mode="bilinear")


def swin(side: int, width: int, depths: tuple[int, ...]) -> nn.Module:
    """Swin: (192, (2, 2, 18, 2)) is Swin-L."""
    from transformers import SwinConfig, SwinModel

    heads = [max(1, width // 32 * 2**i) for i in range(len(depths))]
    window = 12 if side > 256 else 4
    config = SwinConfig(
        image_size=side,
        embed_dim=width,
        depths=list(depths),
        num_heads=heads,
        window_size=window,
    )
    return SwinModel(config, add_pooling_layer=False)


@dataclass(frozen=True)
class Network:
    """A network and the size (height, width) of the one picture it is given.

    `blocks` are the classes that are compiled, () for the whole.
    """

    title: str
    make: Callable[[], nn.Module]
    size: tuple[int, int]
    tflop: float = 0.0
    blocks: tuple[str, ...] = ()


REAL = (
    Network("Real-ESRGAN x4plus, 832x1216", RRDBNet, (1216, 832), 36.3, ("DenseBlock",)),
    Network("general-x4v3, 832x1216", SRVGGNetCompact, (1216, 832), 2.5),
    Network("U2-Net, 320x320", U2Net, (320, 320)),
    Network("BiRefNet's Swin-L, 1024x1024", lambda: swin(1024, 192, (2, 2, 18, 2)), (1024, 1024)),
)
TINY = (
    Network("tiny RRDBNet", lambda: RRDBNet(1, 8, 4), (32, 24)),
    Network("tiny SRVGG", lambda: SRVGGNetCompact(2, 8), (32, 24)),
    Network("tiny U2-Net", lambda: U2Net(16), (64, 64)),
    Network("tiny Swin", lambda: swin(64, 32, (1, 1)), (64, 64)),
)
