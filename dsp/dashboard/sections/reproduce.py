"""The last section: the command, a query, and the facts of the run."""

from __future__ import annotations

import shlex
from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import clean, cut, mark


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
