"""Schemas of other tools as rules; what no rule can express is listed, not dropped."""

from __future__ import annotations

from dsp.checks.schemas.json_schemas import from_json_schema, is_json_schema
from dsp.checks.schemas.pandera_schemas import from_pandera, is_pandera
from dsp.checks.schemas.pydantic_models import from_pydantic

__all__ = [
    "from_json_schema",
    "from_pandera",
    "from_pydantic",
    "is_json_schema",
    "is_pandera",
]
