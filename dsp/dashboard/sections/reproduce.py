"""The last section: the command, a query, and the facts of the run."""

from __future__ import annotations

import json
import shlex
from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import clean, cut, mark

SWITCHES = {"redact": "--redact"}
VALUES = {
    "min_cell": "--min-cell",
    "time_column": "--time",
    "sample_size": "--sample",
    "group_column": "--group",
}
"""Settings that are one option with its value."""


def reproduce(content: Content, *, is_fixed: bool) -> dict[str, Any]:
    """Return command, query and facts of the run."""
    run = content.run
    if run is None:
        return {"command": "", "facts": []}
    source = run.source.replace("\\", "/").rpartition("/")[2] or run.source_name
    command = ["dsp", "analyze", source]
    if run.target:
        command += ["--target", run.target]
    if run.seed:
        command += ["--seed", str(run.seed)]
    command += _options(run.config)
    elapsed = sum(s.elapsed_ms or 0 for s in content.stages)
    facts = [
        ("Source", cut(run.source_name, 80)),
        (
            "Fingerprint",
            mark(
                "sha256 " + run.source_fingerprint[:16] + "…",
                run.source_fingerprint,
                "runs",
                "source_fingerprint",
            ),
        ),
        (
            "Size",
            mark(
                numbers.size(run.source_bytes), run.source_bytes, "runs", "source_bytes"
            ),
        ),
        ("Version", "dsp " + mark(run.version, run.version, "runs", "version")),
        ("Seed", mark(run.seed, run.seed, "runs", "seed")),
    ]
    if elapsed and not is_fixed:
        facts.append(("Time", f"{numbers.seconds(elapsed)} up to this page"))
    return {"command": clean(shlex.join(command)), "facts": facts}


def _options(config: str) -> list[str]:
    """Return the options of the command that change what the page shows."""
    try:
        values = json.loads(config)
    except ValueError:
        return []
    words = [flag for name, flag in SWITCHES.items() if values.get(name) is True]
    words += ["--no-ml"] if values.get("ml_enabled") is False else []
    for name, flag in VALUES.items():
        value = values.get(name)
        if value not in (None, [], {}, 1):
            words += [flag, str(value)]
    for kpi in values.get("kpis") or ():
        words += ["--kpi", str(kpi)]
    for name, unit in (values.get("units") or {}).items():
        words += ["--unit", f"{name}={unit}"]
    return words
