"""Run the fifty rules with pandera on polars: ``validate_pandera.py FILE``."""

from __future__ import annotations

import json
import sys
import time

from rules50 import RULES


def main() -> None:
    """Print the seconds and the number of failed checks as JSON."""
    import pandera.polars as pa
    import polars as pl

    started = time.perf_counter()
    data = pl.read_parquet(sys.argv[1])
    checks: dict[str, list[pa.Check]] = {column: [] for column in data.columns}
    across: list[pa.Check] = []
    complete, unique = set(), set()
    for kind, column, *args in RULES:
        if kind == "not_null":
            complete.add(column)
        elif kind == "unique":
            unique.add(column)
        elif kind == "between":
            checks[column].append(pa.Check.in_range(args[0], args[1]))
        elif kind == "in_set":
            checks[column].append(pa.Check.isin(list(args[0])))
        elif kind == "regex":
            checks[column].append(pa.Check.str_matches(args[0]))
        elif kind == "length":
            checks[column].append(pa.Check.str_length(args[0], args[1]))
        elif kind == "greater":
            checks[column].append(pa.Check.gt(args[0]))
        elif kind == "at_least_column":
            across.append(
                pa.Check(
                    lambda found, a=column, b=args[0]: found.lazyframe.select(
                        pl.col(a) >= pl.col(b)
                    )
                )
            )
        elif kind == "n_rows_at_least":
            across.append(
                pa.Check(lambda found, n=args[0]: found.lazyframe.select(pl.len() >= n))
            )
    schema = pa.DataFrameSchema(
        {
            column: pa.Column(
                data.schema[column],
                checks[column],
                nullable=column not in complete,
                unique=column in unique,
            )
            for column in data.columns
        },
        checks=across,
    )
    n_failed = 0
    try:
        schema.validate(data, lazy=True)
    except pa.errors.SchemaErrors as error:
        n_failed = len(error.schema_errors)
    print(json.dumps({"seconds": time.perf_counter() - started, "n_failed": n_failed}))


if __name__ == "__main__":
    main()
