"""Rules on the tests themselves."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOMS = (
    "sources",
    "checks",
    "transforms",
    "statistics",
    "detectors",
    "models",
    "forecasting",
    "charts",
)


@cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(TESTS).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(TESTS.rglob("test_*.py"))
    }


def raises_without_match(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "pytest.raises"
        and not {"match", "check"} & {k.arg for k in node.keywords}
    ]


def shows_something(function: ast.FunctionDef) -> bool:
    """Return whether a test asserts, expects an error, calls a check, or runs a query."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rsplit(".", 1)[-1]
            if called.startswith(("assert", "raises", "expect", "check", "warns", "sql")):
                return True
    return False


def test_file_names_are_unique() -> None:
    names = Counter(Path(name).name for name in trees())
    assert [name for name, n in names.items() if n > 1] == []


def test_expected_errors_say_which() -> None:
    found = {name: raises_without_match(tree) for name, tree in trees().items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_test_shows_something() -> None:
    found = [
        f"{name}::{node.name}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not shows_something(node)
    ]
    assert found == []


def test_nothing_is_timed() -> None:
    clocks = {"perf_counter", "process_time", "benchmark"}
    found = {
        name: {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in clocks
        }
        for name, tree in trees().items()
    }
    assert {name: used for name, used in found.items() if used} == {}


def test_every_room_has_a_contract() -> None:
    assert [r for r in ROOMS if f"contracts/test_{r}.py" not in trees()] == []
