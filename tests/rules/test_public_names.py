"""Rules on the public surface: names, docstrings, plug-ins."""

from __future__ import annotations

import inspect

import pytest

import dsp
from dsp.registry import plugins

ROOMS = (
    "sources",
    "checks",
    "transforms",
    "detectors",
    "models",
    "forecasting",
    "charts",
    "exports",
)
ENUMS_AND_RECORDS = {"PipelineProgress", "PipelineStage", "PipelineStatus"}
every_name = pytest.mark.parametrize("name", dsp.__all__)


def test_names_are_sorted_and_each_has_a_home() -> None:
    assert dsp.__all__ == sorted(dsp.__all__)
    assert set(dsp.__all__) == set(dsp._HOMES)
    assert {*dsp.__all__, "__version__"} == set(dir(dsp))


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Pipelines'"):
        _ = dsp.Pipelines


@every_name
def test_a_public_name_is_documented(name: str) -> None:
    thing = getattr(dsp, name)
    assert thing.__name__ == name
    text = inspect.getdoc(thing) or ""
    assert text
    if name not in ENUMS_AND_RECORDS:
        assert ">>> " in text, f"{name} has no example"


@every_name
def test_public_methods_are_documented_and_annotated(name: str) -> None:
    thing = getattr(dsp, name)
    members = vars(thing).items() if inspect.isclass(thing) else [(name, thing)]
    for member, value in members:
        if inspect.isfunction(value) and not member.startswith("_"):
            assert inspect.getdoc(value), member
            hints = inspect.signature(value)
            assert hints.return_annotation is not inspect.Signature.empty, member


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_named_plugins(room: str) -> None:
    found = plugins(room)
    assert found
    assert all(name == plugin.name for name, plugin in found.items())
    assert all(name == name.casefold() and name.isidentifier() for name in found)
