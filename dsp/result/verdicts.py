"""Checks, quality, model and figures of a run, as objects that show themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from dsp import numbers
from dsp.numbers import counted, metric
from dsp.records import CheckResult, Figure, ModelRow
from dsp.result.blocks import Block, Code, Facts, Grid, Heading, Words
from dsp.result.fragments import figure_text
from dsp.result.plain import line
from dsp.result.shown import Shown, ShownList
from dsp.result.words import by_severity, model_line
from dsp.units import metric_name

if TYPE_CHECKING:
    from dsp.records import ChartRow, Importance
    from dsp.result.drawings import Drawings

CARDS = 100
"""Positions of figures from here on are of sentences, not of cards."""
TOP = 12


class CheckList(ShownList, list[CheckResult]):
    """The checks of a run with their outcomes."""

    __slots__ = ()

    def blocks(self) -> Sequence[Block]:
        """Return how many failed, and a row for each that did."""
        failed = sorted((c for c in self if c.is_failure), key=by_severity)
        notes = [c for c in self if c.is_note]
        said = f"{len(failed):,} of {counted(len(self), 'check')} failed"
        said += f", {counted(len(notes), 'note')}." if notes else "."
        found: list[Block] = [Heading("Checks"), Words(said)]
        rows = [
            (c.severity, c.name, c.observed, c.n_failed, c.action)
            for c in [*failed, *notes]
        ]
        heads = ("severity", "check", "observed", "rows", "what to do")
        return [*found, Grid(heads, rows, "check")] if rows else found


class QualityScore(Shown, float):
    """The quality score (0-100): a number that shows its parts and the failed checks."""

    # No slots: float allows none that hold values beside its own.
    dimensions: Sequence[tuple[str, float]]
    checks: CheckList

    @classmethod
    def of(
        cls, score: float, dimensions: Sequence[tuple[str, float]], checks: CheckList
    ) -> QualityScore:
        """Return a score with the dimensions (0-1) whose product it is."""
        made = cls(score)
        made.dimensions = tuple(dimensions)
        made.checks = checks
        return made

    def blocks(self) -> Sequence[Block]:
        """Return the score, its dimensions and the failed checks."""
        parts = getattr(self, "dimensions", ())
        pairs = [(name, numbers.score(100 * part)) for name, part in parts]
        title = Heading(f"Data quality {numbers.score(self)} of 100")
        checks = getattr(self, "checks", None) or CheckList()
        return [title, Facts(pairs), *checks.blocks()[1:]]

    def plain_text(self) -> str:
        """Return the number, as a notebook shows any other."""
        return repr(float(self))


class RunModel(Shown, ModelRow):
    """The best model of a run: the record `ModelRow`, with importances and rivals.

    It equals the record with the same values.
    """

    __slots__ = ("_charts", "_drawings", "_importances", "_rivals")
    _rivals: Sequence[ModelRow]
    _importances: Sequence[Importance]
    _charts: Sequence[ChartRow]
    _drawings: Drawings

    @classmethod
    def of(
        cls,
        models: Sequence[ModelRow],
        importances: Sequence[Importance],
        drawings: Drawings,
    ) -> RunModel | None:
        """Return the best of some models, or None where none is best."""
        best = next((m for m in models if m.is_best), None)
        if best is None:
            return None
        made = cls(**{f.name: getattr(best, f.name) for f in fields(ModelRow)})
        own = sorted(
            (i for i in importances if i.model_id == best.model_id), key=lambda i: i.rank
        )
        charts = [c for c in drawings.charts().values() if c.section == "model"]
        for name, value in (
            ("_rivals", tuple(models)),
            ("_importances", tuple(own)),
            ("_charts", tuple(charts)),
            ("_drawings", drawings),
        ):
            object.__setattr__(made, name, value)
        return made

    def blocks(self) -> Sequence[Block]:
        """Return how good it is, its rivals, what it uses, and its charts."""
        found: list[Block] = [Heading(f"Model of {self.target}"), Words(model_line(self))]
        rivals: Sequence[ModelRow] = getattr(self, "_rivals", ())
        rows = [
            (
                f"{m.name} (best)" if m.is_best else m.name,
                metric_name(m.metric),
                metric(m.cv_mean),
                metric(m.holdout),
            )
            for m in sorted(rivals, key=lambda m: m.position)
        ]
        if rows:
            found.append(Grid(("model", "metric", "validated", "held out"), rows))
        used: Sequence[Importance] = getattr(self, "_importances", ())
        weights = [
            (i.feature, metric(i.mean), f"{metric(i.low)} to {metric(i.high)}")
            for i in used[:TOP]
        ]
        if weights:
            found.append(Grid(("column", "importance", "interval"), weights))
        charts: Sequence[ChartRow] = getattr(self, "_charts", ())
        for chart in charts:
            found += [Heading(chart.title, 4), self._drawings.picture(chart)]
        if self.note:
            found.append(Words(self.note, is_quiet=True))
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ModelRow):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self))

    __hash__ = ModelRow.__hash__

    def __repr__(self) -> str:
        return f"<dsp.Model {line(model_line(self), 160)}>"


class KpiList(ShownList, list[Figure]):
    """The headline figures of a run, each with the query that gives it."""

    __slots__ = ()

    def __init__(self, figures: Iterable[Figure] = ()) -> None:
        cards = (f for f in figures if f.position < CARDS)
        super().__init__(sorted(cards, key=lambda f: f.position))

    def blocks(self) -> Sequence[Block]:
        """Return the figures with what they are compared with, and their queries."""
        if not self:
            return [Heading("Figures"), Words("No figure was computed.")]
        queries = "\n\n".join(f"-- {line(f.label)}\n{f.evidence_sql}" for f in self)
        return [Heading("Figures"), Facts(kpi_pairs(self)), Code(queries)]

    def plain_text(self) -> str:
        """Return one line a figure."""
        width = max((len(label) for label, _ in kpi_pairs(self)), default=0)
        return "\n".join(f"{line(k):<{width}}  {line(v)}" for k, v in kpi_pairs(self))


def kpi_pairs(figures: Iterable[Figure]) -> list[tuple[str, str]]:
    """Return figures as labels with values, as people read them."""
    return [(figure.label, figure_text(figure)) for figure in figures]
