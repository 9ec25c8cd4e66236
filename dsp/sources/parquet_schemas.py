"""Schemas of Parquet files: names as written, and what differs from file to file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dsp.engine.duckdb_engine import literal, quote
from dsp.sources.base import Job, literals, pattern

MAX_WARNINGS = 10
WIDEST_DECIMAL = 38
_EXACT = ("BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT", "DECIMAL")


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns that some files share: names as written, types as DuckDB reads them."""

    files: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[str, ...]
    has_wide_decimals: bool

    def type_of(self, name: str) -> str | None:
        """Return the type of a column, whatever the case of its name."""
        folded = [own.lower() for own in self.names]
        return self.types[folded.index(name.lower())] if name.lower() in folded else None


def schemas_of(files: Sequence[str], job: Job) -> list[Schema]:
    """Return the different schemas of files, reading footers only."""
    found = job.engine.rows(
        "select file_name, name, num_children, type, converted_type, logical_type, "
        "type_length, precision, scale, repetition_type from parquet_schema("
        f"{literals(pattern(path) for path in files)})"
    )
    groups: dict[tuple[object, ...], list[str]] = {}
    for path, rows in groupby(found, key=lambda row: row[0]):
        groups.setdefault(tuple(row[1:] for row in rows), []).append(path)
    return [_schema(leaves, paths, job) for leaves, paths in groups.items()]


def _schema(leaves: Sequence[object], paths: list[str], job: Job) -> Schema:
    rows = [leaf for leaf in leaves if isinstance(leaf, tuple)]
    one = literals([pattern(paths[0])])
    described = job.describe(
        f"select * from read_parquet({one}, hive_partitioning = false)"
    )
    names = tuple(_top_level(rows))
    types = tuple(kind for _, kind in described)
    if len(names) != len(types):
        names = tuple(name for name, _ in described)
    is_wide = any((row[6] or 0) > WIDEST_DECIMAL for row in rows)
    return Schema(tuple(paths), names, types, is_wide)


def _top_level(rows: Sequence[tuple[object, ...]]) -> Iterator[str]:
    """Yield the names of columns; a tree is written depth first, its root first."""
    at = 1
    while at < len(rows):
        yield str(rows[at][0])
        open_nodes = 1
        while open_nodes and at < len(rows):
            children = rows[at][1]
            open_nodes += (children if isinstance(children, int) else 0) - 1
            at += 1


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs between files.

    Attributes
    ----------
    missing
        Column and the number of files without it.
    widened
        Column, the types it has in files with their numbers, and the type taken.
    """

    missing: dict[str, int]
    widened: dict[str, tuple[dict[str, int], str]]

    def facts(self) -> dict[str, object]:
        """Return what differs, for the decisions."""
        facts: dict[str, object] = {}
        if self.missing:
            facts["missing_in_files"] = self.missing
        if self.widened:
            facts["widened"] = {name: kind for name, (_, kind) in self.widened.items()}
        return facts

    def sentences(self, n_files: int) -> list[str]:
        """Return what differs, for people."""
        said = [
            f'column "{name}" is missing in {n} of {n_files} files'
            for name, n in self.missing.items()
        ]
        for name, (kinds, taken) in self.widened.items():
            listed = ", ".join(f"{kind} in {n}" for kind, n in sorted(kinds.items()))
            said.append(f'column "{name}" differs in type ({listed}); read as {taken}')
        more = len(said) - MAX_WARNINGS
        return (
            said if more <= 0 else [*said[:MAX_WARNINGS], f"{more} more columns differ"]
        )


def drift_of(
    schemas: Sequence[Schema], united: Sequence[tuple[str, str]], job: Job
) -> Drift:
    """Compare schemas with the columns that their union has."""
    missing: dict[str, int] = {}
    widened: dict[str, tuple[dict[str, int], str]] = {}
    for name, taken in united:
        kinds: dict[str, int] = {}
        n_without = 0
        for schema in schemas:
            kind = schema.type_of(name)
            if kind is None:
                n_without += len(schema.files)
            else:
                kinds[kind] = kinds.get(kind, 0) + len(schema.files)
        if n_without:
            missing[name] = n_without
        if len(kinds) > 1:
            is_safe = _is_safe(name, set(kinds), taken, schemas, job)
            widened[name] = (kinds, taken if is_safe else "VARCHAR")
    return Drift(missing, widened)


def _is_safe(
    name: str, kinds: set[str], taken: str, schemas: Sequence[Schema], job: Job
) -> bool:
    """Say whether every value keeps its meaning in the type taken."""
    families = {_family(kind) for kind in kinds}
    if families & {"list", "record", "boolean"} and len(families) > 1:
        return False
    if taken not in ("DOUBLE", "FLOAT"):
        return True
    if any(kind.startswith("DECIMAL") for kind in kinds):
        return False
    # Doubles hold whole numbers up to 2**53 exactly, floats up to 2**24.
    limit = 2**53 if taken == "DOUBLE" else 2**24
    for schema in schemas:
        if (schema.type_of(name) or "").startswith(_EXACT):
            paths = literals(pattern(path) for path in schema.files)
            found = job.engine.rows(
                f"select max(abs({quote(name)}::hugeint)) from read_parquet({paths}, "
                "hive_partitioning = false)"
            )
            if (found[0][0] or 0) > limit:
                return False
    return True


def _family(kind: str) -> str:
    if kind.endswith("]"):
        return "list"
    if kind.startswith(("STRUCT", "MAP", "UNION")):
        return "record"
    return "boolean" if kind == "BOOLEAN" else "other"


def as_text(
    files: Sequence[str],
    schemas: Sequence[Schema],
    columns: Sequence[str],
    extra: dict[str, str],
) -> str:
    """Return a select that reads some columns as text, file after file in order.

    Parameters
    ----------
    extra
        For each file, further columns in SQL, with a comma before each.
    """
    schema_of = {path: schema for schema in schemas for path in schema.files}
    parts = []
    for (schema, more), run in groupby(
        files, key=lambda path: (schema_of[path], extra.get(path, ""))
    ):
        paths = literals(pattern(path) for path in run)
        casts = ", ".join(
            f"cast({quote(name)} as varchar) as {quote(name)}"
            for name in columns
            if schema.type_of(name)
        )
        replaced = f" replace ({casts})" if casts else ""
        read = f"read_parquet({paths}, hive_partitioning = false)"
        parts.append(f"select *{replaced}{more} from {read}")
    return " union all by name ".join(parts)


def partition_sql(values: dict[str, str]) -> str:
    """Return the columns of hive folders as SQL."""
    return "".join(f", {literal(value)} as {quote(key)}" for key, value in values.items())
