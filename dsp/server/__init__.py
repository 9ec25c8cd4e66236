"""The REST door: finished runs over HTTP, on this machine only unless told otherwise."""

from __future__ import annotations

from dsp.server.app import create_app

__all__ = ["create_app"]
