"""Settings of a run: arguments > environment (``DSP_*``) > file > defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dsp.cleaning import TransformSettings, asked_in_words
from dsp.errors import SettingError, nearest
from dsp.setting_files import find_file, read_file
from dsp.sizes import parse_bytes

ExportFormat = Literal[
    "json",
    "csv",
    "xlsx",
    "parquet",
    "markdown",
    "html",
    "checks",
    "junit",
    "model",
    "svg",
    "png",
    "pdf",
    "chart_csv",
    "chart_parquet",
    "page_pdf",
]

ModelTask = Literal["regression", "binary", "multiclass", "ordinal", "quantile"]

_BETWEEN = re.compile(r";(?=\s*[A-Za-z_]\w*\s*=)")
PREFIX = "DSP_"
"""How variables begin that are settings."""


class PipelineConfig(BaseModel):
    """Everything a run can be told.

    Examples
    --------
    >>> PipelineConfig(data_source="sales.parquet", target_column="revenue").seed
    0
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    data_source: Any = Field(
        default=None,
        description="File, glob, folder, database.db::table, or a table in memory.",
    )
    data_format: str | None = Field(
        default=None,
        description="Format of the source: parquet, csv, json, arrow, excel, database, "
        "memory. Found from the content when not given.",
    )
    read_options: dict[str, Any] = Field(
        default_factory=dict,
        description="Options for the reader, such as delimiter, header, encoding, sheet.",
    )
    target_column: str | None = Field(
        default=None, description="Column to explain and predict."
    )
    time_column: str | None = Field(
        default=None, description="Column that orders rows in time; found when not given."
    )
    business_context: str | None = Field(
        default=None, description="What the data is about, in words; tunes wording only."
    )
    validate_data: bool = Field(default=True, description="Run the checks of stage 3.")
    rules: Any = Field(
        default=None,
        description="Rules file (TOML, YAML, JSON), or rules made in Python, checked in "
        "stage 3 beside what it finds by itself.",
    )
    strict_validation: bool = Field(
        default=False,
        description="Stop after stage 3 when a check of severity error fails; what was "
        "checked is kept in failed_validation/.",
    )
    transforms: TransformSettings = Field(
        default_factory=TransformSettings,
        description="Changes of the data beyond what loses nothing: names, casts, fold, "
        "duplicates, missing, outliers, date_parts, derive.",
    )
    sample_size: int | None = Field(
        default=None, ge=1, description="Analyse a seeded sample of this many rows."
    )
    ml_enabled: bool = Field(default=True, description="Fit models for the target.")
    ml_time_limit: float = Field(
        default=60.0, gt=0, description="Seconds that model search may take, a hard wall."
    )
    ml_fits: int | None = Field(
        default=None, ge=1, description="Fits that model search may take, not seconds."
    )
    ml_task: ModelTask | None = Field(
        default=None, description="What to predict; decided from the target."
    )
    ml_quantile: float = Field(
        default=0.5, gt=0, lt=1, description="Quantile that the task quantile predicts."
    )
    cost_false_alarm: float = Field(
        default=1.0, ge=0, description="Cost of a row wrongly called the second class."
    )
    cost_missed: float = Field(
        default=1.0, ge=0, description="Cost of a missed row of the second class."
    )
    group_column: str | None = Field(
        default=None,
        description="Column of an entity that rows share; found when not given.",
    )
    generate_dashboard: bool = Field(default=True, description="Write dashboard.html.")
    dashboard_theme: Literal["auto", "light", "dark"] = Field(
        default="auto", description="Theme of the dashboard."
    )
    dashboard_title: str | None = Field(
        default=None, description="Title of the dashboard; the file name when not given."
    )
    dashboard_brand: str | None = Field(
        default=None,
        description="Brand colour of the dashboard, such as #0a7350; it is made readable "
        "on both themes.",
    )
    kpis: tuple[str, ...] = Field(
        default=(),
        description="Columns that become cards of the dashboard, as COLUMN, or COLUMN:up "
        "or COLUMN:down to say which direction is good.",
    )
    units: dict[str, str] = Field(
        default_factory=dict,
        description="Units of columns on the dashboard, such as revenue=USD.",
    )
    min_cell: int = Field(
        default=1,
        ge=1,
        description="Rows that a group on the dashboard has at least; smaller ones are "
        "merged. 5 is a good number when it is shared.",
    )
    redact: bool = Field(
        default=False,
        description="Keep every value of a text column off the dashboard.",
    )
    output_dir: Path | None = Field(
        default=None, description="Folder of the results; NAME.dsp when not given."
    )
    force: bool = Field(
        default=False,
        description="Overwrite a folder that holds the results of another source.",
    )
    save_intermediate: bool = Field(
        default=False,
        description="Keep finished stages of a failed or cancelled run, for --resume.",
    )
    export_formats: tuple[ExportFormat, ...] = Field(
        default=(), description="Formats to export at the end, into export/."
    )
    materialize: Literal["auto", "always", "never"] = Field(
        default="auto", description="Copy columnar sources into the result database."
    )
    strict: bool = Field(
        default=False,
        description="Exit with 1 when something could not be computed.",
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb", description="Engine that scans the data."
    )
    memory_limit: str | None = Field(
        default=None,
        description="Memory for the whole process, such as 4GB; 70 % of what is there "
        "when not given.",
    )
    threads: int | None = Field(
        default=None, ge=1, description="Threads; all cores when not given."
    )
    seed: int = Field(default=0, ge=0, description="Seed of every random choice.")

    @field_validator("memory_limit")
    @classmethod
    def _memory_limit_is_a_size(cls, value: str | None) -> str | None:
        if value is not None:
            parse_bytes(value)
        return value

    @field_validator("dashboard_brand")
    @classmethod
    def _brand_is_a_colour(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise SettingError(
                f'"{value}" is not a colour', hint="write six digits like #0a7350"
            )
        return value

    def stored(self) -> dict[str, Any]:
        """Return as plain values the settings that shape results, not where they go."""
        left_out = {"data_source", "output_dir", "force", "rules"}
        return self.model_dump(mode="json", exclude=left_out) | {"rules": self._rules()}

    def _rules(self) -> Any:
        if self.rules is None or isinstance(self.rules, str | Path):
            return None if self.rules is None else str(self.rules)
        return [repr(rule) for rule in self.rules]


class Resolved(BaseModel):
    """A configuration with the place every value came from.

    Attributes
    ----------
    config
        The merged settings.
    origins
        Setting name to ``argument``, ``environment DSP_…``, ``file …`` or ``default``.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    config: PipelineConfig
    origins: dict[str, str]


def resolve(
    arguments: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Resolved:
    """Merge arguments, environment, file and defaults into one configuration.

    Parameters
    ----------
    arguments
        Settings given by the caller; None values count as not given.
    file
        A TOML or YAML file; ``dsp.toml`` / ``dsp.yaml`` of the current folder, or the
        table ``tool.dsp`` of its ``pyproject.toml``, when None.
    environment
        Variables; ``os.environ`` when None. Names count in any case, and empty values as
        not given.

    Raises
    ------
    SettingError
        A name is unknown or a value does not fit.
    """
    variables = _variables(os.environ if environment is None else environment)
    values: dict[str, Any] = {}
    origins = dict.fromkeys(PipelineConfig.model_fields, "default")
    path = file or find_file()
    if path is not None:
        for name, value in read_file(path).items():
            values[_known(name, f"file {path}")] = value
            origins[name] = f"file {path}"
    for name, (variable, text) in variables.items():
        if text:
            values[name] = _from_text(name, text)
            origins[name] = f"environment {variable}"
    for name, value in (arguments or {}).items():
        if value is not None:
            values[_known(name, "arguments")] = value
            origins[name] = "argument"
    return Resolved(config=build(values), origins=origins)


def _variables(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the variable and the text of every setting that the environment names.

    Raises
    ------
    SettingError
        A variable begins with ``DSP_`` and is no setting, even an empty one: it is
        misspelt all the same.
    """
    known = {f"{PREFIX}{name.upper()}": name for name in PipelineConfig.model_fields}
    found: dict[str, tuple[str, str]] = {}
    for variable in sorted(environment, reverse=True):  # DSP_SEED beats dsp_seed
        folded = variable.upper()
        if folded in known:
            found[known[folded]] = variable, environment[variable]
        elif folded.startswith(PREFIX):
            close = nearest(folded.removeprefix(PREFIX), PipelineConfig.model_fields, n=1)
            hint = f"did you mean {PREFIX}{close[0].upper()}?" if close else ""
            raise SettingError(
                f"unknown setting in the environment: {variable}",
                hint=hint or "dsp config show lists them; unset what is not for dsp",
                name=variable,
            )
    return found


def build(values: Mapping[str, Any]) -> PipelineConfig:
    """Return a configuration, with errors that say what to write instead.

    Raises
    ------
    SettingError
        A name is unknown or a value does not fit.
    """
    for name in values:
        _known(name, "settings")
    try:
        return PipelineConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        shown = repr(first.get("input"))[:80]
        raise SettingError(
            f"setting {name} cannot be {shown}: {_reason(first)}",
            hint="dsp config show lists every setting with its meaning",
            name=name,
        ) from error


def _reason(details: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, in one line."""
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, SettingError):
        return f"{cause.message}; {cause.hint}" if cause.hint else cause.message
    return str(details["msg"])


def read_options(*words: str) -> dict[str, str]:
    """Return the options of a reader that words such as ``header=true;quote='`` name.

    A semicolon divides options only where a name and ``=`` follow, so ``delimiter=;``
    means the semicolon itself.

    Examples
    --------
    >>> read_options("delimiter=;;header=true")
    {'delimiter': ';', 'header': 'true'}

    Raises
    ------
    SettingError
        A part is not of that form, or has no value.
    """
    found: dict[str, str] = {}
    parts = [part for word in words for part in _BETWEEN.split(word) if part.strip()]
    for part in parts:
        name, equals, value = part.partition("=")
        if len(value) > 1:
            value = value.removesuffix(";")
        if not equals or not name.strip():
            raise SettingError(
                f'"{part}" is not of the form name=value',
                hint='write options of the reader like "delimiter=;" or header=true',
            )
        if not value:
            raise SettingError(
                f'the option "{name.strip()}" of the reader has no value',
                hint=f"write {name.strip()}=… with its value, or leave it out",
            )
        found[name.strip()] = value
    return found


def _known(name: str, where: str) -> str:
    if name not in PipelineConfig.model_fields:
        close = nearest(name, PipelineConfig.model_fields, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "dsp config show lists them"
        raise SettingError(f'unknown setting "{name}" in {where}', hint=hint, name=name)
    return name


def _from_text(name: str, text: str) -> Any:
    """Return an environment value as the type its setting wants."""
    if name in ("read_options", "units"):
        return read_options(text)
    if name == "kpis":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name == "transforms":
        return asked_in_words(*text.split(";"))
    if name == "export_formats":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
