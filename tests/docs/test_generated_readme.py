"""README's tables are what the code says; its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dsp
from dsp.cli.analyze import FLAGS
from dsp.cli.docs import blocks, fill
from dsp.errors import DspError
from dsp.settings import PipelineConfig

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def test_the_generated_parts_are_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert fill(text) == text, "run: python -m dsp.cli.docs"


@pytest.mark.parametrize("name", sorted(blocks()))
def test_a_missing_part_is_said(name: str) -> None:
    text = README.read_text(encoding="utf-8").replace(f"<!-- end: {name} -->", "")
    with pytest.raises(DspError, match=f"no part {name}"):
        fill(text)


def test_every_setting_but_the_source_has_an_option() -> None:
    assert set(PipelineConfig.model_fields) - set(FLAGS) == {"data_source"}


def test_links_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_python_in_the_readme_names_what_exists() -> None:
    text = README.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    for name in re.findall(r"\bdsp\.(\w+)\(", code):
        assert hasattr(dsp, name)
    for name in re.findall(r"\brun\.(\w+)", code):
        assert hasattr(dsp.Run, name)
    compile(code, "README.md", "exec")


def test_the_changelog_knows_the_version_scheme() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "never\nrenamed" in text
    assert re.search(r"^## \[(Unreleased|\d+\.\d+\.\d+)\]", text, re.MULTILINE)
