from __future__ import annotations

import pytest

from dsp.errors import CancelledError
from dsp.events import PipelineProgress, PipelineStage
from dsp.pipeline.reporter import Reporter


def test_ticks_are_told_with_their_fraction() -> None:
    seen: list[PipelineProgress] = []
    reporter = Reporter()
    reporter.add(seen.append)
    with reporter.stage(PipelineStage.VALIDATION):
        reporter.tick(5, 5, unit="checks")
    assert [(e.state, e.fraction) for e in seen] == [("start", None), ("progress", 1.0)]
    assert seen[1].as_dict()["n"] == 3


def test_unknown_total_has_no_fraction() -> None:
    event = PipelineProgress(PipelineStage.ANALYSIS, "progress", done=3, total=None)
    assert event.fraction is None


def test_cancel_stops_the_next_tick_and_the_next_stage() -> None:
    reporter = Reporter()
    with reporter.stage(PipelineStage.ANALYSIS):
        reporter.cancel()
        with pytest.raises(CancelledError, match="cancelled during analysis"):
            reporter.tick(1, 2)
    with (
        pytest.raises(CancelledError, match="cancelled"),
        reporter.stage(PipelineStage.FINALIZATION),
    ):
        pass
