"""One side of `profile.py`, in a process of its own: says what its work took, as JSON.

    python -P benchmarks/sides.py summarize FILE

Seconds and processor seconds begin when the libraries a side names are loaded; what they
load later counts. Without ``-P``, `profile.py` beside this file would hide the module of
that name in the standard library.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEASURES = ("pearson", "cramers_v", "correlation_ratio")
Steps = dict[str, dict[str, float]]


class Watch:
    """Takes the seconds of steps."""

    def __init__(self) -> None:
        self.steps: Steps = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside, with the processor time of all threads."""
        wall, cpu = time.perf_counter(), _cpu()
        yield
        self.steps[name] = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def summarize(watch: Watch, given: argparse.Namespace) -> None:
    """Run DuckDB's SUMMARIZE on the file."""
    with _connected(given) as con, watch.step("all"):
        query = "create temp table s as from (summarize from read_parquet($path))"
        con.execute(query, {"path": given.source})


def floor(watch: Watch, given: argparse.Namespace) -> None:
    """Decode everything: sum every number, take the length of every string."""
    with _connected(given) as con:
        con.execute(f"create view v as {_from(given)}")
        terms = [
            f"sum({_number(name, kind)})"
            for name, kind, *_ in con.execute("describe v").fetchall()
        ]
        with watch.step("all"):
            con.execute(f"select {', '.join(terms)} from v").fetchall()


def core(watch: Watch, given: argparse.Namespace) -> None:
    """Profile every column and relate every pair by three measures."""
    from dsp.engine import StoredTable
    from dsp.statistics import StatisticsEngine

    with _engine(given) as engine:
        with watch.step("columns"):
            table = StoredTable(engine, "data", "main")
            statistics = StatisticsEngine(engine)
            columns = statistics.profile(table).columns
        with watch.step("pairs"):
            statistics.relations(table, columns, measures=list(MEASURES))


def structure(watch: Watch, given: argparse.Namespace) -> None:
    """Profile every column, then look for keys, dependencies and repeated rows."""
    from dsp.engine import StoredTable
    from dsp.statistics import StatisticsEngine

    with _engine(given) as engine:
        with watch.step("columns"):
            table = StoredTable(engine, "data", "main")
            statistics = StatisticsEngine(engine)
            columns = statistics.profile(table).columns
        with watch.step("structure"):
            statistics.structure(table, columns)


def whole(watch: Watch, given: argparse.Namespace) -> None:
    """Run `dsp.profile`, as the command does; keep its records where one is named."""
    from dataclasses import asdict

    import dsp

    with watch.step("all"):
        report = dsp.profile(
            given.source,
            threads=given.threads,
            memory_limit=given.memory_limit,
        )
    if given.records:
        rows = [{"kind": type(r).__name__, **asdict(r)} for r in report.records]
        text = json.dumps(rows, default=str)
        Path(given.records).write_text(text, encoding="utf-8")


SIDES: dict[str, Callable[[Watch, argparse.Namespace], None]] = {
    "summarize": summarize,
    "floor": floor,
    "core": core,
    "structure": structure,
    "whole": whole,
}


@contextmanager
def _connected(given: argparse.Namespace) -> Iterator[Any]:
    import duckdb

    config: dict[str, Any] = {}
    if given.threads:
        config["threads"] = given.threads
    if given.memory_limit:
        config["memory_limit"] = given.memory_limit
    with duckdb.connect(config=config) as con:
        yield con


@contextmanager
def _engine(given: argparse.Namespace) -> Iterator[Any]:
    from dsp.engine import DuckEngine
    from dsp.settings import parse_bytes

    limit = parse_bytes(given.memory_limit) if given.memory_limit else None
    engine = DuckEngine(memory_limit=limit, threads=given.threads)
    engine.create("data", _from(given), kind="view")
    yield engine
    engine.close()


def _from(given: argparse.Namespace) -> str:
    path = given.source.replace("'", "''")
    return f"from read_parquet('{path}')"


def _number(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "VARCHAR":
        return f"strlen({quoted})"
    if kind in ("DATE", "TIMESTAMP"):
        return f"epoch({quoted})"
    return f"{quoted}::int" if kind == "BOOLEAN" else quoted


def main() -> None:
    """Do the work of one side and print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("source", help="a Parquet file or a glob")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--memory-limit")
    parser.add_argument("--records", help="JSON file for the records of `whole`")
    given = parser.parse_args()
    watch = Watch()
    SIDES[given.side](watch, given)
    print(json.dumps(watch.steps))


if __name__ == "__main__":
    main()
