"""The REST server."""

from __future__ import annotations
