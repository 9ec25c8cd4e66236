"""`validate`: reads a source and checks it, without analysing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsp.events import no_tick

if TYPE_CHECKING:
    from dsp.checks import Validation


def validate(
    source: Any,
    *,
    rules: Any = None,
    automatic: bool | None = None,
    target: str | None = None,
    time: str | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Validation:
    """Check a source and return what was found.

    Parameters
    ----------
    source
        Path, glob, folder, ``database.db::table``, or a table in memory.
    rules
        Path of a rules file, rules made with `dsp.rule` and `dsp.check`, or `dsp.Rules`.
        The other tables that they name are read too.
    automatic
        Whether the checks that dsp finds by itself run; when None, they do if there are
        no rules.
    target, time
        Columns with a role, which get automatic checks of their own.
    format, options
        As for `DataReader`.

    Raises
    ------
    DspError
        The source cannot be read, or a rule is not written as it must be.

    Examples
    --------
    >>> import dsp
    >>> rule = dsp.rule("in_range", "price", min=0)
    >>> found = dsp.validate({"price": [1, -2]}, rules=rule)
    >>> found.passed, found.results[0].observed
    (False, '1 of 2 rows (50.0%) fails: price is at least 0.')
    """
    from dsp.checks import DataValidator, Rules
    from dsp.engine import DuckEngine, StoredTable
    from dsp.pipeline.references import load_references
    from dsp.sources import DataReader

    chosen = None if rules is None else Rules.of(rules)
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    engine = DuckEngine()
    try:
        reader.load(located, engine)
        references = load_references(chosen or (), engine, tick=no_tick)
        return DataValidator(engine).validate(
            StoredTable(engine, "data", reader.schema),
            rules=chosen,
            automatic=automatic,
            references=references,
            target=target,
            time=time,
        )
    finally:
        engine.close()
