"""Every sentence that code asks for exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import prompts

ROOT = Path(__file__).parents[2]
SAYING = frozenset({"say", "words", "explain", "Offer", "Warn", "_sorry", "report", "apologise"})
FLOOR = 60
FAMILY = re.compile(r'"((?:cannot|notice|step|warn|btn|alt|progress)_[a-z_]+)"')
PHRASES = prompts.load().phrases
# Codes with a sentence that carries its own detail, read on the command line only.
ELSEWHERE = frozenset({"config"})


def keys() -> Iterator[tuple[str, str]]:
    """(file, key) of every literal key in the code."""
    for package in ("bot", "engine"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for key in _keys(node):
                    yield path.name, key


def _keys(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        named = [t.id for t in node.targets if isinstance(t, ast.Name)]
        if named == ["code"] and isinstance(node.value.value, str):
            yield node.value.value
    if isinstance(node, ast.Call):
        yield from (k.value.value for k in node.keywords if _is_code(k))  # type: ignore[attr-defined]  # _is_code checked
        if _name(node.func) in SAYING:
            yield from (a.value for a in node.args if _is_key(a))  # type: ignore[attr-defined]  # _is_key checked


def _is_code(keyword: ast.keyword) -> bool:
    return keyword.arg == "code" and _is_key(keyword.value)


def _is_key(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.replace("_", "").isalpha()
        and "_" in node.value
    )


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_every_key_in_the_code_has_a_sentence() -> None:
    found = list(keys())
    assert len({key for _, key in found}) >= FLOOR
    assert [pair for pair in found if pair[1] not in PHRASES and pair[1] not in ELSEWHERE] == []


def test_every_family_of_keys_has_its_sentences() -> None:
    """Steps, reasons and notices also travel as data: any literal of their shape is a key."""
    found = set()
    for package in ("bot", "engine"):
        for path in (ROOT / package).rglob("*.py"):
            found |= set(FAMILY.findall(path.read_text(encoding="utf-8")))
    assert len(found) >= FLOOR // 2
    assert sorted(key for key in found if key not in PHRASES) == []
