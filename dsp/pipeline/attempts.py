"""The failure policy of analysis: one part may fail, the others are complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsp.errors import CancelledError
from dsp.events import PipelineStage
from dsp.records import Problem


def attempt(work: Callable[[], Any], room: str, problems: list[Problem]) -> Any:
    """Run one part of the analysis; what goes wrong becomes a problem, not the end."""
    try:
        return work()
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - the failure policy: one part may fail
        problems.append(
            Problem(
                problem_id=0,
                stage=PipelineStage.ANALYSIS.value,
                plugin=room,
                error=f"{type(error).__name__}: {error}",
                hint="the other results are complete; please report this",
            )
        )
        return None
