"""The dashboard page."""

from __future__ import annotations
