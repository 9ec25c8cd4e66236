"""Install each peer of ``requirements-NAME.txt`` into ``.venv-NAME``, if not done yet.

What ``alone-NAME.txt`` lists comes without what it depends on, for the data it ships.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def install(requirements: Path) -> None:
    """Make the environment of one peer; a stamp says that it is complete."""
    name = requirements.stem.removeprefix("requirements-")
    folder = HERE / f".venv-{name}"
    stamp = folder / ".installed"
    alone = HERE / f"alone-{name}.txt"
    wanted = requirements.read_text(encoding="utf-8")
    wanted += alone.read_text(encoding="utf-8") if alone.is_file() else ""
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        print(f"{name}: there already")
        return
    print(f"{name}: installing into {folder.relative_to(HERE.parent)} ...", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "--compile"]
    subprocess.run([*pip, "-r", requirements], check=True)
    if alone.is_file():
        subprocess.run([*pip, "--no-deps", "-r", alone], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    print(f"{name}: done")


def main() -> None:
    """Install every peer, or those that are named."""
    for requirements in sorted(HERE.glob("requirements-*.txt")):
        if len(sys.argv) == 1 or requirements.stem.split("-", 1)[1] in sys.argv[1:]:
            install(requirements)


if __name__ == "__main__":
    main()
