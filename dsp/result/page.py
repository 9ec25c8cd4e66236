"""The dashboard of a run as a file of its own, or in a frame of a notebook."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

from dsp.errors import SettingError
from dsp.numbers import size
from dsp.result.words import shown_path

HEIGHT = 800
TALLEST = 20_000


@dataclass(frozen=True, slots=True)
class DashboardFrame:
    """The dashboard in a frame that can do nothing to the notebook around it.

    Attributes
    ----------
    title
        What the frame holds, for screen readers.
    height
        Height in pixels.
    page
        The page itself, when the frame carries it.
    path
        The file that the frame shows, when it does not.
    """

    title: str
    height: int
    page: str = ""
    path: Path | None = None

    def _repr_html_(self) -> str:
        if self.path is None:
            # In a quoted attribute only these need an escape; all others would add to
            # a page that is a megabyte already.
            text = self.page.replace("&", "&amp;").replace('"', "&quot;")
            source = f'srcdoc="{text.replace("<", "&lt;")}"'
        else:
            source = f'src="{escape(_address(self.path))}"'
        return (
            f'<iframe title="{escape(self.title)}" sandbox="allow-scripts" '
            f'style="width:100%;height:{self.height}px;border:0" {source}></iframe>'
        )

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, str]:
        """Return the frame, and a line for where no frame can be shown."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __repr__(self) -> str:
        if self.path is not None:
            return f"<dsp.Dashboard {shown_path(self.path)}>"
        return f"<dsp.Dashboard {self.title}: {size(len(self.page.encode()))}>"


def checked_height(height: int) -> int:
    """Return a height of a frame in pixels, or raise `SettingError`."""
    if isinstance(height, bool) or not 1 <= height <= TALLEST:
        raise SettingError(
            f"a frame cannot be {height!r} pixels high", hint=f"1 to {TALLEST:,}"
        )
    return height


def save(page: str, path: str | Path) -> Path:
    """Write a page to a file and return its path.

    Raises
    ------
    SettingError
        The path is a folder, or cannot be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise SettingError(
            f"{target} is a folder", hint=f"name a file, such as {target / 'page.html'}"
        )
    unfinished = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(target)
    except OSError as error:
        raise SettingError(
            f"cannot write {target}: {error.strerror or error}",
            hint="name a file in a folder that can be written to",
        ) from error
    return target


def page_text(written: Path | None, engine: object) -> str:
    """Return the page that a run has written, or else the one that its tables give."""
    if written is not None:
        return written.read_text(encoding="utf-8")
    # The room is found by name: rooms of one layer do not import each other.
    generator = import_module("dsp.dashboard").DashboardGenerator
    return str(generator(engine).render())


def _address(path: Path) -> str:
    """Return a file's address, relative to the notebook's folder where it can be."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path.absolute().as_uri()
    return quote(Path(relative).as_posix())
