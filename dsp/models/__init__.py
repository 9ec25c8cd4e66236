"""Models and their honest evaluation."""

from __future__ import annotations
