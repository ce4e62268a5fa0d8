"""The networks that cut people out: rembg's sessions on our own files, by profile."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Profile = Literal["u2net", "u2netp", "birefnet-portrait"]

NET_SIDE = 1024
GPU, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


class Cutter:
    """Gives the rough matte of whoever stands out in a picture. Loads its network on first use."""

    def __init__(self, weights: Callable[[str], Path], profile: Profile = "u2net") -> None:
        self._weights = weights
        self._profile: Profile = profile
        self._session: Any = None

    def predict(self, rgb: "np.ndarray") -> "np.ndarray":
        """The network's own mask of uint8 HxWx3, float32 HxW 0..1. Raises `WeightsMissing`."""
        import cv2
        import numpy as np
        from PIL import Image

        scale = min(1.0, NET_SIDE / max(rgb.shape[:2]))
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        mask = self.load().predict(Image.fromarray(small))[0]
        alpha = np.asarray(mask, np.float32) / 255
        whole = (rgb.shape[1], rgb.shape[0])
        return cv2.resize(alpha, whole, interpolation=cv2.INTER_LINEAR)

    def load(self) -> Any:  # noqa: ANN401  rembg is untyped
        """The rembg session, opened once."""
        if self._session is None:
            self._session = _open_session(self._weights(self._profile), self._profile)
        return self._session


def providers(profile: Profile, offered: list[str]) -> list[str]:
    """Where to compute: BiRefNet on the GPU when onnxruntime offers one; the U-2-Nets never."""
    return [GPU, CPU] if profile == "birefnet-portrait" and GPU in offered else [CPU]


def _open_session(path: Path, profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """A rembg session on our own file, so that it never looks for a download."""
    session_class = _session_class(profile)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The arena keeps 2.3 GB for a network that needs 0.6.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    local = type("LocalSession", (session_class,), {"download_models": lambda *_, **__: str(path)})
    chosen = providers(profile, onnxruntime.get_available_providers())
    return local(profile, options, providers=chosen)


def _session_class(profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """Import rembg without compiling pymatting, which we do not use: 80 CPU-seconds saved."""
    before = os.environ.get("NUMBA_DISABLE_JIT")
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        from rembg.sessions.birefnet_portrait import BiRefNetSessionPortrait
        from rembg.sessions.u2net import U2netSession
        from rembg.sessions.u2netp import U2netpSession
    finally:
        if before is None:
            del os.environ["NUMBA_DISABLE_JIT"]
        else:
            os.environ["NUMBA_DISABLE_JIT"] = before
    classes = {
        "u2net": U2netSession,
        "u2netp": U2netpSession,
        "birefnet-portrait": BiRefNetSessionPortrait,
    }
    return classes[profile]
