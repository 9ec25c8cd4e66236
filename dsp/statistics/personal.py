"""Columns that may tell who somebody is, by their values, their meaning or their name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.records import ColumnProfile, PersonalData
from dsp.semantic import SemanticType
from dsp.semantic.names import name_words
from dsp.semantic.personal import PERSONAL, kind_by_name
from dsp.statistics.base import NUMERIC, Column
from dsp.statistics.texts import reading, repeats, values_sql

BOTH, VALUES, NAME = 0.99, 0.9, 0.6
"""Confidence where name and values agree, where values say so, and where a name does."""

_MEANINGS = ("email", "phone", "iban", "payment_card", "ssn", "ip_address", "orcid")
"""Semantic types of whole columns that are personal."""
_KINDS = {"ipv4": "ip_address", "phone_e164": "phone"}
"""What values hold, where it is not called as in `PERSONAL`."""
_HINTS = {
    "email": "contains(t, '@')",
    "ipv4": "contains(t, '.')",
    "phone_e164": "contains(t, '+')",
    "ssn": "contains(t, '-')",
    "iban": "strlen(t) > 14",
    "payment_card": "strlen(t) > 11",
}
"""What every text has that holds a kind; far faster than its pattern."""
SAMPLE_VALUES = 100_000
"""Values, about, that are looked at; the others are left out by their hash."""
_AGREEING = {
    "account": ("iban", "payment_card"),
    "national_id": ("ssn",),
    "email": ("email",),
    "phone": ("phone",),
}
"""What values are, where a name says a kind."""
_FITTING = {
    "name": ("text",),
    "address": ("text",),
    "birth_date": ("date", "timestamp", "text"),
    "income": NUMERIC,
    "phone": ("text", *NUMERIC),
}
"""Families that the values of a kind have; any where it is not listed."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the values of a text column hold."""

    kind: str
    n_found: int
    n_values: int
    is_sampled: bool
    query: str


def personal_data(
    engine: DuckEngine,
    source: str,
    columns: Sequence[ColumnProfile],
    stored: Mapping[str, str],
    *,
    searched: Sequence[ColumnProfile],
) -> Iterator[PersonalData]:
    """Yield what tells who somebody is, one row a column and kind.

    Values: e-mail addresses, payment cards, IBANs, phone numbers, social security numbers
    and IP addresses, also inside of longer texts, with their check digits. Where numbers
    have right check digits no oftener than chance allows, nothing is said. Names: words
    such as surname or birth date, where the type of the column fits. Positions: latitude
    and longitude in one table.

    Parameters
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    columns
        The profile of all columns.
    stored
        Counts of values that are kept: see `dsp.statistics.texts.counted_texts`.
    searched
        The columns of texts whose values are looked at.
    """
    texts = {c.column_name for c in searched if c.n_rows > c.n_null}
    for profile in columns:
        column = Column(profile.column_name, profile.data_type, profile.position)
        named = kind_by_name(profile.column_name)
        if named and profile.family not in _FITTING.get(named, (profile.family,)):
            named = None
        held = []
        if profile.column_name in texts:
            held = _held(engine, source, column, profile, stored)
        meaning = profile.semantic_type
        if meaning in _MEANINGS and meaning not in {f.kind for f in held}:
            held.append(_meant(column, profile, meaning, source))
        agreed = [f for f in held if f.kind in _AGREEING.get(named or "", ())]
        for found in held:
            yield _by_values(profile, found, named if found in agreed else None)
        if named and not agreed and profile.n_rows > profile.n_null:
            yield _by_name(column, profile, named, source)
    yield from _positions(columns, source)


