"""Write a paper of planted tables, with their truth.

The files are those of a planted-truth exam: ``data/``, ``truth/`` and ``index.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from planted.paper import write

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=int, default=24, help="tables with effects")
    parser.add_argument("--noise", type=int, default=6, help="tables without any")
    parser.add_argument("--traps", type=int, default=4, help="tables of dependent rows")
    parser.add_argument("--level", choices=("normal", "hard"), default="normal")
    given = parser.parse_args()
    write(
        given.out,
        given.seed,
        tables=given.tables,
        noise=given.noise,
        traps=given.traps,
        hard=given.level == "hard",
    )
