from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp.errors import SettingError
from dsp.settings import (
    PipelineConfig,
    build,
    find_file,
    parse_bytes,
    read_options,
    resolve,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_arguments_beat_environment_beats_file_beats_default(tmp_path: Path) -> None:
    file = tmp_path / "dsp.toml"
    file.write_text("seed = 1\nthreads = 1\nml_time_limit = 5.0\n")
    environment = {"DSP_SEED": "2", "DSP_THREADS": "2"}
    resolved = resolve({"seed": 3}, file=file, environment=environment)
    config, origins = resolved.config, resolved.origins
    assert (config.seed, config.threads, config.ml_time_limit) == (3, 2, 5.0)
    assert origins["seed"] == "argument"
    assert origins["threads"] == "environment DSP_THREADS"
    assert origins["ml_time_limit"] == f"file {file}"
    assert origins["dashboard_theme"] == "default"


def test_yaml_and_pyproject_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.dsp]\nseed = 4\n")
    assert find_file(tmp_path) == tmp_path / "pyproject.toml"
    (tmp_path / "dsp.yaml").write_text("seed: 5\n")
    assert find_file(tmp_path) == tmp_path / "dsp.yaml"
    assert resolve(file=tmp_path / "dsp.yaml", environment={}).config.seed == 5


@pytest.mark.parametrize("where", ["argument", "file"])
def test_unknown_setting_names_the_nearest(tmp_path: Path, where: str) -> None:
    file = tmp_path / "dsp.toml"
    file.write_text("sede = 1\n" if where == "file" else "")
    arguments = {"sede": 1} if where == "argument" else {}
    with pytest.raises(SettingError, match='unknown setting "sede"') as raised:
        resolve(arguments, file=file, environment={})
    assert 'did you mean "seed"' in raised.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("threads", 0),
        ("ml_time_limit", 0),
        ("dashboard_theme", "pink"),
        ("sample_size", "many"),
        ("export_formats", ("docx",)),
        ("dashboard_brand", "green"),
        ("min_cell", 0),
    ],
)
def test_bad_value_names_setting_and_value(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"setting {name}.*cannot be"):
        build({name: value})


def test_broken_files_are_one_clear_line(tmp_path: Path) -> None:
    broken = tmp_path / "dsp.toml"
    broken.write_text("seed = = 1")
    with pytest.raises(SettingError, match="is not valid TOML"):
        resolve(file=broken, environment={})
    with pytest.raises(SettingError, match="no configuration file"):
        resolve(file=tmp_path / "absent.toml", environment={})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("4GB", 4_000_000_000), ("512MiB", 536_870_912), ("1.5 gb", 1_500_000_000)],
)
def test_sizes(text: str, wanted: int) -> None:
    assert parse_bytes(text) == wanted


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "4 lions", "0MB"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(SettingError, match="is not understood"):
        parse_bytes(text)


def test_environment_lists_and_options() -> None:
    environment = {
        "DSP_EXPORT_FORMATS": "json, csv",
        "DSP_READ_OPTIONS": "delimiter=|;header=true",
        "DSP_ML_ENABLED": "false",
    }
    config = resolve(environment=environment).config
    assert config.export_formats == ("json", "csv")
    assert config.read_options == {"delimiter": "|", "header": "true"}
    assert config.ml_enabled is False


def test_stored_settings_name_no_folder() -> None:
    stored = PipelineConfig(data_source="a.csv", output_dir="somewhere").stored()
    assert "output_dir" not in stored
    assert "data_source" not in stored


def test_a_refused_size_says_how_to_write_one_in_one_line() -> None:
    with pytest.raises(SettingError, match="not understood; write it like 4GB") as caught:
        build({"data_source": "a.csv", "memory_limit": "lots"})
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("DSP_SEDE", "did you mean DSP_SEED?"),
        ("dsp_sede", "did you mean DSP_SEED?"),
        ("DSP_TARGET", "did you mean DSP_TARGET_COLUMN?"),
        ("DSP_", "dsp config show lists them"),
        ("DSP_QQQQ", "dsp config show lists them"),
    ],
)
@pytest.mark.parametrize("value", ["1", ""])
def test_unknown_variable_is_named_with_the_nearest(
    variable: str, hint: str, value: str
) -> None:
    with pytest.raises(SettingError, match=f"environment: {variable}\n") as raised:
        resolve(environment={variable: value, "PATH": "/bin", "DSPX": "1"})
    assert raised.value.hint.startswith(hint)


def test_variables_count_in_any_case_and_empty_ones_as_not_given() -> None:
    environment = {"dsp_seed": "2", "DSP_SEED": "3", "Dsp_Threads": "1", "DSP_STRICT": ""}
    resolved = resolve(environment=environment)
    assert (resolved.config.seed, resolved.config.threads) == (3, 1)
    assert resolved.origins["threads"] == "environment Dsp_Threads"
    assert resolved.origins["strict"] == "default"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), {}),
        (("delimiter=,",), {"delimiter": ","}),
        (("delimiter=;",), {"delimiter": ";"}),
        (("delimiter=;;header=true",), {"delimiter": ";", "header": "true"}),
        (("header=true;encoding=utf-8;",), {"header": "true", "encoding": "utf-8"}),
        (("a=1", "b=x=y"), {"a": "1", "b": "x=y"}),
    ],
)
def test_read_options_are_pairs(words: tuple[str, ...], wanted: dict[str, str]) -> None:
    assert read_options(*words) == wanted


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("delimiter", "not of the form name=value"),
        ("=;", "not of the form name=value"),
        ("delimiter=", '"delimiter" of the reader has no value'),
        ("delimiter=;header=true", '"delimiter" of the reader has no value'),
    ],
)
def test_what_is_no_pair_is_refused(word: str, cause: str) -> None:
    with pytest.raises(SettingError, match=cause):
        read_options(word)
    with pytest.raises(SettingError, match=cause):
        resolve(environment={"DSP_READ_OPTIONS": word})