def _held(
    engine: DuckEngine,
    source: str,
    column: Column,
    profile: ColumnProfile,
    stored: Mapping[str, str],
) -> list[_Found]:
    """Return the kinds of personal data in the values of a column."""
    every = max(1, profile.n_distinct // SAMPLE_VALUES)
    where = f" and hash({column.text}) % {every} = 0" if every > 1 else ""
    picked = f"from {source} where {column.sql} is not null{where}"
    values = values_sql(column, source, is_grouped=repeats(profile), where=where)
    likes = ", ".join(
        f"case when {_HINTS[name]} then regexp_matches(t, {literal(kind.inside or '')}) "
        f"else false end as like_{i}"
        for i, (name, kind) in enumerate(PERSONAL.items())
    )
    terms = ", ".join(
        f"sum(n) filter (where case when like_{i} then {_inside('t', kind)} "
        f"else false end), sum(n) filter (where like_{i})"
        for i, kind in enumerate(PERSONAL.values())
    )
    query = (
        f"with v as ({values})\nselect sum(n), {terms} from (select *, {likes} from v)"
    )
    rows = engine.rows(reading(query, stored))[0]
    n_seen, found = rows[0] or 0, []
    for i, (name, kind) in enumerate(PERSONAL.items()):
        n_found, n_like = (int(v or 0) for v in rows[2 * i + 1 : 2 * i + 3])
        # Long numbers have right check digits by chance.
        if n_found and n_found > n_like * (kind.chance + (1 - kind.chance) / 2):
            held = _inside(column.text, kind)
            query = f"select count(*) as n_found\n{picked}\n    and {held}"
            said = _KINDS.get(name, name)
            found.append(_Found(said, n_found, int(n_seen), every > 1, query))
    return found


def _inside(text: str, kind: SemanticType) -> str:
    """Return SQL that is true where a text holds a kind."""
    part = f"regexp_extract({text}, {literal(kind.inside or '')})"
    return f"coalesce({kind.valid_sql(part)}, false)"


def _meant(column: Column, profile: ColumnProfile, meaning: str, source: str) -> _Found:
    n = profile.n_rows - profile.n_null
    query = f"select count({column.sql}) as n_found\nfrom {source}"
    return _Found(meaning, n, n, is_sampled=False, query=query)


def _by_values(profile: ColumnProfile, found: _Found, named: str | None) -> PersonalData:
    share = found.n_found / found.n_values
    where = f"of {found.n_values:,} values" + (" looked at" if found.is_sampled else "")
    reason = f"{found.n_found:,} {where} hold it"
    if named:
        reason += ", and the name of the column says so"
    return PersonalData(
        column_name=profile.column_name,
        kind=found.kind,
        basis="both" if named else "values",
        confidence=BOTH if named else VALUES,
        n_rows=found.n_values,
        is_sampled=found.is_sampled,
        n_found=found.n_found,
        fraction=share,
        reason=reason,
        evidence_sql=found.query,
    )


def _by_name(
    column: Column, profile: ColumnProfile, named: str, source: str
) -> PersonalData:
    return PersonalData(
        column_name=profile.column_name,
        kind=named,
        basis="name",
        confidence=NAME,
        n_rows=profile.n_rows - profile.n_null,
        is_sampled=False,
        reason="the name of the column says so",
        evidence_sql=f"select count({column.sql}) as n_rows\nfrom {source}",
    )


def _positions(columns: Sequence[ColumnProfile], source: str) -> Iterator[PersonalData]:
    """Yield latitudes and longitudes, which tell a place only together."""
    by_type: dict[str, list[ColumnProfile]] = {}
    for profile in columns:
        by_type.setdefault(profile.semantic_type, []).append(profile)
    if not {"latitude", "longitude"} <= set(by_type):
        return
    for profile in (*by_type["latitude"], *by_type["longitude"]):
        column = Column(profile.column_name, profile.data_type, profile.position)
        is_home = not {"home", "user", "customer", "person", "patient"}.isdisjoint(
            name_words(profile.column_name)
        )
        yield PersonalData(
            column_name=profile.column_name,
            kind="position",
            basis="name",
            confidence=NAME if is_home else NAME / 2,
            n_rows=profile.n_rows - profile.n_null,
            is_sampled=False,
            reason="latitude and longitude together tell a place",
            evidence_sql=f"select count({column.sql}) as n_rows\nfrom {source}",
        )
