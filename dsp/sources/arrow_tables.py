"""Makes Arrow data fit for DuckDB: unique names, types it can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dsp.sources.base import unique_names


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


def _cast(column: Any, wanted: Any) -> Any:
    import pyarrow as pa

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if column.type.equals(wanted):
        return column
    if pa.types.is_dictionary(column.type) and pa.types.is_null(column.type.value_type):
        return pa.nulls(len(column), wanted)
    return column.cast(wanted, safe=False)


def _fitted_type(kind: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _fitted_type(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _fitted_type(kind.value_type)
    if types.is_null(kind):
        return pa.string()
    if types.is_float16(kind):
        return pa.float32()
    if types.is_decimal256(kind):
        # DuckDB holds 38 digits; text keeps every one of them.
        wide = kind.precision > 38
        return pa.string() if wide else pa.decimal128(kind.precision, kind.scale)
    if types.is_date64(kind):
        return pa.date32()
    return kind
