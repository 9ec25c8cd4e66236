"""Missing values that gather in some values of a column, or along a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.gram import Groups, grouped
from dsp.detectors.relations import MIN_R, NEAR, Apart, GroupsTest, f_of
from dsp.detectors.scores import indicator
from dsp.detectors.terms import Term
from dsp.detectors.words import extremes, first, name, row_of, rows, total
from dsp.engine.duckdb_engine import literal, quote
from dsp.inference.correlation import pearson_test
from dsp.numbers import amount, share

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.55


class MissingDependent:
    """Missingness depends on another column."""

    name = "missing_dependent"

    def detect(self, scene: Scene) -> Found:
        """Test the missingness of each column against dimensions and measures."""
        import numpy as np

        frame = scene.frame
        listed: list[Candidate] = []
        n_tests = 0
        every = np.ones(frame.n, dtype=bool)
        for column, mask in frame.missing.items():
            gone = indicator(mask)
            for group in frame.dimensions.values():
                if group.name == column:
                    continue
                groups = grouped(group.code, len(group.labels), gone, every)
                candidates, count = _by_value(scene, column, group.name, groups)
                listed += candidates
                n_tests += count
            for m in frame.measures.values():
                if m.name in (column, *frame.dimensions):
                    continue
                n_tests += 1
                known = m.has
                n_gone = int(gone[known].sum())
                if known.sum() < 20 or n_gone in (0, known.sum()):
                    continue
                if np.ptp(m.z[known]) == 0:
                    continue
                r = float(np.corrcoef(gone[known], m.z[known])[0, 1])
                listed += _along(scene, column, m.name, r, int(known.sum()))
        near = [c for c in listed if (c.p_value or 1.0) < NEAR or c.p_value == 0]
        return found(near, n_tests)


def _by_value(
    scene: Scene, column: str, dimension: str, groups: Groups
) -> tuple[list[Candidate], int]:
    import numpy as np

    labels = scene.frame.dimensions[dimension].labels
    big = np.flatnonzero(groups.n >= 20)
    test = f_of(groups)
    if len(big) < 2 or test is None:
        return [], 0
    n_tests = 1 + len(big)
    label, apart = None, None
    for place in big.tolist():
        tried = Apart(groups, place)
        if tried.share >= MIN_SHARE and len(big) > 2 and tried.p_value < NEAR:
            label, apart = labels[place], tried
    if apart is None and test.p_value >= NEAR:
        return [], n_tests
    return [_candidate(scene, (column, dimension), test, label, apart)], n_tests


def _candidate(
    scene: Scene,
    columns: tuple[str, str],
    whole: GroupsTest,
    label: str | None,
    apart: Apart | None,
) -> Candidate:
    column, dimension = columns
    term = Term(form="groups", columns=(dimension,))
    if label is not None:
        term = Term(form="level", columns=(dimension,), value=label)
    direction = None
    if apart is not None:
        direction = "up" if apart.effect > 0 else "down"
    return Candidate(
        kind="missing_dependent",
        columns=(column, dimension),
        target=column,
        segment_column=None if label is None else dimension,
        segment_value=label,
        direction=direction,
        effect_name="omega_squared" if apart is None else "cohens_d",
        effect=whole.omega if apart is None else apart.effect,
        n_rows=whole.n,
        impact=float(scene.frame.missing[column].mean()),
        test="F of missing indicators" if apart is None else "Welch's t of indicators",
        statistic=whole.statistic if apart is None else apart.statistic,
        p_value=whole.p_value if apart is None else apart.p_value,
        is_large=whole.omega >= MIN_R**2,
        evidence_sql=_bars(scene, dimension, column, label),
        shape="bars",
        response=column,
        aspect="missing",
        term=term,
        say=_say,
    )


def _bars(scene: Scene, dimension: str, column: str, label: str | None) -> str:
    sql = evidence.missing_bars(scene, dimension, column)
    if label is None:
        return sql
    others = (
        f"(\n        select avg(cast({quote(column)} is null as integer))\n"
        f"        from {scene.source}\n        where {evidence.text(dimension)} <> "
        f"{literal(label)}\n    ) as baseline"
    )
    return sql.replace("count(*) as n_rows\n", f"count(*) as n_rows,\n    {others}\n", 1)


def _say(c: Candidate, found_rows: Rows) -> Words:
    column, dimension = name(c.columns[0]), name(c.columns[1])
    advice = f"Do not drop the rows without {column} unseen: they are not a random part."
    if c.segment_value is not None:
        row = row_of(found_rows, c.segment_value)
        value, rest = row.get("value"), row.get("baseline")
        label = name(c.segment_value)
        how = "more" if c.direction == "up" else "less"
        title = f"{first(column)} is missing {how} often for {dimension} {label}"
        if value is None or rest is None:
            return Words(title, f"{title}.", advice)
        return Words(
            title,
            f"{first(column)} is missing in {share(value)} of the "
            f"{rows(int(row['n_rows']))} with {dimension} {label}, and in {share(rest)} "
            "of all others. Missing values are not there by chance.",
            advice,
            value=value,
            baseline=rest,
        )
    high, low = extremes(found_rows)
    title = f"Whether {column} is missing depends on {dimension}"
    return Words(
        title,
        f"{title}: it is missing in {share(high['value'])} of rows for "
        f"{name(high['label'])} and in {share(low['value'])} for {name(low['label'])}, "
        f"over {rows(total(found_rows))}.",
        advice,
        value=high["value"],
        baseline=low["value"],
    )


def _along(scene: Scene, column: str, measure: str, r: float, n: int) -> list[Candidate]:
    test = pearson_test(r, n)
    if test is None or test.p_value >= NEAR:
        return []
    x = scene.value_sql(measure)
    return [
        Candidate(
            kind="missing_dependent",
            columns=(column, measure),
            target=column,
            direction="up" if r > 0 else "down",
            effect_name="rank_r",
            effect=r,
            n_rows=n,
            impact=float(scene.frame.missing[column].mean()),
            test="correlation of missing indicators with normal scores",
            statistic=test.statistic,
            p_value=test.p_value,
            is_large=abs(r) >= MIN_R,
            evidence_sql=(
                f"with rows_known as (\n    select {x} as x,\n"
                f"        cast({quote(column)} is null as integer) as y\n"
                f"    from {scene.source}\n    where {x} is not null\n),\nbinned as (\n"
                "    select x,\n        y,\n"
                "        least(floor(10 * percent_rank() over (order by x)), 9) as bin\n"
                "    from rows_known\n)\nselect avg(x) as x,\n    avg(y) as value,\n"
                "    count(*) as n_rows\nfrom binned\ngroup by bin\norder by bin"
            ),
            shape="relation",
            response=column,
            aspect="missing",
            term=Term(form="line", columns=(measure,)),
            say=_say_along,
        )
    ]


def _say_along(c: Candidate, found_rows: Rows) -> Words:
    column, measure = name(c.columns[0]), name(c.columns[1])
    how = "more" if c.direction == "up" else "less"
    title = f"{first(column)} is missing {how} often where {measure} is high"
    low, high = found_rows[0], found_rows[-1]
    return Words(
        title,
        f"{first(column)} is missing in {share(low['value'])} of rows where {measure} is "
        f"lowest (around {amount(low['x'])}) and in {share(high['value'])} where it is "
        f"highest (around {amount(high['x'])}), over {rows(total(found_rows))}.",
        f"Do not drop the rows without {column} unseen: they are not a random part.",
        value=high["value"],
        baseline=low["value"],
    )


plugin = MissingDependent()
