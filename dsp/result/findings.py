"""Insights that show themselves: title, chart, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex, overload

from dsp.errors import DspError
from dsp.numbers import counted, metric, p_value
from dsp.records import Insight
from dsp.result.blocks import INSIGHT, Block, Code, Facts, Heading, Words
from dsp.result.plain import line
from dsp.result.shown import Shown, ShownList

if TYPE_CHECKING:
    from dsp.result.answer import Result
    from dsp.result.drawings import Drawings

SHOWN = 12
"""Insights of a list that are shown in full; the others by their titles."""


class RunInsight(Shown, Insight):
    """An insight of a run: the record `Insight`, with its query, data and chart.

    It equals the record with the same values. A copy made by `dataclasses.replace` is of
    no run, and has no data and no chart.
    """

    __slots__ = ("_drawings",)
    _drawings: Drawings

    HTML_LIMIT: ClassVar[int] = INSIGHT

    @classmethod
    def of(cls, insight: Insight, drawings: Drawings) -> RunInsight:
        """Return an insight with the run that it is read from."""
        values = {f.name: getattr(insight, f.name) for f in fields(Insight)}
        made = cls(**values)
        object.__setattr__(made, "_drawings", drawings)
        return made

    @property
    def sql(self) -> str:
        """The query that gives its figures."""
        return self.evidence_sql

    @property
    def data(self) -> Result:
        """The answer to its query.

        Raises
        ------
        DspError
            It is of no run, or the query cannot be answered any more.
        """
        return self._of_a_run().result(self.evidence_sql)

    @property
    def chart(self) -> Any:
        """An Altair chart with its data inside; None where there is nothing to draw.

        Raises
        ------
        DspError
            It is of no run, or the query cannot be answered any more.
        """
        drawings = self._of_a_run()
        found = drawings.of_insight(self.insight_id)
        return None if found is None else drawings.altair(found)

    def blocks(self) -> Sequence[Block]:
        """Return title, sentences, chart, figures and query."""
        found: list[Block] = [Heading(self.title), *self.told()]
        return [*found, Facts(self.figures()), Code(self.evidence_sql)]

    def told(self) -> Sequence[Block]:
        """Return its sentences and its chart."""
        found: list[Block] = [Words(self.statement)]
        if self.recommendation:
            found.append(Words(f"Next: {self.recommendation}", is_quiet=True))
        drawings: Drawings | None = getattr(self, "_drawings", None)
        if drawings is None:
            return found
        chart = drawings.of_insight(self.insight_id)
        return found if chart is None else [*found, drawings.picture(chart)]

    def figures(self) -> list[tuple[str, str]]:
        """Return the figures of its evidence with their names."""
        found = []
        if self.effect is not None:
            found.append((self.effect_name or "effect", metric(self.effect)))
        if self.effect_low is not None and self.effect_high is not None:
            ends = f"{metric(self.effect_low)} to {metric(self.effect_high)}"
            found.append(("interval", ends))
        if self.q_value is not None:
            found.append(("after correction", p_value(self.q_value, "q")))
        found.append(("based on", counted(self.n_rows, "row")))
        if self.test:
            found.append(("test", self.test))
        return found

    def _of_a_run(self) -> Drawings:
        drawings: Drawings | None = getattr(self, "_drawings", None)
        if drawings is None:
            raise DspError(
                f'the insight "{line(self.title, 80)}" is a copy that belongs to no run',
                hint="take it from run.insights",
            )
        return drawings

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Insight):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self))

    __hash__ = Insight.__hash__

    def __repr__(self) -> str:
        return f"<dsp.Insight {self.rank} {self.kind}: {line(self.title, 120)}>"


class InsightList(ShownList, list[RunInsight]):
    """The insights of a run, best first."""

    __slots__ = ("n_tests",)

    def __init__(self, insights: Iterable[RunInsight] = (), *, n_tests: int = 0) -> None:
        super().__init__(insights)
        self.n_tests = n_tests

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> RunInsight: ...
    @overload
    def __getitem__(self, place: slice, /) -> InsightList: ...
    def __getitem__(self, place: SupportsIndex | slice, /) -> RunInsight | InsightList:
        if isinstance(place, slice):
            return InsightList(super().__getitem__(place), n_tests=self.n_tests)
        return super().__getitem__(place)

    def blocks(self) -> Sequence[Block]:
        """Return every insight with its chart."""
        if not self:
            tested = f" ({counted(self.n_tests, 'test')})" if self.n_tests else ""
            return [Heading("Insights"), Words(f"No finding passed its test{tested}.")]
        found: list[Block] = [Heading(counted(len(self), "insight").capitalize())]
        for insight in self[:SHOWN]:
            found += [Heading(f"{insight.rank}. {insight.title}", 4), *insight.told()]
        if len(self) > SHOWN:
            more = counted(len(self) - SHOWN, "more insight")
            found.append(Words(f"… {more}: run.insights[{SHOWN}:]", is_quiet=True))
        return found

    def plain_text(self) -> str:
        """Return the titles, one a line, with their numbers in the list."""
        if not self:
            return super().plain_text()
        return "\n".join(f"{i:>3}  {line(x.title, 160)}" for i, x in enumerate(self))
