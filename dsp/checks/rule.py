"""A rule that the user asks for, and the parameters that its kind takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dsp.checks.parameters import Parameter, read_parameters
from dsp.errors import RuleError, nearest
from dsp.registry import plugins

SEVERITIES = ("info", "warning", "error", "critical")
EXPRESSION = "expression"
"""The kind of a rule that is an Ibis expression."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many rows may fail; what is given must hold, both when both are.

    Attributes
    ----------
    share
        Share of the rows looked at (0-1).
    count
        Rows.
    """

    share: float | None = None
    count: int | None = None

    def allows(self, n_failed: int, n_rows: int) -> bool:
        """Return whether so many failing rows are tolerated.

        Examples
        --------
        >>> Tolerance(share=0.01).allows(1, 100), Tolerance(0.5, 3).allows(4, 100)
        (True, False)
        """
        if self.share is None and self.count is None:
            return n_failed == 0
        by_share = self.share is None or n_failed <= self.share * n_rows
        return by_share and (self.count is None or n_failed <= self.count)

    @classmethod
    def of(cls, value: Any) -> Tolerance:
        """Read a tolerance as people write it: 5, 0.01, "1%", or a table of both.

        Raises
        ------
        RuleError
            It is none of these.

        Examples
        --------
        >>> Tolerance.of("1%"), Tolerance.of(5)
        (Tolerance(share=0.01, count=None), Tolerance(share=None, count=5))
        """
        if isinstance(value, Tolerance):
            return value
        if isinstance(value, Mapping) and set(value) <= {"share", "count"}:
            share, count = value.get("share"), value.get("count")
            is_count = count is None or (type(count) is int and count >= 0)
            if (share is None or _is_share(share)) and is_count:
                return cls(None if share is None else float(share), count)
        if type(value) is int and value >= 0:
            return cls(count=value)
        if isinstance(value, float) and _is_share(value):
            return cls(share=value)
        if isinstance(value, str) and value.strip().endswith("%"):
            try:
                share = float(value.strip()[:-1]) / 100
            except ValueError:
                share = -1.0
            if _is_share(share):
                return cls(share=share)
        raise RuleError(
            f"tolerance cannot be {value!r}",
            hint='give rows (5), a share (0.01 or "1%"), or {share = 0.01, count = 5}',
        )


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What data should keep: a kind, its columns and parameters, and what it weighs.

    Make one with `rule`, `dsp.check`, or from a rules file; all three give equal objects.

    Attributes
    ----------
    kind
        Name of the kind.
    columns
        Columns that it looks at.
    parameters
        What was given, as its kind reads it.
    severity
        info, warning, error or critical: what a failure weighs.
    tolerance
        How many rows may fail.
    where
        SQL condition on a row; only rows that meet it are looked at.
    name
        Title for people; the kind writes one when None.
    rule_id
        Identifier for programs, stable between runs; made from kind and columns when
        None.
    optional
        Whether the rule is left out, without a word of blame, where the table lacks its
        columns.
    expression
        Function from an `ibis.Table` to what should hold, for custom rules.
    origin
        Where it was written, for messages.
    """

    kind: str
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    severity: str = "error"
    tolerance: Tolerance = Tolerance()
    where: str | None = None
    name: str | None = None
    rule_id: str | None = None
    optional: bool = False
    expression: Callable[[Any], Any] | None = field(default=None, repr=False)
    origin: str = field(default="", compare=False, repr=False)

    @property
    def known_as(self) -> str:
        """The identifier, or kind and columns.

        Examples
        --------
        >>> Rule(kind="in_range", columns=("price",)).known_as
        'in_range.price'
        """
        return self.rule_id or ".".join((self.kind, *self.columns))

    def but(self, **changes: Any) -> Rule:
        """Return the rule with other values for some attributes."""
        return replace(self, **changes)


