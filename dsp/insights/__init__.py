"""Decides which findings may be said."""

from __future__ import annotations
