"""Makes Arrow data fit for DuckDB: unique names, types it can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dsp.sources.base import unique_names

WIDEST_DECIMAL = 38


def fitted(schema: Any) -> Any:
    """Return an Arrow schema whose names differ and whose types DuckDB reads."""
    import pyarrow as pa

    names = unique_names([str(name) for name in schema.names])
    fields = [
        pa.field(name, _fitted_type(field.type))
        for name, field in zip(names, schema, strict=True)
    ]
    return pa.schema(fields)


def reader(batches: Iterator[Any], schema: Any) -> Any:
    """Return a record batch reader over batches cast to the fitted schema."""
    import pyarrow as pa

    wanted = fitted(schema)

    def cast() -> Iterator[Any]:
        for batch in batches:
            arrays = [
                _cast(column, field.type)
                for column, field in zip(batch.columns, wanted, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=wanted)

    return pa.RecordBatchReader.from_batches(wanted, cast())


def what_is_lost(schema: Any) -> list[str]:
    """Return sentences on columns that do not keep their type."""
    return [
        f'column "{field.name}" is {field.type} and was read as {kind}'
        for field in schema
        if (kind := _told(field.type))
    ]


def _told(kind: Any) -> str | None:
    import pyarrow as pa

    if pa.types.is_decimal256(kind) and kind.precision > WIDEST_DECIMAL:
        return "text"
    if pa.types.is_union(kind) and kind.mode == "dense":
        return "text"
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return "microseconds"
    if pa.types.is_nested(kind) and str(_fitted_type(kind)) != str(kind):
        inner = [kind.field(i).type for i in range(kind.num_fields)]
        return next((told for part in inner if (told := _told(part))), None)
    return None


def _cast(column: Any, wanted: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if column.type.equals(wanted):
        return column
    if pa.types.is_dictionary(column.type) and pa.types.is_null(column.type.value_type):
        return pa.nulls(len(column), wanted)
    if pa.types.is_run_end_encoded(column.type):
        return _cast(pa.compute.run_end_decode(column), wanted)
    if pa.types.is_union(column.type):
        texts = (None if value is None else str(value) for value in column.to_pylist())
        return pa.array(texts, wanted)
    return column.cast(wanted, safe=False)


def _fitted_type(kind: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _fitted_type(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _fitted_type(kind.value_type)
    if types.is_null(kind) or (types.is_union(kind) and kind.mode == "dense"):
        return pa.string()
    if types.is_float16(kind):
        return pa.float32()
    if types.is_decimal256(kind):
        # DuckDB holds 38 digits; text keeps every one of them.
        wide = kind.precision > WIDEST_DECIMAL
        return pa.string() if wide else pa.decimal128(kind.precision, kind.scale)
    if types.is_date64(kind):
        return pa.date32()
    return _fitted_nested(kind)


def _fitted_nested(kind: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if types.is_struct(kind):
        parts = [kind.field(i) for i in range(kind.num_fields)]
        fields = [part.with_type(_fitted_type(part.type)) for part in parts]
        # Casting would rebuild every struct: only where something changes.
        changed = any(a.type != b.type for a, b in zip(parts, fields, strict=True))
        return pa.struct(fields) if changed else kind
    if types.is_map(kind):
        key, item = _fitted_type(kind.key_type), _fitted_type(kind.item_type)
        return (
            kind if (key, item) == (kind.key_type, kind.item_type) else pa.map_(key, item)
        )
    for is_kind, make in (
        (types.is_list, pa.list_),
        (types.is_large_list, pa.large_list),
    ):
        if is_kind(kind):
            inner = _fitted_type(kind.value_type)
            return kind if inner == kind.value_type else make(inner)
    if types.is_fixed_size_list(kind):
        inner = _fitted_type(kind.value_type)
        return kind if inner == kind.value_type else pa.list_(inner, kind.list_size)
    return kind
