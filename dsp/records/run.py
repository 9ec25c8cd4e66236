"""Records of the run itself and of what it shows.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One row of `runs`: the run: its source, configuration and state."""

    TABLE: ClassVar = "runs"

    run_id: str
    status: str
    version: str
    source: str
    source_name: str
    source_format: str
    source_files: tuple[str, ...]
    source_bytes: int | None = None
    source_fingerprint: str
    read_decisions: str
    is_materialized: bool
    n_rows: int
    n_columns: int
    n_rejected: int
    target: str | None = None
    time_column: str | None = None
    context: str | None = None
    config: str
    seed: int
    engine: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One row of `stages`: a stage of the run that committed."""

    TABLE: ClassVar = "stages"

    stage: str
    position: int
    status: str
    n_rows_in: int | None = None
    n_rows_out: int | None = None
    n_scans: int
    bytes_fetched: int
    message: str
    peak_memory_bytes: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of `events`: a thing the run reported."""

    TABLE: ClassVar = "events"

    event_id: int
    stage: str
    state: str
    done: float
    total: float | None = None
    unit: str
    message: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One row of `problems`: something that could not be computed."""

    TABLE: ClassVar = "problems"

    problem_id: int
    stage: str
    plugin: str
    error: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One row of `artifacts`: a file that was written."""

    TABLE: ClassVar = "artifacts"

    name: str
    kind: str
    n_bytes: int
    sha256: str
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of `figures`: a figure shown in the summary."""

    TABLE: ClassVar = "figures"

    figure_id: str
    position: int
    label: str
    value: float | None = None
    format: str
    text: str | None = None
    polarity: str
    baseline: float | None = None
    baseline_label: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One row of `charts`: a chart."""

    TABLE: ClassVar = "charts"

    chart_id: str
    position: int
    section: str
    kind: str
    title: str
    description: str
    spec: str
    data_sql: str
    insight_id: str | None = None
    column_name: str | None = None
