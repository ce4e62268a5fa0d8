"""SPAN (Wan et al. 2024) read from ncnn's files and run by OpenVINO, which is several times faster.

The graph is ncnn's text `.param`, one layer a line; the `.bin` holds the weights in the same order:
a flag of four bytes (half precision or single) before a convolution's kernel, its bias in single.
https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import StudioFailed

if TYPE_CHECKING:
    import numpy as np

HALF = 0x01306B47
OPERATORS = {0: "add", 1: "subtract", 2: "multiply"}


def load_span(folder: Path, precision: str = "f32") -> Any:  # noqa: ANN401  openvino is untyped
    """Compile the network in `folder` for float32 NCHW planes of 0..1, of any height and width.

    `precision` is OpenVINO's inference precision ("f32" or "bf16"). Raises `StudioFailed` for a
    layer that SPAN does not have.
    """
    import openvino

    core = openvino.Core()
    hints = {"INFERENCE_NUM_THREADS": 2, "INFERENCE_PRECISION_HINT": precision}
    return core.compile_model(_model(folder), "CPU", hints)


def _model(folder: Path) -> Any:  # noqa: ANN401
    import openvino

    lines = next(folder.glob("*.param")).read_text(encoding="ascii").splitlines()[2:]
    values = Values(next(folder.glob("*.bin")).read_bytes())
    made: dict[str, Any] = {}
    last = None
    for fields in (line.split() for line in lines if line.strip()):
        ins, outs = int(fields[2]), int(fields[3])
        names, options = fields[4:], dict(f.split("=", 1) for f in fields[4 + ins + outs :])
        last = _layer(fields[0], [made[n] for n in names[:ins]], options, values)
        made.update((name, last) for name in names[ins : ins + outs])
    start = next(node for node in made.values() if node.get_type_name() == "Parameter")
    return openvino.Model([last], [start], "span")  # pyright: ignore[reportGeneralTypeIssues]  its stub binds another Model


class Values:
    """The weights of ncnn's `.bin`, read from first to last."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def plain(self, count: int) -> "np.ndarray":
        """The next `count` numbers in single precision, float32 (count,)."""
        import numpy as np

        self._at += 4 * count
        return np.frombuffer(self._data, "<f4", count, self._at - 4 * count)

    def flagged(self, count: int) -> "np.ndarray":
        """The next `count`, whose precision stands before them: float32 (count,)."""
        import numpy as np

        flag = int.from_bytes(self._data[self._at : self._at + 4], "little")
        self._at += 4
        if flag != HALF:
            return self.plain(count)
        half = np.frombuffer(self._data, "<f2", count, self._at)
        self._at += -(-2 * count // 4) * 4
        return half.astype(np.float32)


def _layer(kind: str, ins: list[Any], options: dict[str, str], values: Values) -> Any:  # noqa: ANN401
    make = LAYERS.get(kind)
    if make is None:
        raise StudioFailed(f"super-resolution has an unknown layer: {kind}")
    return make(ins, options, values)


def _input(_ins: list[Any], _options: dict[str, str], _values: Values) -> Any:  # noqa: ANN401
    import numpy as np
    from openvino import opset13 as ops

    return ops.parameter([1, 3, -1, -1], np.float32, name="data")


def _memory(_ins: list[Any], options: dict[str, str], values: Values) -> Any:  # noqa: ANN401
    from openvino import opset13 as ops

    shape = [int(options[key]) for key in ("2", "1", "0")]
    count = shape[0] * shape[1] * shape[2]
    return ops.constant(values.plain(count).reshape(1, *shape))


def _convolution(ins: list[Any], options: dict[str, str], values: Values) -> Any:  # noqa: ANN401
    from openvino import opset13 as ops

    channels, side, count = (int(options[key]) for key in ("0", "1", "6"))
    kernel = values.flagged(count).reshape(channels, -1, side, side)
    bias = values.plain(channels).reshape(1, channels, 1, 1)
    pad = [int(options.get("4", 0))] * 2
    out = ops.convolution(ins[0], ops.constant(kernel), [1, 1], pad, pad, [1, 1])
    return ops.add(out, ops.constant(bias))


def _binary(ins: list[Any], options: dict[str, str], _values: Values) -> Any:  # noqa: ANN401
    import numpy as np
    from openvino import opset13 as ops

    other = ins[1] if len(ins) > 1 else ops.constant(np.float32(options["2"]))
    return getattr(ops, OPERATORS[int(options.get("0", 0))])(ins[0], other)


def _shuffle(ins: list[Any], options: dict[str, str], _values: Values) -> Any:  # noqa: ANN401
    from openvino import opset13 as ops

    return ops.depth_to_space(ins[0], "depth_first", int(options["0"]))


def _simple(name: str) -> "Callable[[list[Any], dict[str, str], Values], Any]":
    def make(ins: list[Any], _options: dict[str, str], _values: Values) -> Any:  # noqa: ANN401
        from openvino import opset13 as ops

        if name == "concat":
            return ops.concat(ins, 1)
        return ins[0] if name == "split" else getattr(ops, name)(ins[0])

    return make


LAYERS = {
    "Input": _input,
    "MemoryData": _memory,
    "Convolution": _convolution,
    "BinaryOp": _binary,
    "PixelShuffle": _shuffle,
    "Concat": _simple("concat"),
    "Split": _simple("split"),
    "Sigmoid": _simple("sigmoid"),
    "Swish": _simple("swish"),
}
