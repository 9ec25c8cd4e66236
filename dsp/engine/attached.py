"""Ibis on a connection that is open, and perhaps locked, already."""

from __future__ import annotations

from typing import Any

from ibis.backends.duckdb import Backend  # noqa: TID253 - this module is all Ibis


class _Attached(Backend):  # type: ignore[misc]
    """The DuckDB backend without the settings it would change on attaching.

    `DuckEngine` has set them all (time zone UTC, no replacement of Python variables),
    and a locked connection refuses even to set them again.
    """

    def _post_connect(self, extensions: Any = None) -> None:
        self._record_batch_readers_consumed: dict[str, Any] = {}


def attach(connection: Any) -> Any:
    """Return the Ibis backend on a connection made by `DuckEngine`."""
    return _Attached.from_connection(connection)
