"""The project as a stranger finds it: installable, complete, light to import, composed."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("torch", "diffusers", "transformers", "PIL", "cv2", "numpy", "openvino", "onnxruntime"),
    *("rembg", "ncnn", "openai", "telegram", "discord", "starlette", "uvicorn", "aiosqlite"),
)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return dict(pins)


def names(requirements: list[str]) -> set[str]:
    """Distribution names, as constraints.txt spells them; our own extras left out."""
    bare = {requirement.split("[")[0].split(">")[0].split("=")[0] for requirement in requirements}
    return {name.lower().replace("_", "-").replace(".", "-") for name in bare} - {"northlight"}


def run(code: str, *options: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_the_console_script_exists(project: dict[str, Any]) -> None:
    """`northlight` starts something callable."""
    module, _, function = project["scripts"]["northlight"].partition(":")
    assert callable(getattr(import_module(module), function))


def test_every_extra_is_there(project: dict[str, Any]) -> None:
    """A chat-only host installs no torch, because torch lives in one extra."""
    extras = project["optional-dependencies"]
    assert {"studio", "telegram", "discord", "web", "gpu", "cluster", "dev"} <= set(extras)
    without_gpu = [r for name, group in extras.items() if name != "gpu" for r in group]
    assert "torch" not in names([*project["dependencies"], *without_gpu])


def test_every_dependency_is_pinned(project: dict[str, Any]) -> None:
    """Two people who run `make run` get the same packages."""
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = set().union(*(names(group) for group in groups))
    assert wanted - set(pinned()) == set()


def test_torch_is_pinned_to_the_small_build() -> None:
    """Any other number pulls gigabytes of CUDA packages."""
    assert pinned()["torch"] == "2.13.0"


def test_package_data_is_declared_for_every_kind_of_file() -> None:
    """What the packages read at run time is shipped with them."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for package, globs in patterns["package-data"].items():
        shipped = {path for glob in globs for path in (ROOT / package).glob(glob)}
        present = {
            path
            for path in (ROOT / package).rglob("*")
            if path.is_file()
            and path.suffix not in (".py", ".pyc")
            and path.name not in ("README.md", "py.typed")
        }
        assert {str(path.relative_to(ROOT)) for path in present - shipped} == set()


def test_the_compose_file_is_valid() -> None:
    """Unknown keys, wrong durations and wrong ports are errors of the schema."""
    compose = PyCompose.from_yaml((ROOT / "docker-compose.yml").read_text())
    compose.validate()
    assert compose.service_names() == ["northlight"]


def test_the_composed_studio_is_not_open_to_the_network() -> None:
    """Its port is bound to this machine, and its data outlives the container."""
    service = PyCompose.from_yaml((ROOT / "docker-compose.yml").read_text()).to_dict()
    northlight = service["services"]["northlight"]
    assert all("127.0.0.1" in str(port) for port in northlight["ports"])
    assert {"data", "models"} <= set(service["volumes"])
    assert "healthcheck" in northlight


@pytest.mark.parametrize(
    "module", ["bot", "engine", "prompts", "bot.config", "bot.__main__", "engine.weights"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    """The bot is up in a moment: no pixels, no networks and no chat library come with an import."""
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    assert run(code).split() == []


def test_importing_connects_to_nothing_and_reads_no_setting() -> None:
    """A wrong setting is found when the studio opens, not when a module is imported."""
    code = (
        "import os, sys\n"
        "os.environ['NORTHLIGHT_PORT'] = 'eighty'\n"
        "calls = []\n"
        "sys.addaudithook(lambda e, a: calls.append(e) if e.startswith('socket.') else None)\n"
        "import bot.__main__, bot.config, engine.weights\n"
        "print([c for c in calls if c not in ('socket.__new__', 'socket.gethostname')])"
    )
    assert run(code).strip() == "[]"


def test_ci_runs_the_tests_and_the_linters() -> None:
    """What lands has passed both, and the first failure stops it."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert script.index("make test") < script.index("make lint")


def test_every_make_target_is_documented_or_plain() -> None:
    """The targets a stranger is told about exist."""
    makefile = (ROOT / "Makefile").read_text()
    for target in ("run", "test", "test-slow", "lint", "bench", "clean"):
        assert f"\n{target}:" in makefile


def test_the_readme_names_only_commands_that_exist() -> None:
    """A stranger can type what the README shows."""
    readme = (ROOT / "README.md").read_text()
    shown = "\n".join(readme.split("```")[1::2])
    commands = set(re.findall(r"^northlight (\w+)", shown, re.MULTILINE))
    targets = set(re.findall(r"^make ([\w-]+)", shown, re.MULTILINE))
    helped = run("from bot.__main__ import cli; cli(['--help'])")
    assert {"serve", "shoot", "brief", "console", "models", "doctor"} <= commands
    assert [name for name in commands if name not in helped] == []
    assert [name for name in targets if f"\n{name}:" not in (ROOT / "Makefile").read_text()] == []


def test_the_readme_names_only_settings_that_exist() -> None:
    """A setting that was renamed does not live on in the README."""
    from bot.config import Settings

    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    named = re.findall(
        r"\b(?:NORTHLIGHT|OPENAI|TELEGRAM|DISCORD)_[A-Z0-9_]+", (ROOT / "README.md").read_text()
    )
    assert named
    assert set(named) <= known


def test_setting_up_without_a_python_says_what_to_install(tmp_path: Path) -> None:
    """A shim that cannot start and a Python that is too old count as none."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "date"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name in ("python3.13", "python3"):
        (tools / name).write_text("#!/bin/sh\nexit 127\n")
        (tools / name).chmod(0o755)
    command = [str(tools / "sh"), "tools/setup.sh", str(tmp_path / "venv"), "studio"]
    result = subprocess.run(
        command, cwd=ROOT, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in result.stderr
    assert "PYTHON=" in result.stderr
    assert not (tmp_path / "venv").exists()
