"""Print what the frames of polars and pandas say of themselves."""

from __future__ import annotations

import sys


def main() -> None:
    """Describe a Parquet file: ``describe_frame.py FILE PAGE polars|pandas``."""
    path, _, library = sys.argv[1:4]
    if library == "polars":
        import polars as pl

        print(pl.read_parquet(path).describe())
    else:
        import pandas as pd

        print(pd.read_parquet(path).describe(include="all").to_string())


if __name__ == "__main__":
    main()
