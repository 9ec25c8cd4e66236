"""README names every command, every setting and every result table."""

from __future__ import annotations

import re
from pathlib import Path

from dsp.cli import COMMANDS
from dsp.engine.store import table_of
from dsp.records import RECORDS
from dsp.settings import PipelineConfig

README = Path(__file__).resolve().parents[2] / "README.md"


def text() -> str:
    return README.read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    readme = text()
    assert [c for c in COMMANDS if not re.search(rf"dsp {c}\b", readme)] == []


def test_every_setting_is_in_the_readme() -> None:
    readme = text()
    assert [s for s in PipelineConfig.model_fields if f"`{s}`" not in readme] == []


def test_every_result_table_is_in_the_readme() -> None:
    readme = text()
    assert [table_of(r) for r in RECORDS if f"`{table_of(r)}`" not in readme] == []


def test_the_first_screen_says_how_to_start() -> None:
    first = "\n".join(text().splitlines()[:40])
    assert [words for words in ("make demo", "make test") if words not in first] == []
