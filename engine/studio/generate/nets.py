"""The two generator networks: a latent in, a 1024x1024 portrait out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from openvino import CompiledModel

Latent = NDArray[np.float32]
"""One style vector `w`, shape (512,), float32, unbounded (std about 1)."""

Pixels = NDArray[np.uint8]
"""One picture, shape (H, W, 3), uint8 sRGB in RGB order."""

Weights = Callable[[str], Path]
"""Resolves a weight's name to its file, or to the folder that holds its files."""

LATENT = 512
SIDE = 1024


def compiled(path: Path, *, batch: bool = False, threads: int = 0) -> CompiledModel:
    """Compile one network for the CPU in full float32.

    Args:
        path: An OpenVINO `.xml`, an `.onnx` or a `.tflite` file.
        batch: Let the first axis vary.
        threads: CPU threads; 0 leaves the choice to OpenVINO.

    Raises:
        FileNotFoundError: The file is not there.
    """
    import openvino

    if not path.is_file():
        raise FileNotFoundError(f"weight file is missing: {path}")
    core = openvino.Core()
    model = core.read_model(path)
    if batch:
        model.reshape([-1, *list(model.input(0).partial_shape)[1:]])
    # Newer CPUs would otherwise run in bfloat16 and draw a different face from the same seed.
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    return core.compile_model(model, "CPU", options)


class FaceNets:
    """Mapping and synthesis network, loaded once (about 1.5 s and 1 GB of memory).

    One instance serves one thread at a time.
    """

    def __init__(self, weights: Weights, *, threads: int = 0) -> None:
        """Load both networks from `random-face-mapping` and `random-face-synthesis`.

        Raises:
            FileNotFoundError: A network file is missing.
        """
        mapping = weights("random-face-mapping") / "MappingNetwork.xml"
        synthesis = weights("random-face-synthesis") / "SynthesisNetwork.xml"
        self._mapping = compiled(mapping, batch=True, threads=threads)
        self._synthesis = compiled(synthesis, threads=threads)

    def styles(self, noise: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map normal noise (N, 512) to style vectors (N, 512)."""
        return np.array(self._mapping(np.ascontiguousarray(noise, np.float32))[0])

    def portrait(self, latent: Latent) -> Pixels:
        """Draw one latent as a (1024, 1024, 3) picture: about 0.55 CPU-seconds."""
        drawn = self._synthesis(np.ascontiguousarray(latent, np.float32).reshape(1, LATENT))[0][0]
        levels = np.clip((drawn + 1.0) * 127.5 + 0.5, 0.0, 255.0).astype(np.uint8)
        return np.ascontiguousarray(levels.transpose(1, 2, 0))
