"""Rules on the source text of dsp: sizes, walls, names, calls that are not wanted."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dsp").rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
ROOMS = (
    "sources",
    "checks",
    "transforms",
    "statistics",
    "detectors",
    "models",
    "charts",
)
UNWANTED_WORDS = ("utils", "util", "helpers", "helper", "manager", "processor", "misc")
# Ibis calls (without positional arguments) whose answers differ silently between engines.
UNWANTED_CALLS = (
    "describe",
    "mode",
    "approx_median",
    "skew",
    "kurtosis",
    "epoch_seconds",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
every_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def size(function: Function) -> int:
    """Return the lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.Call]]:
    """Yield line, method name and node of every ``something.method(...)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr, node


@every_file
def test_a_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@every_file
def test_functions_are_short(path: Path) -> None:
    sizes = {f.name: size(f) for f in functions(tree_of(path))}
    assert {n: s for n, s in sizes.items() if s > MAX_FUNCTION_LINES} == {}


@every_file
def test_only_the_engine_room_imports_duckdb(path: Path) -> None:
    if "engine" not in path.relative_to(ROOT).parts:
        assert not [n for n in imported(tree_of(path)) if n.split(".")[0] == "duckdb"]


@every_file
def test_plugin_rooms_do_not_import_each_other(path: Path) -> None:
    room = path.relative_to(ROOT / "dsp").parts[0]
    if room in ROOMS:
        others = {f"dsp.{other}" for other in ROOMS if other != room}
        names = {".".join(name.split(".")[:2]) for name in imported(tree_of(path))}
        assert names & others == set()


@every_file
def test_files_are_named_for_what_they_hold(path: Path) -> None:
    assert not set(path.stem.split("_")) & set(UNWANTED_WORDS)


@every_file
def test_no_assert_and_no_print(path: Path) -> None:
    tree = tree_of(path)
    found = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Assert)]
    found += [
        n.lineno
        for n in ast.walk(tree)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Name)
        and n.func.id in ("print", "breakpoint", "eval", "exec")
    ]
    assert found == []


@every_file
def test_no_call_that_differs_silently(path: Path) -> None:
    found = [
        (line, name)
        for line, name, node in calls(tree_of(path))
        if name in UNWANTED_CALLS and not node.args
    ]
    assert found == []


@every_file
def test_correlations_say_which_and_limits_do_not_skip(path: Path) -> None:
    found = []
    for line, name, node in calls(tree_of(path)):
        given = {k.arg for k in node.keywords}
        if (name in ("corr", "cov") and "how" not in given) or (
            name == "limit" and "offset" in given
        ):
            found.append((line, name))
    assert found == []


@every_file
def test_samples_have_a_seed(path: Path) -> None:
    seeds = {"seed", "random_state"}
    found = [
        line
        for line, name, node in calls(tree_of(path))
        if name == "sample" and not seeds & {k.arg for k in node.keywords}
    ]
    assert found == []


@every_file
def test_no_work_is_left_in_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("TODO", "FIXME", "XXX", "HACK") if word in text] == []


def test_the_rules_see_what_they_forbid() -> None:
    long = "def f():\n" + "    x = 1\n" * 61
    assert size(next(functions(ast.parse(long)))) == 62
    documented = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    assert size(next(functions(ast.parse(documented)))) == 2
    found = list(calls(ast.parse("t.describe()\nt['a'].sample(0.1)")))
    assert [(line, name) for line, name, _ in found] == [(1, "describe"), (2, "sample")]
    assert list(imported(ast.parse("import duckdb\nfrom a.b import c"))) == [
        "duckdb",
        "a.b",
    ]
