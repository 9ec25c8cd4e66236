"""The dashboard as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsp.exports.browser import BrowserError, find_browser, printed
from dsp.exports.cells import appearing
from dsp.exports.options import DEFAULTS, ExportOptions
from dsp.exports.pdf_pages import drawn_pages

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

PAGE = "dashboard.html"


class PagePdfExport:
    """Writes ``dashboard.pdf``: A4 landscape, as the page prints.

    A Chromium prints the run's ``dashboard.html``: the one that CHROME_PATH names, or one
    on the PATH. Without it, or without that page, the document is made of charts and text
    from the results, and says so on its first page and in a warning.
    """

    name = "page_pdf"
    takes_options = True

    def write(
        self, engine: DuckEngine, folder: Path, options: ExportOptions = DEFAULTS
    ) -> list[Path]:
        """Write the document and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "dashboard.pdf"
        try:
            content = _printed(engine, folder, options)
        except BrowserError as error:
            note = f"Made of charts and text, not of the dashboard: {error.message}."
            options.warn(f"{path.name}: {note[0].lower()}{note[1:-1]}")
            content = drawn_pages(engine, note, options)
        with appearing(path) as unfinished:
            unfinished.write_bytes(content)
        return [path]


plugin = PagePdfExport()


def _printed(engine: DuckEngine, folder: Path, options: ExportOptions) -> bytes:
    page = None if engine.path is None else engine.path.parent / PAGE
    if page is None or not page.is_file():
        raise BrowserError(f"there is no {PAGE} beside the results")
    browser = find_browser()
    if browser is None:
        raise BrowserError(
            "no Chromium was found", hint="install one, or name it in CHROME_PATH"
        )
    options.tick(0, 1, unit="files", message="printing the page")
    return printed(browser, page.read_text(encoding="utf-8"), folder)
