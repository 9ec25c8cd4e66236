"""How long dsp takes before it does anything.

Goal: ``dsp --help`` takes at most 1.5 times ``python -c "import click"``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from common import DSP, interleave, machine, run_process, show

PYTHON = sys.executable
WORKS: dict[str, Sequence[object]] = {
    "python -c pass": [PYTHON, "-c", "pass"],
    'python -c "import click"': [PYTHON, "-c", "import click"],
    'python -c "import dsp"': [PYTHON, "-c", "import dsp"],
    "dsp --help": [DSP, "--help"],
    "dsp --version": [DSP, "--version"],
    'python -c "import duckdb"': [PYTHON, "-c", "import duckdb"],
}
AGAINST = 'python -c "import click"'


def main() -> None:
    """Time each start in turns and print medians and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=21)
    given = parser.parse_args()
    works = {name: _timed(words) for name, words in WORKS.items()}
    timings = interleave(works, repeats=given.repeats, warm_up=2)
    base = timings[AGAINST].median
    print(machine(), "\n")
    show(
        ("start", "median s", "range s", "x import click"),
        [(n, t.median, t.spread(), t.median / base) for n, t in timings.items()],
    )


def _timed(words: Sequence[object]) -> Callable[[], float]:
    return lambda: run_process(words)[0]


if __name__ == "__main__":
    main()
