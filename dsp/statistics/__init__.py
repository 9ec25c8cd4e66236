"""Profile, associations and tests."""

from __future__ import annotations
