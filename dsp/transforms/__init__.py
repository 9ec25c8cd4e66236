"""Cleaning transforms that record their SQL."""

from __future__ import annotations
