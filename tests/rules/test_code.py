"""Rules on the source text of dsp: sizes, walls, names, calls that are not wanted.

Each test names the files that break one rule, with what they do.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DSP = Path(__file__).resolve().parents[2] / "dsp"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
ROOMS = {
    "sources",
    "checks",
    "transforms",
    "statistics",
    "detectors",
    "models",
    "forecasting",
    "charts",
}
UNWANTED_WORDS = {"utils", "util", "helpers", "helper", "manager", "processor", "misc"}
UNWANTED_BUILTINS = {"print", "breakpoint", "eval", "exec"}
# Ibis calls (without positional arguments) whose answers differ silently between engines.
UNWANTED_CALLS = {
    "approx_median",
    "describe",
    "epoch_seconds",
    "kurtosis",
    "mode",
    "skew",
}
SEEDS = {"seed", "random_state"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every file by its path below ``dsp/``."""
    return {
        path.relative_to(DSP).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(DSP.rglob("*.py"))
    }


def offences(rule: Callable[[ast.Module], object]) -> dict[str, object]:
    """Return what a rule finds, by file, where it finds something."""
    found = {name: rule(tree) for name, tree in trees().items()}
    return {name: value for name, value in found.items() if value}


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


def keywords(node: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in node.keywords}


def long_functions(tree: ast.Module) -> dict[str, int]:
    sizes = {n.name: size(n) for n in ast.walk(tree) if isinstance(n, Function)}
    return {name: lines for name, lines in sizes.items() if lines > MAX_FUNCTION_LINES}


def unwanted_builtins(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in UNWANTED_BUILTINS
    ]


def unwanted_calls(tree: ast.Module) -> list[tuple[int, str]]:
    return [
        (line, name)
        for line, name, node in calls(tree)
        if (name in UNWANTED_CALLS and not node.args)
        or (name in {"corr", "cov"} and "how" not in keywords(node))
        or (name == "limit" and "offset" in keywords(node))
        or (name == "sample" and not SEEDS & keywords(node))
    ]


def test_files_are_short() -> None:
    lines = {
        path.relative_to(DSP).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in DSP.rglob("*.py")
    }
    assert {name: n for name, n in lines.items() if n > MAX_FILE_LINES} == {}


def test_functions_are_short() -> None:
    assert offences(long_functions) == {}


def test_only_the_engine_room_imports_duckdb() -> None:
    found = offences(lambda tree: "duckdb" in {n.split(".")[0] for n in imported(tree)})
    assert {name for name in found if not name.startswith("engine/")} == set()


def test_plugin_rooms_do_not_import_each_other() -> None:
    found = {}
    for name, tree in trees().items():
        room = name.split("/")[0]
        others = {f"dsp.{other}" for other in ROOMS - {room}}
        used = {".".join(module.split(".")[:2]) for module in imported(tree)} & others
        if room in ROOMS and used:
            found[name] = used
    assert found == {}


def test_files_are_named_for_what_they_hold() -> None:
    named = {name: set(Path(name).stem.split("_")) & UNWANTED_WORDS for name in trees()}
    assert {name: words for name, words in named.items() if words} == {}


def test_no_assert_in_dsp() -> None:
    assert (
        offences(lambda t: [n.lineno for n in ast.walk(t) if isinstance(n, ast.Assert)])
        == {}
    )


def test_no_print_and_nothing_that_runs_text() -> None:
    assert offences(unwanted_builtins) == {}


def test_no_call_that_differs_silently() -> None:
    assert offences(unwanted_calls) == {}


def test_no_work_is_left_in_comments() -> None:
    words = ("TODO", "FIXME", "XXX", "HACK")
    found = {
        path.name: [word for word in words if word in path.read_text("utf-8")]
        for path in DSP.rglob("*.py")
    }
    assert {name: left for name, left in found.items() if left} == {}


def test_every_module_has_a_docstring() -> None:
    assert offences(lambda tree: ast.get_docstring(tree) is None) == {}


def test_the_rules_see_what_they_forbid() -> None:
    long = ast.parse("def f():\n" + "    x = 1\n" * 61)
    assert long_functions(long) == {"f": 62}
    documented = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n')
    assert [size(n) for n in documented.body if isinstance(n, Function)] == [2]
    text = "t.describe()\nt['a'].sample(0.1)\nt.corr(u)\nt.limit(3, offset=1)\nt.limit(2)"
    assert [line for line, _ in unwanted_calls(ast.parse(text))] == [1, 2, 3, 4]
    assert unwanted_builtins(ast.parse("x = 1\nprint(x)")) == [2]
    assert list(imported(ast.parse("import duckdb\nfrom a.b import c"))) == [
        "duckdb",
        "a.b",
    ]
