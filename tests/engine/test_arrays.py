"""Arrow columns become NumPy arrays without pandas."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.engine.arrays import as_numpy


@given(
    st.lists(st.floats(width=64) | st.none(), max_size=40),
    st.integers(0, 12),
    st.integers(0, 40),
)
def test_slices_of_numbers_keep_values_and_gaps(
    values: list[float | None], start: int, size: int
) -> None:
    array = pa.array(values, pa.float64()).slice(start, size)
    expected = [np.nan if v is None else v for v in values[start : start + size]]
    np.testing.assert_array_equal(as_numpy(array), expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, 2, 3], pa.int16()), [1, 2, 3]),
        (pa.array([2**63, None], pa.uint64()), [2.0**63, np.nan]),
        (pa.chunked_array([[True], [False, None], []]), [True, False, False]),
        (pa.nulls(2, pa.float64()), [np.nan, np.nan]),
        (pa.chunked_array([], pa.int64()), []),
    ],
)
def test_every_kind_of_number_is_read(array: object, expected: list[object]) -> None:
    np.testing.assert_array_equal(as_numpy(array), expected)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match=r"date32\[day\] is no type of numbers"):
        as_numpy(pa.array([date(2024, 1, 1)]))


def test_a_profile_loads_no_pandas(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("x,t\n" + "1.5,a\n2,b\n,a\n" * 50, encoding="utf-8")
    code = (
        "import sys, dsp; dsp.profile(sys.argv[1]); print([m for m in "
        "('pandas', 'ibis', 'sklearn', 'statsmodels', 'altair') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
