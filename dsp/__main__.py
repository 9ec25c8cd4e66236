"""``python -m dsp``."""

from __future__ import annotations

from dsp.cli import main

if __name__ == "__main__":
    main()
