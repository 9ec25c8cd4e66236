"""Exports of a finished run."""

from __future__ import annotations
