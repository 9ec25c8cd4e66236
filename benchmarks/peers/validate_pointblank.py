"""Run the fifty rules with pointblank on polars: ``validate_pointblank.py FILE``."""

from __future__ import annotations

import json
import sys
import time

from rules50 import RULES


def main() -> None:
    """Print the seconds and the failing rows of each rule as JSON."""
    import pointblank as pb
    import polars as pl

    started = time.perf_counter()
    # It asks decimals whether they are NaN, which polars refuses.
    data = pl.read_parquet(sys.argv[1]).with_columns(pl.col(pl.Decimal).cast(pl.Float64))
    plan = pb.Validate(data)
    for kind, column, *args in RULES:
        if kind == "not_null":
            plan = plan.col_vals_not_null(column)
        elif kind == "unique":
            plan = plan.rows_distinct([column])
        elif kind == "between":
            plan = plan.col_vals_between(column, args[0], args[1], na_pass=True)
        elif kind == "in_set":
            allowed = pl.col(column).is_in(list(args[0])) | pl.col(column).is_null()
            plan = plan.col_vals_expr(allowed)
        elif kind == "regex":
            plan = plan.col_vals_regex(column, args[0], na_pass=True)
        elif kind == "length":
            length = pl.col(column).str.len_chars().is_between(args[0], args[1])
            plan = plan.col_vals_expr(length | pl.col(column).is_null())
        elif kind == "greater":
            plan = plan.col_vals_gt(column, args[0], na_pass=True)
        elif kind == "at_least_column":
            plan = plan.col_vals_ge(column, pb.col(args[0]), na_pass=True)
        elif kind == "n_rows_at_least":
            plan = plan.col_vals_expr(pl.len() >= args[0])
        else:
            plan = plan.col_exists(column)
    found = plan.interrogate(collect_extracts=True, extract_limit=10)
    failed = [found.n_failed(i=i, scalar=True) for i in range(1, len(RULES) + 1)]
    print(json.dumps({"seconds": time.perf_counter() - started, "failed": failed}))


if __name__ == "__main__":
    main()
