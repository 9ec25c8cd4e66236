"""Nested columns: lengths of lists, fields of structs, keys of maps, their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.records import ColumnProfile, NestedProfile
from dsp.statistics.base import DATED, NUMERIC, Column, family_of

MOST_PATHS = 50
"""Paths that are followed in a column, and four times as many in a table."""
MOST_KEYS = 20
"""Keys of a map that are followed, the most frequent ones."""
DEEPEST = 3
"""Levels below a column that are followed."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A nested value: where it is and how it is read.

    Attributes
    ----------
    path
        Its path for people.
    rows, value
        SQL of what holds it, after ``from``, and of the value.
    data_type, depth
        Its type and its level below the column.
    n_parents
        SQL of how many could hold it; the rows when None.
    """

    path: str
    rows: str
    value: str
    data_type: str
    depth: int = 0
    n_parents: str | None = None

    @property
    def kind(self) -> str:
        """What it is: list, struct, map, or the family of a value."""
        if self.data_type.endswith("]"):
            return "list"
        for kind in ("STRUCT", "MAP", "UNION", "VARIANT"):
            if self.data_type.startswith(kind):
                return kind.lower()
        return family_of(self.data_type)


def nested_profiles(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile]
) -> Iterator[NestedProfile]:
    """Yield nested columns and the paths inside of them, down to `DEEPEST` levels.

    Elements of a list are ``path[]``, fields of a struct ``path.field``, values of a map
    ``path{key}``. Nulls are counted among what holds the value: an element among the
    elements, a field among the structs that are there, a key among the maps.
    """
    n_left = 4 * MOST_PATHS
    for profile in columns:
        column = Column(profile.column_name, profile.data_type, profile.position)
        waiting = [_Node(column.name, source, column.sql, column.data_type)]
        n_paths = 0
        while waiting and n_paths < min(MOST_PATHS, n_left):
            node = waiting.pop(0)
            yield _profile(engine, column.name, node)
            n_paths += 1
            if node.depth < DEEPEST:
                waiting += _children(engine, node)
        n_left -= n_paths


def _children(engine: DuckEngine, node: _Node) -> list[_Node]:
    """Return what a value is made of; the types come from the engine, without reading."""
    rows, value, depth = node.rows, node.value, node.depth + 1
    present = f"(select {value} as v from {rows} where {value} is not null) as t"
    if node.kind == "list":
        inside = f"(select unnest(v) as v from {present})"
        ((_, data_type),) = engine.described(inside)
        return [_Node(f"{node.path}[]", f"{inside} as t", "v", data_type, depth)]
    if node.kind == "struct":
        fields = engine.described(f"(select unnest(v) from {present})")
        return [
            _Node(
                f"{node.path}.{name}",
                present,
                # By place: the engine finds names in any case, and some have none.
                f"struct_extract_at(v, {i})",
                data_type,
                depth,
            )
            for i, (name, data_type) in enumerate(fields, 1)
        ]
    if node.kind == "map":
        entries = (
            f"(select cast(unnest(map_keys(v)) as varchar) as k, unnest(map_values(v)) "
            f"as v from {present})"
        )
        (_, (_, data_type)) = engine.described(entries)
        keys = engine.rows(
            f"select k from {entries} as t group by k order by count(*) desc, k "
            f"limit {MOST_KEYS}"
        )
        return [
            _Node(
                f"{node.path}{{{key}}}",
                f"(select v from {entries} as t where k = {literal(key)}) as t",
                "v",
                data_type,
                depth,
                n_parents=f"(select count(*) from {present})",
            )
            for (key,) in keys
        ]
    return []


def _profile(engine: DuckEngine, column: str, node: _Node) -> NestedProfile:
    value, n_parents = node.value, node.n_parents or "count(*)"
    terms = {
        "n_values": f"count({value})",
        "n_null": f"{n_parents} - count({value})",
        **_figures(node),
    }
    listed = ",\n    ".join(f"{sql} as {name}" for name, sql in terms.items())
    query = f"select\n    {listed}\nfrom {node.rows}"
    figures = dict(zip(terms, engine.rows(query)[0], strict=True))
    reason = None
    if node.kind in ("union", "variant", "binary", "other"):
        reason = f"values of the type {node.data_type} are only counted"
    return NestedProfile(
        column_name=column,
        path=node.path,
        kind=node.kind,
        data_type=node.data_type,
        **figures,
        reason=reason if figures["n_values"] else "no values",
        profile_sql=query,
    )


def _figures(node: _Node) -> dict[str, str]:
    """Return aggregates of a value by the field of the record that they fill."""
    value, kind = node.value, node.kind
    size = {"list": f"len({value})", "map": f"cardinality({value})"}.get(kind)
    if kind == "text":
        size = f"length(cast({value} as varchar))"
    found: dict[str, str] = {}
    if size is not None:
        found |= {
            "n_empty": f"count_if({size} = 0)",
            "length_min": f"min({size})",
            "length_mean": f"avg({size})",
            "length_max": f"max({size})",
        }
    if kind in (*NUMERIC, *DATED, "boolean", "time", "text"):
        finite = ""
        if kind in ("float", *DATED):
            finite = f" filter (where isfinite({value}))"
        plain = f"cast({value} as varchar)" if kind == "text" else value
        found["min_value"] = f"cast(min({plain}){finite} as varchar)"
        found["max_value"] = f"cast(max({plain}){finite} as varchar)"
        if kind in NUMERIC:
            found["mean"] = f"favg(cast({value} as double)){finite}"
        if kind == "boolean":
            found["mean"] = f"avg(cast({value} as integer))"
    return found
