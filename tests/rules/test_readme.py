"""README names every command and every setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsp.cli import COMMANDS
from dsp.settings import PipelineConfig

README = Path(__file__).resolve().parents[2] / "README.md"


def text() -> str:
    return README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"dsp {name}\b", text())


@pytest.mark.parametrize("name", PipelineConfig.model_fields)
def test_a_setting_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in text()


def test_the_first_screen_says_how_to_start() -> None:
    first = "\n".join(text().splitlines()[:40])
    assert "make demo" in first
    assert "make test" in first
