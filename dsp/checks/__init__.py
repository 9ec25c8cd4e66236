"""Checks of the data."""

from __future__ import annotations
