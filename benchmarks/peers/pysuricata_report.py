"""Write a report of PySuricata; runs in its own environment (``make peers``)."""

from __future__ import annotations

import sys


def main() -> None:
    """Profile a Parquet file: ``pysuricata_report.py FILE PAGE``."""
    from pysuricata import profile

    path, page = sys.argv[1:3]
    profile(path).save_html(page)


if __name__ == "__main__":
    main()
