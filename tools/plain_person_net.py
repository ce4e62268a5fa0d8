"""Make `engine/studio/person.tflite` from MediaPipe's `selfie_segmentation.tflite`.

    pip install ai-edge-litert==2.3.0 flatbuffers
    python tools/plain_person_net.py selfie_segmentation.tflite engine/studio/person.tflite

The source file lies in the mediapipe 0.10.21 wheel (Apache-2.0). Its last operator is MediaPipe's
own `Convolution2DTransposeBias`, which no other runtime knows; TensorFlow Lite's TRANSPOSE_CONV,
version 3, does the same with the output's shape as an extra input. Weights are not touched.
"""

import sys
from pathlib import Path
from typing import Any

TRANSPOSE_CONV = 67
OUTPUT_SHAPE = (1, 256, 256, 1)


def plain(raw: bytes) -> bytes:
    """The same network with standard operators only."""
    import flatbuffers

    # Needed once, by whoever remakes the file: no extra installs it.
    from ai_edge_litert import schema_py_generated as schema  # pyright: ignore[reportMissingImports]

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(raw), 0))
    graph = model.subgraphs[0]
    operator = next(o for o in graph.operators if model.operatorCodes[o.opcodeIndex].customCode)
    _rename(model.operatorCodes[operator.opcodeIndex])
    _rewire(schema, model, graph, operator)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _rename(code: Any) -> None:  # noqa: ANN401 - generated classes have no stubs
    code.customCode, code.version = None, 3
    code.builtinCode = code.deprecatedBuiltinCode = TRANSPOSE_CONV


def _rewire(schema: Any, model: Any, graph: Any, operator: Any) -> None:  # noqa: ANN401 - as above
    import numpy as np

    shape = schema.BufferT()
    shape.data = np.frombuffer(np.array(OUTPUT_SHAPE, np.int32).tobytes(), np.uint8)
    model.buffers.append(shape)
    tensor = schema.TensorT()
    tensor.shape, tensor.type = np.array([4], np.int32), schema.TensorType.INT32
    tensor.buffer, tensor.name = len(model.buffers) - 1, b"segment/shape"
    graph.tensors.append(tensor)
    picture, weights, bias = operator.inputs
    operator.inputs = np.array([len(graph.tensors) - 1, weights, picture, bias], np.int32)
    options = schema.TransposeConvOptionsT()
    options.padding = schema.Padding.SAME
    options.strideW = options.strideH = 2
    operator.customOptions, operator.builtinOptions = None, options
    operator.builtinOptionsType = schema.BuiltinOptions.TransposeConvOptions


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(plain(Path(sys.argv[1]).read_bytes()))
