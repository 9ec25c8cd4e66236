"""Write a report of ydata-profiling; runs in its own environment (``make peers``)."""

from __future__ import annotations

import sys


def main() -> None:
    """Profile a Parquet file: ``ydata_report.py FILE PAGE default|minimal``."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    path, page, mode = sys.argv[1:4]
    report = ProfileReport(
        pd.read_parquet(path), minimal=mode == "minimal", progress_bar=False
    )
    report.to_file(page)


if __name__ == "__main__":
    main()
