"""Fifty rules on the table of ``generate.py``, beside pointblank and pandera.

Goal: at least as fast as both, with exact counts and failing rows.

Each turn runs every tool as a process of its own on the same Parquet file, one after the
other. The peers get the file through polars, their fastest way. All must find the same
failures: pointblank's counts of failing rows are compared one by one with dsp's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from common import DSP, HERE, machine, run_process, show
from generate import table
from peers.rules50 import RULES

PEERS = {
    name: (HERE / f"peers/.venv-{name}/bin/python", HERE / f"peers/validate_{name}.py")
    for name in ("pointblank", "pandera")
}


def rules_file(folder: Path) -> Path:
    """Write the rules as dsp takes them."""
    import tomlkit

    document = tomlkit.document()
    document["rules"] = [_rule(*rule) for rule in RULES]
    path = folder / "rules.toml"
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path


def _rule(kind: str, column: str | None, *args: Any) -> dict[str, Any]:
    if kind == "between":
        return {"kind": "in_range", "column": column, "min": args[0], "max": args[1]}
    if kind == "in_set":
        return {"kind": "one_of", "column": column, "values": list(args[0])}
    if kind == "regex":
        pattern = args[0].removeprefix("^").removesuffix("$")
        return {"kind": "matches", "column": column, "pattern": pattern}
    if kind == "length":
        return {"kind": "length", "column": column, "min": args[0], "max": args[1]}
    if kind == "greater":
        return {"kind": "in_range", "column": column, "above": args[0]}
    if kind == "at_least_column":
        return {"kind": "compare", "columns": [column, args[0]], "is": ">="}
    if kind == "n_rows_at_least":
        return {"kind": "row_count", "min": args[0]}
    if kind == "exists":
        return {"kind": "columns", "names": [column], "others": True}
    return {"kind": kind, "column": column}


def by_dsp(path: Path, rules: Path) -> tuple[float, int, list[int]]:
    """Return seconds, peak memory and the failing rows of each rule."""
    words = [DSP, "validate", path, "--rules", rules, "--json", "--no-progress"]
    # Some rules fail, so the exit code is 1: `true` keeps it from looking like a crash.
    quoted = " ".join(f"'{word}'" for word in words)
    seconds, peak, output = run_process(["sh", "-c", f"{quoted} || test $? = 1"])
    checks = json.loads(output[output.index("{") : output.rindex("}") + 1])["checks"]
    return seconds, peak, [check["n_failed"] for check in checks]


def by_peer(name: str, path: Path) -> tuple[float, int, list[int] | None]:
    """Return seconds, peak memory and, where it tells, the failing rows of each rule."""
    python, script = PEERS[name]
    seconds, peak, output = run_process([python, script, path])
    return seconds, peak, json.loads(output.splitlines()[-1]).get("failed")


def measure(rows: int, repeats: int) -> None:
    """Print the table of one size."""
    path = table(rows)
    taken: dict[str, list[float]] = {}
    peaks: dict[str, int] = {}
    found: dict[str, list[int] | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        rules = rules_file(Path(folder))
        tools = {"dsp": lambda: by_dsp(path, rules)}
        for name, (python, _) in PEERS.items():
            if python.is_file():
                tools[name] = lambda name=name: by_peer(name, path)
            else:
                print(f"{name} is not installed: make peers\n")
        for turn in range(repeats + 1):
            for name, work in tools.items():
                seconds, peak, failed = work()
                peaks[name] = max(peak, peaks.get(name, 0))
                found[name] = failed
                if turn:
                    taken.setdefault(name, []).append(seconds)
    for name, failed in found.items():
        if failed is not None and failed != found["dsp"]:
            raise SystemExit(f"{name} counts {failed}, dsp {found['dsp']}")
    print(f"## {len(RULES)} rules on {rows:,} rows x 20 columns\n")
    show(
        ("tool", "median s", "times dsp", "peak MB"),
        [
            (
                name,
                statistics.median(seconds),
                statistics.median(
                    [s / d for s, d in zip(seconds, taken["dsp"], strict=True)]
                ),
                round(peaks[name] / 1e6),
            )
            for name, seconds in taken.items()
        ],
    )


def main() -> None:
    """Measure every size that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    print(machine(), "\n")
    for rows in given.rows:
        measure(rows, given.repeats)


if __name__ == "__main__":
    main()