def rule(
    kind: str,
    /,
    *columns: str,
    severity: str = "error",
    tolerance: Any = None,
    where: str | None = None,
    name: str | None = None,
    rule_id: str | None = None,
    optional: bool = False,
    **parameters: Any,
) -> Rule:
    """Return a rule of a kind; `dsp validate --list-rules` shows every kind.

    Parameters
    ----------
    kind
        Name of the kind, such as ``in_range``.
    *columns
        Columns that it looks at.
    severity
        info, warning, error or critical.
    tolerance
        Rows that may fail (5), their share (0.01, "1%"), or ``{"share", "count"}``.
    where
        SQL condition; only rows that meet it are looked at.
    name
        Title for people.
    rule_id
        Identifier for programs.
    optional
        Leave the rule out where the table lacks its columns.
    **parameters
        Parameters of the kind.

    Raises
    ------
    RuleError
        Kind or parameter is unknown, or a value has the wrong type.

    Examples
    --------
    >>> found = rule("in_range", "price", min=0, severity="warning", tolerance="1%")
    >>> found.known_as, dict(found.parameters), found.tolerance.share
    ('in_range.price', {'min': 0}, 0.01)
    """
    found = kind_of(kind)
    if severity not in SEVERITIES:
        close = nearest(str(severity), SEVERITIES, n=1)
        raise RuleError(
            f"severity cannot be {severity!r}",
            hint=f'did you mean "{close[0]}"?' if close else _listed(SEVERITIES),
            key="severity",
        )
    for key, value in (("where", where), ("name", name), ("id", rule_id)):
        if value is not None and not isinstance(value, str):
            raise RuleError(f"{key} must be text, not {value!r}", key=key)
    if not isinstance(optional, bool):
        raise RuleError(
            f"optional must be true or false, not {optional!r}", key="optional"
        )
    _fit(found, columns)
    return Rule(
        kind=kind,
        columns=columns,
        parameters=MappingProxyType(read_parameters(kind, found.parameters, parameters)),
        severity=severity,
        tolerance=Tolerance() if tolerance is None else Tolerance.of(tolerance),
        where=where,
        name=name,
        rule_id=rule_id,
        optional=optional,
    )


def numbered(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules, those that would share an identifier with a number each."""
    seen: dict[str, int] = {}
    found = []
    for one in rules:
        n = seen[one.known_as] = seen.get(one.known_as, 0) + 1
        found.append(one if n == 1 else one.but(rule_id=f"{one.known_as}-{n}"))
    return found


def check(
    name: str,
    expression: Callable[[Any], Any],
    *,
    columns: tuple[str, ...] = (),
    severity: str = "error",
    tolerance: Any = None,
    where: str | None = None,
    rule_id: str | None = None,
) -> Rule:
    """Return a rule of your own: an Ibis expression that should be true.

    Parameters
    ----------
    name
        Title for people.
    expression
        Function from the table, an `ibis.Table`, to a boolean column (true for rows that
        are right; null passes) or to one boolean for the whole table.
    columns
        Columns that it is about, for reports.
    severity, tolerance, where, rule_id
        As for `rule`.

    Examples
    --------
    >>> import dsp, ibis
    >>> table = ibis.memtable({"revenue": [5.0, 1.0], "cost": [3.0, 2.0]})
    >>> margin = dsp.check("margin", lambda t: t.revenue >= t.cost, severity="warning")
    >>> found = dsp.DataValidator().validate(table, rules=[margin])
    >>> [(r.name, r.outcome, r.n_failed) for r in found.results]
    [('margin', 'failed', 1)]
    """
    if not callable(expression):
        raise RuleError(
            f"the expression of {name!r} is no function",
            hint="write a function of the table, such as lambda t: t.revenue >= t.cost",
        )
    made = rule(
        EXPRESSION,
        *columns,
        severity=severity,
        tolerance=tolerance,
        where=where,
        name=name,
        rule_id=rule_id or name,
    )
    return made.but(expression=expression)


def kind_of(name: str) -> Any:
    """Return the kind of a name.

    Raises
    ------
    RuleError
        There is none; the nearest names are given.
    """
    kinds = plugins("checks.rules")
    if name not in kinds:
        close = nearest(str(name), kinds)
        raise RuleError(
            f'there is no kind of rule called "{name}"',
            hint=f"did you mean {' or '.join(close)}?"
            if close
            else "dsp validate --list-rules shows every kind",
            key="kind",
        )
    return kinds[name]


def references_of(one: Rule) -> tuple[Any, ...]:
    """Return the other tables that a rule needs, as `dsp.checks.asked.Reference`."""
    return tuple(kind_of(one.kind).references(one))


def _fit(kind: Any, columns: tuple[str, ...]) -> None:
    """Refuse more or fewer columns than a kind takes."""
    for column in columns:
        if not isinstance(column, str):
            raise RuleError(f"a column is named by text, not {column!r}", key="columns")
    low, high = kind.n_columns
    if low <= len(columns) <= (len(columns) if high is None else high):
        return
    wanted = f"{low}" if low == high else f"{low} to {high}"
    wanted = f"{low} or more" if high is None else wanted
    raise RuleError(
        f"{kind.name} takes {wanted} column{'' if wanted == '1' else 's'}, "
        f"{len(columns)} given",
        hint='name them with column = "…" or columns = ["…"]',
        key="columns",
    )


def _listed(words: tuple[str, ...]) -> str:
    return "use " + ", ".join(words)


__all__ = [
    "EXPRESSION",
    "SEVERITIES",
    "Parameter",
    "Rule",
    "Tolerance",
    "check",
    "kind_of",
    "numbered",
    "references_of",
    "rule",
]
