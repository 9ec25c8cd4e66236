"""Finds the plug-ins of a room: its files that define ``plugin``, and entry points."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from dsp.errors import DspError


@cache
def plugins(room: str) -> dict[str, Any]:
    """Return every plug-in of a room by name, in a fixed order.

    A plug-in is a module-level object called ``plugin`` with a ``name`` in a file of
    ``dsp/<room>/``, or an entry point of the group ``dsp.<room>``. Files of the room
    come first, by file name.

    Raises
    ------
    DspError
        Two plug-ins of a room have the same name.
    """
    found: dict[str, Any] = {}
    package = importlib.import_module(f"dsp.{room}")
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        if hasattr(module, "plugin"):
            _add(found, room, module.plugin)
    for point in sorted(entry_points(group=f"dsp.{room}"), key=lambda p: p.name):
        _add(found, room, point.load())
    return found


def _add(found: dict[str, Any], room: str, plugin: Any) -> None:
    if plugin.name in found:
        raise DspError(
            f'two plug-ins of dsp.{room} are called "{plugin.name}"',
            hint="rename one of them",
        )
    found[plugin.name] = plugin
