from __future__ import annotations

import pytest

from dsp.errors import ColumnNotFoundError, DspError, MissingDependencyError, nearest


def test_a_wrong_column_names_the_nearest_and_the_rest() -> None:
    error = ColumnNotFoundError.of("revenu", ["order_id", "revenue"], where="sales")
    assert error.as_line() == (
        'no column named "revenu" in sales — did you mean "revenue"? '
        "columns: order_id, revenue"
    )
    assert isinstance(error, LookupError)
    assert error.facts["name"] == "revenu"


def test_long_lists_of_columns_are_cut() -> None:
    error = ColumnNotFoundError.of("zzz", [f"c{i}" for i in range(50)])
    assert error.hint.endswith("c11, …")


def test_no_columns_at_all() -> None:
    assert ColumnNotFoundError.of("a", []).hint == "the data has no columns"


def test_nearest_ignores_case() -> None:
    assert nearest("REVENUE", ["Revenue", "cost"]) == ["Revenue"]


def test_message_and_hint_are_one_line() -> None:
    assert DspError("two\nlines", hint="do\nthis").as_line() == "two lines — do this"


def test_missing_package_says_what_to_install() -> None:
    error = MissingDependencyError.of("fastapi", extra="server", purpose="dsp server")
    with pytest.raises(ImportError, match=r"pip install 'dsp\[server\]'"):
        raise error
