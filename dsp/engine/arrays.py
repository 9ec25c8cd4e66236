"""Arrow columns as NumPy arrays, without pandas.

`to_numpy` of pyarrow loads pandas, which costs half a second of every process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KINDS = {
    "double": "f8",
    "float": "f4",
    **{f"int{bits}": f"i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"u{bits // 8}" for bits in (8, 16, 32, 64)},
}


def as_numpy(column: Any) -> Any:
    """Return an Arrow array of numbers or booleans as a NumPy array.

    Parameters
    ----------
    column
        `pyarrow.Array` or `pyarrow.ChunkedArray`. With nulls in it numbers become
        doubles, nulls NaN; null booleans are false.

    Raises
    ------
    TypeError
        The column holds something else.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_numpy(pa.chunked_array([[1, None], [3]])).tolist()
    [1.0, nan, 3.0]
    >>> as_numpy(pa.array([True, None, False])[1:]).tolist()
    [False, False]
    """
    import numpy as np
    import pyarrow as pa

    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    known, data = array.buffers()
    start, end = array.offset, array.offset + len(array)
    if pa.types.is_boolean(array.type):
        values = _bits(data, start, end)
        return values & _bits(known, start, end) if array.null_count else values
    kind = _KINDS.get(str(array.type))
    if kind is None:
        raise TypeError(f"{array.type} is no type of numbers")
    if data is None:
        return np.full(len(array), np.nan) if array.null_count else np.empty(0, kind)
    values = np.frombuffer(data, dtype=kind)[start:end]
    if not array.null_count:
        return values
    return np.where(_bits(known, start, end), values.astype(float), np.nan)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let products of arrays run on one thread.

    On narrow blocks OpenBLAS spins between its threads, and waits where they are busy:
    a hundred times longer than one thread needs.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield


def _bits(buffer: Any, start: int, end: int) -> Any:
    import numpy as np

    if buffer is None:
        return np.zeros(end - start, dtype=bool)
    bits = np.frombuffer(buffer, dtype=np.uint8)[: (end + 7) // 8]
    return np.unpackbits(bits, bitorder="little")[start:end].astype(bool)
