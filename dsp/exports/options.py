"""What exports can be told, and whom they tell how far they are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dsp.events import Tick, no_tick

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How an export is made; formats without charts have no use for it.

    Attributes
    ----------
    theme
        Colours of charts: ``light`` or ``dark``.
    font_dir
        A folder of fonts to draw charts with, besides those of the system.
    tick
        Called after each file.
    warn
        Takes one line about something that the user should know.
    """

    theme: str = "light"
    font_dir: Path | None = None
    tick: Tick = no_tick
    warn: Callable[[str], None] = _LOG.warning


DEFAULTS = ExportOptions()
