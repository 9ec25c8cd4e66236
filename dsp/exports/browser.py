"""Prints a page to PDF with a Chromium of this machine, without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dsp.errors import DspError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "CHROME_PATH"
PAGE_STYLE = "@page{size:A4 landscape;margin:10mm}"
WIDTH = 1047
"""Pixels between the margins of the page, at which charts are drawn."""
BUDGET_MS = 30_000
"""Virtual time for drawing: it runs as fast as the machine can."""
TIMEOUT_S = 120
FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    f"--virtual-time-budget={BUDGET_MS}",
    f"--window-size={WIDTH},900",
)
_NODE = re.compile(rb"\bnode\d{8}\b")
_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")


class BrowserError(DspError):
    """A browser could not print a page."""

    code = "browser"


def find_browser() -> str | None:
    """Return the Chromium to print with: CHROME_PATH, else one on the PATH, else None."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def printed(browser: str, page: str, folder: Path) -> bytes:
    """Return a dashboard as PDF: A4 landscape, light, all its charts drawn.

    Parameters
    ----------
    browser
        The program.
    page
        The text of the dashboard.
    folder
        Where a folder for the browser's files is made and removed; a confined browser
        may not see the system's folder for temporary files.

    Raises
    ------
    BrowserError
        The browser did not start, did not end in time, or wrote no PDF.
    """
    with TemporaryDirectory(prefix="page-pdf-", dir=folder) as place:
        source, target = Path(place) / "page.html", Path(place) / "page.pdf"
        source.write_text(_on_paper(page), encoding="utf-8")
        flags = [*FLAGS, f"--user-data-dir={Path(place) / 'profile'}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to run as root with one
        address = f"{source.absolute().as_uri()}#print"
        try:
            done = subprocess.run(  # noqa: S603 - a program the user has, no shell
                [browser, *flags, f"--print-to-pdf={target.absolute()}", address],
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _failed(browser, f"was not done after {TIMEOUT_S} s") from error
        except OSError as error:
            raise _failed(browser, f"did not start: {error.strerror}") from error
        if not target.is_file() or not (made := target.read_bytes()).startswith(b"%PDF"):
            raise _failed(browser, f"wrote no PDF (exit code {done.returncode})")
    # The time of printing is all that differs between two prints of one page.
    return _repeatable(made)


def _repeatable(document: bytes) -> bytes:
    """Return a document without the time it was made at, its nodes numbered in order.

    The browser numbers the nodes of its tree by how often a page was laid out.
    """
    names = dict.fromkeys(_NODE.findall(document))
    known = {name: b"node%08d" % i for i, name in enumerate(names, start=1)}
    numbered = _NODE.sub(lambda found: known[found[0]], document)
    return _DATE.sub(rb"\g<1>20000101000000", numbered)


def _on_paper(page: str) -> str:
    """Return the page with the size of the paper, which its own policy must allow."""
    if "@page" in page:
        return page
    digest = b64encode(sha256(PAGE_STYLE.encode()).digest()).decode("ascii")
    allowed = page.replace("style-src ", f"style-src 'sha256-{digest}' ", 1)
    return allowed.replace("</head>", f"<style>{PAGE_STYLE}</style></head>", 1)


def _failed(browser: str, what: str) -> BrowserError:
    return BrowserError(
        f"{Path(browser).name} {what}",
        hint=f"name another Chromium in the variable {VARIABLE}",
    )
