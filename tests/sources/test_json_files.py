"""JSON: records in every shape they are kept in, exact numbers, faults with a line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dsp.errors import SourceError
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path

    from dsp.engine import DuckEngine
    from dsp.sources import Loaded


def load(engine: DuckEngine, folder: Path, text: str, **options: Any) -> Loaded:
    path = folder / "t.json"
    path.write_text(text, encoding="utf-8")
    return DataReader().load(DataReader().locate(path, options=options), engine)


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]',
        '\ufeff[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]',
        '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "y"}\n',
        '{"a": 1, "b": "x"}{"a": 2, "b": "y"}',
        '{\n "a": 1,\n "b": "x"}\n{"a": 2, "b": "y"}',
        '{"a": [1, 2], "b": ["x", "y"]}',
        '{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}',
        '{"0": {"a": 1, "b": "x"}, "1": {"a": 2, "b": "y"}}',
        '{"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]}',
        '[["a", "b"], [1, "x"], [2, "y"]]',
        '{"ok": true, "n": 2, "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}',
        '{"data": {"items": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}}',
    ],
)
def test_records_are_found_in_every_shape(
    engine: DuckEngine, tmp_path: Path, text: str
) -> None:
    loaded = load(engine, tmp_path, text)
    assert loaded.columns == ("a", "b")
    assert engine.rows("from raw.data") == [(1, "x"), (2, "y")]


def test_what_an_envelope_leaves_out_is_said(engine: DuckEngine, tmp_path: Path) -> None:
    text = '{"status": "ok", "rows": [{"a": 1}], "more": [{"b": 2}, {"b": 3}]}'
    loaded = load(engine, tmp_path, text)
    said = "read as one record; --read records=… takes one of: rows, more"
    assert loaded.decisions["warnings"] == [said]
    load(engine, tmp_path, text, records="more")
    assert engine.rows("from raw.data") == [(2,), (3,)]
    with pytest.raises(SourceError, match='no member named "mores"') as caught:
        load(engine, tmp_path, text, records="mores")
    assert 'did you mean "more"?' in caught.value.hint
    one = '{"status": "ok", "rows": [{"a": 1}]}'
    said = 'the records were found in "rows", and left out: status'
    assert load(engine, tmp_path, one).decisions["warnings"][0].startswith(said)
    load(engine, tmp_path, one, records=".")
    assert engine.rows("select status, len(rows) from raw.data") == [("ok", 1)]


def test_plain_values_become_one_column(engine: DuckEngine, tmp_path: Path) -> None:
    load(engine, tmp_path, '[1.5, null, "x"]')
    assert engine.rows("select value from raw.data") == [("1.5",), (None,), ("x",)]


def test_numbers_keep_their_digits(engine: DuckEngine, tmp_path: Path) -> None:
    text = (
        '[{"a": 123456789012345678901234567890, "b": 1e400, "c": {"x": 1e999}, "d": 0.1},'
        '{"a": 1, "b": 1, "c": {"x": 2.5}, "d": 0.25}]'
    )
    loaded = load(engine, tmp_path, text)
    assert engine.rows("select a, b, c, d from raw.data") == [
        (Decimal("123456789012345678901234567890"), "1e400", '{"x":1e999}', 0.1),
        (Decimal(1), "1", '{"x":2.5}', 0.25),
    ]
    note = "text; it holds numbers of more digits than a double"
    assert loaded.decisions["types"]["c"] == note


def test_nested_fractions_stay_nested(engine: DuckEngine, tmp_path: Path) -> None:
    load(engine, tmp_path, '[{"s": {"x": 1.5, "y z": [0.25]}}, {"s": {"x": 2}}]')
    assert engine.rows("from raw.data") == [
        ({"x": 1.5, "y z": [0.25]},),
        ({"x": 2.0, "y z": None},),
    ]


def test_five_hundred_keys_are_columns(engine: DuckEngine, tmp_path: Path) -> None:
    text = "\n".join(f'{{"k{i}": {i}}}' for i in range(500))
    loaded = load(engine, tmp_path, text)
    assert (loaded.n_rows, len(loaded.columns)) == (500, 500)


def test_lines_that_are_no_records_are_rejected(
    engine: DuckEngine, tmp_path: Path
) -> None:
    lines = ['{"a": 1}', "not json", '{"a": 3}', '{"a": 4, "a": 5}', '{"a": 6}', '{"a":']
    loaded = load(engine, tmp_path, "\n".join(lines))
    assert (loaded.n_rows, loaded.n_rejected) == (3, 3)
    assert engine.rows("from raw.rejects") == [
        (2, 9, "not json", "not JSON: column 1: Expecting value"),
        (4, 27, '{"a": 4, "a": 5}', "repeats a name in one object"),
        (6, 53, '{"a":', "not JSON: column 6: Expecting value"),
    ]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('[{"a": 1},\n {"a": 2}', "line 2, column 10"),
        ('[{"a": 1},\n {"a": 2},]', "line 2, column 11"),
        ('[\n// note\n{"a": 1}]', "line 2, column 1"),
        ("[{'a': 1}]", "line 1, column 3"),
        ("[{a: 1}]", "line 1, column 3"),
        ('[{"a": "x\ty"}]', "Invalid control character"),
        ('callback([{"a": 1}]);', "line 1, column 1"),
        ("[" * 30_000 + "]" * 30_000, "nested too deeply"),
        ('[{"a": 1}, 5]', r"mixes records with other values \(element 2\)"),
        ("[[1, 2], [3]]", "rows of different lengths"),
        ("{}", "no object has a field"),
        ("null", "a single value"),
        ('[{"a": 1, "a": 2}]', 'duplicate key "a"'),
        ('[{"a": 1}] trailing', "Malformed JSON"),
    ],
)
def test_faults_are_one_line_with_the_place(
    engine: DuckEngine, tmp_path: Path, text: str, cause: str
) -> None:
    with pytest.raises(SourceError, match=cause) as caught:
        load(engine, tmp_path, text)
    assert caught.value.message.startswith(str(tmp_path / "t.json"))
    assert "\n" not in caught.value.message
