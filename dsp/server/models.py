"""What the REST door takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dsp.events import PipelineStage, PipelineStatus


def _with_example(**example: Any) -> ConfigDict:
    return ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [example]}
    )


_RUN = {
    "run_id": "0f8fad5bd9cb469fa16570867728950e",
    "name": "sales",
    "target": "revenue",
    "n_rows": 20030,
    "n_columns": 14,
    "n_insights": 7,
    "n_problems": 0,
    "finished_at": "2026-01-31T12:00:04Z",
    "elapsed_ms": 4200.0,
    "dashboard": "/analyze/0f8fad5bd9cb469fa16570867728950e/dashboard",
    "insights": "/analyze/0f8fad5bd9cb469fa16570867728950e/insights",
}
_INSIGHT = {
    "rank": 1,
    "kind": "segment_difference",
    "title": "West earns less per order",
    "statement": "Revenue per order is 301 in West and 330 elsewhere.",
    "recommendation": "Compare the discounts of West with those of the other regions.",
    "severity": "notable",
    "columns": ["region", "revenue"],
    "evidence_sql": "select region, avg(revenue) from clean.data group by all",
}


class AnalysisRequest(BaseModel):
    """An analysis to start: the source and the settings that matter over the network."""

    model_config = _with_example(
        source="sales.parquet", target_column="revenue", ml_enabled=True
    )

    source: str = Field(description="Name of a file below the server's data folder.")
    target_column: str | None = Field(
        default=None, description="Column to explain and predict."
    )
    time_column: str | None = Field(
        default=None, description="Column that orders rows in time; found when not given."
    )
    business_context: str | None = Field(
        default=None, description="What the data is about, in words."
    )
    sample_size: int | None = Field(
        default=None, ge=1, description="Analyse a seeded sample of this many rows."
    )
    ml_enabled: bool = Field(default=True, description="Fit models for the target.")
    ml_time_limit: float = Field(
        default=60.0, gt=0, description="Seconds that model search may take."
    )
    dashboard_title: str | None = Field(
        default=None, description="Title of the dashboard; the file name when not given."
    )
    seed: int = Field(default=0, ge=0, description="Seed of every random choice.")


class RunSummary(BaseModel):
    """A finished run, in the figures a list shows."""

    model_config = _with_example(**_RUN)

    run_id: str = Field(description="Identifier of the run.")
    name: str = Field(description="Short name of the source.")
    target: str | None = Field(default=None, description="Target column.")
    n_rows: int = Field(description="Rows loaded.")
    n_columns: int = Field(description="Columns loaded.")
    n_insights: int = Field(description="Findings that are claimed.")
    n_problems: int = Field(description="Things that could not be computed.")
    finished_at: datetime | None = Field(default=None, description="End, UTC.")
    elapsed_ms: float | None = Field(
        default=None, description="Wall time in milliseconds."
    )
    dashboard: str = Field(description="Path of the dashboard on this server.")
    insights: str = Field(description="Path of the findings on this server.")


class InsightSummary(BaseModel):
    """A finding in words, with the query that gives its figures again."""

    model_config = _with_example(**_INSIGHT)

    rank: int = Field(description="1 is the most important.")
    kind: str = Field(description="Kind of finding.")
    title: str = Field(description="Headline.")
    statement: str = Field(description="The finding in sentences.")
    recommendation: str = Field(description="What to do next.")
    severity: str = Field(description="info, notable or important.")
    columns: tuple[str, ...] = Field(description="Columns it is about.")
    evidence_sql: str = Field(
        description="Query that gives the figures of the statement."
    )


class AnalysisResponse(BaseModel):
    """A finished run with its findings."""

    model_config = _with_example(run=_RUN, insights=[_INSIGHT])

    run: RunSummary = Field(description="The run.")
    insights: tuple[InsightSummary, ...] = Field(
        description="Findings that are claimed, most important first."
    )


class PipelineStatusResponse(BaseModel):
    """Where a run is."""

    model_config = _with_example(
        run_id="0f8fad5bd9cb469fa16570867728950e",
        status="running",
        stage="analysis",
        fraction=0.4,
        message="12 of 30 columns",
    )

    run_id: str = Field(description="Identifier of the run.")
    status: PipelineStatus = Field(description="State of the run.")
    stage: PipelineStage | None = Field(default=None, description="Stage it is in.")
    fraction: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the stage done; null when unknown.",
    )
    message: str = Field(default="", description="One line for people.")


class PipelineListResponse(BaseModel):
    """The finished runs of a server, newest first."""

    model_config = _with_example(runs=[_RUN], n_unreadable=0)

    runs: tuple[RunSummary, ...] = Field(description="Finished runs, newest first.")
    n_unreadable: int = Field(
        default=0, description="Run folders whose database could not be read."
    )


class FileUploadResponse(BaseModel):
    """A file that the server took in."""

    model_config = _with_example(
        name="sales.parquet",
        n_bytes=355141,
        sha256="9e69f8146cf0dcdc534e364bc2b1410c32770522fd7aea47fc2ec6d6ca32aa85",
    )

    name: str = Field(description="Name to use as the source of an analysis.")
    n_bytes: int = Field(ge=0, description="Size in bytes.")
    sha256: str = Field(description="SHA-256 of the content, in hexadecimal.")


class Setting(BaseModel):
    """A setting of a run with its meaning."""

    model_config = _with_example(
        name="seed", type="integer", default=0, description="Seed of every random choice."
    )

    name: str = Field(
        description="Name in Python, in dsp.toml and, as DSP_NAME, outside."
    )
    type: str = Field(description="JSON type of its values.")
    default: Any = Field(default=None, description="Value when not given.")
    description: str = Field(description="What it does.")


class ConfigurationResponse(BaseModel):
    """The settings that a run takes."""

    model_config = _with_example(
        version="0.1.0",
        settings=[
            {
                "name": "seed",
                "type": "integer",
                "default": 0,
                "description": "Seed of every random choice.",
            }
        ],
    )

    version: str = Field(description="Version of dsp.")
    settings: tuple[Setting, ...] = Field(description="Every setting, in order.")


class HealthResponse(BaseModel):
    """Whether the server can answer."""

    model_config = _with_example(status="ok", version="0.1.0")

    status: Literal["ok"] = Field(default="ok", description="Always ok.")
    version: str = Field(description="Version of dsp.")


class ErrorResponse(BaseModel):
    """Why a request was refused, and the way out."""

    model_config = _with_example(
        code="run_not_found",
        message='no finished run "abc"',
        hint="GET /pipelines lists them",
    )

    code: str = Field(description="Name of the kind of error, for programs.")
    message: str = Field(description="What happened, in one sentence.")
    hint: str = Field(default="", description="What to do about it.")
