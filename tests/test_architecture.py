"""The laws of the layout, read off the source's syntax trees. Each test also has a floor: it must
have seen enough code to mean something."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACT = {
    "engine", "engine.base", "engine.blobs", "engine.errors", "engine.jobs", "engine.shots",
    "engine.weights", "engine.weights.hub", "engine.cards", "engine.profiles", "engine.speed",
}  # fmt: skip
IMPURE = {
    "telegram", "discord", "openai", "aiosqlite", "sqlite3", "torch", "PIL", "cv2", "numpy",
    "requests", "httpx", "httpx2", "socket", "subprocess", "pathlib", "os", "io", "shutil",
    "starlette", "uvicorn",
}  # fmt: skip
HEAVY = {
    "torch", "diffusers", "transformers", "PIL", "cv2", "numpy", "openvino", "onnxruntime", "ncnn",
    "rembg", "dlib", "scipy", "telegram", "discord", "openai", "aiosqlite",
}  # fmt: skip
BLOCKING = {
    "time.sleep", "open", "input", "sqlite3.connect", "subprocess.run", "subprocess.Popen",
    "subprocess.check_output", "os.system", "requests.get", "requests.post", "shutil.copy",
    "shutil.copyfile", "shutil.rmtree", "shutil.move", "urllib.request.urlopen",
}  # fmt: skip
BLOCKING_METHODS = {
    "read_bytes", "write_bytes", "read_text", "write_text", "mkdir", "unlink", "iterdir", "glob",
    "rglob", "touch", "rename", "is_file", "is_dir", "exists", "stat", "chmod",
}  # fmt: skip


def sources(*packages: str) -> list[Path]:
    return [p for package in packages for p in sorted((ROOT / package).rglob("*.py"))]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def imports(node: ast.AST, *, runtime_only: bool = False) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if runtime_only and is_type_checking(child):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module
        else:
            yield from imports(child, runtime_only=runtime_only)


def top_imports(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(ast.Module([node], []))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def root_of(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def test_the_engine_never_imports_the_bot() -> None:
    """Law 1: pictures are made without knowing who asked."""
    seen = sources("engine")
    assert len(seen) > 30
    bad = [(name_of(p), n) for p in seen for n in imports(tree(p)) if root_of(n) == "bot"]
    assert not bad


def test_the_bot_imports_only_the_engines_contract() -> None:
    """Law 1: and the dispatch in the composition root alone."""
    seen = [(p, n) for p in sources("bot") for n in imports(tree(p)) if root_of(n) == "engine"]
    assert len(seen) > 20
    bad = [
        (name_of(p), n)
        for p, n in seen
        if n not in CONTRACT and not (n.startswith("engine.dispatch") and p.name == "app.py")
    ]
    assert not bad


def test_prompts_import_nobody() -> None:
    """Law 1: words are data."""
    seen = sources("prompts")
    assert len(seen) > 5
    bad = [
        (name_of(p), n) for p in seen for n in imports(tree(p)) if root_of(n) in {"bot", "engine"}
    ]
    assert not bad


def test_the_core_does_no_io() -> None:
    """Law 2: a conversation can be tested without a disk, a network or a platform."""
    seen = sources("bot/core")
    assert len(seen) > 10
    bad = [(name_of(p), n) for p in seen for n in imports(tree(p)) if root_of(n) in IMPURE]
    assert not bad


def test_front_ends_only_translate() -> None:
    """Law 3: they know neither each other, nor who reads, nor who remembers."""
    families = {"web", "telegram", "discord", "console"}
    bad = []
    for path in sources("bot/frontends"):
        own = path.stem.split("_")[0]
        for name in imports(tree(path)):
            family = name.removeprefix("bot.frontends.").split("_")[0]
            other = name.startswith("bot.frontends.") and family in families and family != own
            if other or name.startswith(("bot.interview", "bot.history")):
                bad.append((name_of(path), name))
    assert len(sources("bot/frontends")) > 8
    assert not bad


def test_one_module_of_the_bot_and_one_of_the_engine_import_openai() -> None:
    """The language model can be replaced in one place, and so can the server that draws."""
    seen = sources("bot", "engine", "prompts")
    openai = [name_of(p) for p in seen if "openai" in {root_of(n) for n in imports(tree(p))}]
    assert openai == [
        "bot/interview/openai_interviewer.py",
        "engine/studio/hosted/images_client.py",
    ]


def calls_at_import(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If):
            continue
        for child in ast.walk(node):
            if isinstance(child, ast.Call):
                yield ast.unparse(child.func)


def test_nothing_happens_at_import() -> None:
    """Law 4: no file, environment or connection is touched by importing."""
    forbidden = ("os.environ", "os.getenv", "open", "sqlite3.", "socket.", "load", "read_text")
    seen = [(p, c) for p in sources("bot", "engine", "prompts") for c in calls_at_import(tree(p))]
    assert len(seen) > 30
    bad = [
        (name_of(p), c)
        for p, c in seen
        if any(c == f or c.startswith(f) or c.endswith(f".{f}") for f in forbidden)
    ]
    assert not bad


@pytest.mark.parametrize("package", ["bot", "engine", "prompts", "bot.__main__", "engine.dispatch"])
def test_importing_pulls_in_nothing_heavy(package: str) -> None:
    """Law 4: the bot must be there at once."""
    code = f"import sys, {package}; print(*{{m.split('.')[0] for m in sys.modules}})"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not HEAVY & set(found.stdout.split())


def blocking_calls(function: ast.AsyncFunctionDef) -> Iterator[str]:
    for child in own_nodes(function):
        if isinstance(child, ast.Call):
            called = ast.unparse(child.func)
            method = called.rsplit(".", 1)[-1]
            if called in BLOCKING or ("." in called and method in BLOCKING_METHODS):
                yield called


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from own_nodes(child)


def test_no_coroutine_blocks_the_loop() -> None:
    """Law 5: pixels, files and databases are touched off the loop."""
    functions = [
        (path, node)
        for path in sources("bot", "engine")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert len(functions) > 100
    bad = [(name_of(p), f.name, c) for p, f in functions for c in blocking_calls(f)]
    assert not bad


def classes(*packages: str) -> dict[str, ast.ClassDef]:
    found = (node for p in sources(*packages) for node in ast.walk(tree(p)))
    return {node.name: node for node in found if isinstance(node, ast.ClassDef)}


def bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}


def methods(node: ast.ClassDef, known: dict[str, ast.ClassDef]) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    own = {child.name for child in node.body if isinstance(child, functions)}
    return own.union(*(methods(known[b], known) for b in bases(node) if b in known))


def test_every_protocol_has_two_implementations() -> None:
    """Law 6: no port for its own sake. Callbacks (`__call__`) are shapes, not ports."""
    known = classes("bot", "engine", "tests")
    has = {name: methods(node, known) for name, node in known.items()}
    protocols = {n for n, node in known.items() if "Protocol" in bases(node)}
    ports = {name for name in protocols if has[name] != {"__call__"}}
    assert len(ports) >= 4
    for port in sorted(ports):
        found = [name for name in has.keys() - protocols if has[port] <= has[name]]
        assert len(found) >= 2, f"{port} is implemented by {found} only"


def test_a_job_is_plain_data() -> None:
    """Law 7: what crosses to a studio knows no chat, and survives JSON."""
    from engine.jobs import Job, decode_job, encode
    from engine.shots import Series, Shot

    job = Job("j", "web:1", Series((Shot("generate", 7, {"age": "30s", "lens_mm": 85}),)))
    assert decode_job(encode(job)) == job
    names = {n for p in sources("engine") for n in imports(tree(p))}
    assert not {root_of(n) for n in names} & {"telegram", "discord", "starlette"}


def test_modules_stay_small() -> None:
    """A module over 350 lines wants to be two rooms."""
    seen = sources("bot", "engine", "prompts")
    long = {name_of(p): n for p in seen if (n := len(p.read_text().splitlines())) > 350}
    assert len(seen) > 60
    assert not long


def test_every_top_import_of_the_studio_is_light() -> None:
    """Law 4, again: even the studio's modules can be imported by a host without its libraries."""
    light = sources("engine/studio", "engine/dispatch", "bot")
    bad = [
        (name_of(p), n)
        for p in light
        for n in top_imports(tree(p))
        if root_of(n) in HEAVY - {"numpy", "aiosqlite", "telegram", "discord"}
    ]
    assert not bad
