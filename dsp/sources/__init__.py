"""Reads sources into the engine."""

from __future__ import annotations
