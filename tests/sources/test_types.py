"""Text becomes numbers, dates and booleans, or stays text with a reason."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsp.engine import DuckEngine
from dsp.errors import SettingError
from dsp.sources import DataReader, Loaded


def read(
    engine: DuckEngine, folder: Path, texts: list[str], **options: Any
) -> tuple[str, list[Any], Loaded]:
    """Load one column; return its type, its values and what was decided."""
    path = folder / "v.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="|")
        writer.writerow(["k", "v"])
        writer.writerows(["r", text] for text in texts)
    reader = DataReader()
    options = {"delimiter": "|", **options}
    loaded = reader.load(reader.locate(path, options=options), engine)
    kind = engine.rows("select any_value(typeof(v)) from raw.data")[0][0]
    return kind, [row[0] for row in engine.rows("select v from raw.data")], loaded


# Expected values are Python's own numbers, not what the engine says.
NUMBERS = [
    (["$1,234.50", "-$5.00", "$0.99"], [1234.5, -5.0, 0.99]),
    (["($1,234.50)", "$7.00"], [-1234.5, 7.0]),
    (["1.234,50 €", "5,00 €", "-0,99 €"], [1234.5, 5.0, -0.99]),
    (["CHF 1'234.50", "CHF 5.00"], [1234.5, 5.0]),
    (["$1,234.50 USD", "$5.00 USD"], [1234.5, 5.0]),
    (["(1,234.50)", "200.00", "3"], [-1234.5, 200.0, 3.0]),
    (["1234.50-", "5.00"], [-1234.5, 5.0]),
    (["\u22125", "7", "\u22128.5"], [-5.0, 7.0, -8.5]),
    (["1\u00a0234,5", "12,5"], [1234.5, 12.5]),
    (["1\u2009234", "12\u202f345", "7"], [1234, 12345, 7]),
    (["1’234", "5"], [1234, 5]),
    (["1,23,456", "12,345", "5"], [123456, 12345, 5]),
    (["1,5", "2,25", "3"], [1.5, 2.25, 3.0]),
    (["1.234.567", "2.345"], [1234567, 2345]),
    (["12.5%", "100%", "-3%"], [12.5, 100.0, -3.0]),
    (["12,5 %", "3 %"], [12.5, 3.0]),
    (["+5", "-3", "+2.5"], [5.0, -3.0, 2.5]),
    (["1.5e-07", "2e+10", "3"], [1.5e-07, 2e10, 3.0]),
    (["9007199254740993", "-1"], [9007199254740993, -1]),
    (["18446744073709551616", "5"], [Decimal(18446744073709551616), Decimal(5)]),
    (["9" * 38, "1"], [Decimal("9" * 38), Decimal(1)]),
    (
        ["1234567890123456789.123456789", "0.5"],
        [Decimal("1234567890123456789.123456789"), Decimal("0.5")],
    ),
    # Doubles hold 16 digits: differences in the last of 14 would be rounded.
    (
        ["1000000000000.4", "1000000000000.2"],
        [Decimal("1000000000000.4"), Decimal("1000000000000.2")],
    ),
]


@pytest.mark.parametrize(("texts", "numbers"), NUMBERS)
def test_numbers_as_people_write_them(
    engine: DuckEngine, tmp_path: Path, texts: list[str], numbers: list[Any]
) -> None:
    _, values, _ = read(engine, tmp_path, texts)
    assert values == numbers
    assert [type(value) for value in values] == [type(number) for number in numbers]


at = datetime.fromisoformat
DATES = [
    (["01/02/2024", "25/12/2024"], [date(2024, 2, 1), date(2024, 12, 25)]),
    (["01/13/2024", "12/25/2024"], [date(2024, 1, 13), date(2024, 12, 25)]),
    (["3. März 2024", "12. Dez 2024"], [date(2024, 3, 3), date(2024, 12, 12)]),
    (["1er janvier 2024", "14 août 2023"], [date(2024, 1, 1), date(2023, 8, 14)]),
    (["3 de enero de 2024", "4 mayo 2023"], [date(2024, 1, 3), date(2023, 5, 4)]),
    (["2024-W05-3", "2024-W06-1"], [date(2024, 1, 31), date(2024, 2, 5)]),
    (["0001-01-01", "9999-12-31"], [date(1, 1, 1), date(9999, 12, 31)]),
    (["31.12.9999", "01.01.1900"], [date(9999, 12, 31), date(1900, 1, 1)]),
    (
        ["1/25/2024, 9:05:00 PM", "12/1/2024, 1:00:00 AM"],
        [at("2024-01-25 21:05"), at("2024-12-01 01:00")],
    ),
    (
        ["Mon, 01 Jan 2024 10:00:00 +0100", "Tue, 02 Jan 2024 11:00:00 GMT"],
        [at("2024-01-01 09:00"), at("2024-01-02 11:00")],
    ),
    (["1:05 PM", "11:30 AM"], [time(13, 5), time(11, 30)]),
]


@pytest.mark.parametrize(("texts", "moments"), DATES)
def test_dates_as_people_write_them(
    engine: DuckEngine, tmp_path: Path, texts: list[str], moments: list[Any]
) -> None:
    _, values, loaded = read(engine, tmp_path, texts)
    assert values == moments
    assert "v" in loaded.decisions.get("types", {"v": ""}) or texts[0][4] == "-"


def test_offsets_become_one_moment(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("v\n2024-01-01T10:00:00Z\n2024-01-01T10:00:00+02:00\n")
    reader = DataReader()
    reader.load(reader.locate(path), engine)
    assert engine.rows("select distinct typeof(v) from raw.data") == [
        ("TIMESTAMP WITH TIME ZONE",)
    ]
    assert engine.rows("select epoch(v)::bigint from raw.data") == [
        (1704103200,),
        (1704096000,),
    ]


TEXTS = [
    (["1,234", "5,678"], "could be a thousand or a decimal"),
    (["01/02/2024", "03/04/2024"], "day/month and month/day alike"),
    (["01/02/24", "13/02/24"], "years of two digits"),
    (["2024-01-31", "31/01/2024", "Jan 31 2024"], "several formats"),
    (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], "several formats"),
    (["$5", "€5"], "several units"),
    (["$ 5.00", "-", "$ 7.00"], "a dash may be zero or missing"),
    (["1e5", "2e7"], "may be labels"),
    (["12e4567", "13e1234"], "may be labels"),
    (["1" * 50, "2"], "50 digits, a decimal holds 38"),
    (["007", "012"], None),
    (["+4915112345678", "0049301234567"], None),
    (["0x1F", "0xA0"], None),
    (["1_000", "2_000"], None),
    (["1.2.3", "1.10.4"], None),
    (["192.168.1.1", "10.0.0.1"], None),
    (["yes", "no"], None),
    (["(5)", "(6)"], "which no value proves"),
    (["12 apples", "13 pears"], None),
    (["23:59:59", "24:00:00", "12:30"], None),
    (["123e4567-e89b-12d3-a456-426614174000"], None),
    (['{"a":1}', '{"b":[1,2]}'], None),
]


@pytest.mark.parametrize(("texts", "reason"), TEXTS)
def test_what_could_be_read_in_two_ways_stays_text(
    engine: DuckEngine, tmp_path: Path, texts: list[str], reason: str | None
) -> None:
    kind, values, loaded = read(engine, tmp_path, texts)
    assert (kind, values) == ("VARCHAR", texts)
    note = loaded.decisions.get("types", {}).get("v")
    assert note is None if reason is None else reason in note


MISSING = [
    (["1", "NA", "3", "NA"], [1, None, 3, None], {"NA": 2}),
    (["?", "2.5", "n/a"], [None, 2.5, None], {"?": 1, "n/a": 1}),
    (["1", "-", "3"], [1, None, 3], {"-": 1}),
    (["2024-01-01", "0000-00-00"], [date(2024, 1, 1), None], {"0000-00-00": 1}),
]


@pytest.mark.parametrize(("texts", "wanted", "counts"), MISSING)
def test_words_for_missing_values_are_counted(
    engine: DuckEngine,
    tmp_path: Path,
    texts: list[str],
    wanted: list[Any],
    counts: dict[str, int],
) -> None:
    _, values, loaded = read(engine, tmp_path, texts)
    assert values == wanted
    assert loaded.decisions["missing"] == {"v": counts}


def test_words_for_missing_values_stay_among_words(
    engine: DuckEngine, tmp_path: Path
) -> None:
    _, values, loaded = read(engine, tmp_path, ["NA", "SA", "EU", "-"])
    assert values == ["NA", "SA", "EU", "-"]
    assert "missing" not in loaded.decisions


def test_numbers_for_missing_values_are_proposed(
    engine: DuckEngine, tmp_path: Path
) -> None:
    texts = [str(i) for i in range(40)] + ["-999", "-999"]
    _, values, loaded = read(engine, tmp_path, texts)
    assert values == [int(text) for text in texts]
    assert loaded.decisions["proposed"] == {
        "v": "-999 may stand for missing: 2 values, all others lie between 0 and 39 "
        "(option null=-999)"
    }
    _, values, loaded = read(engine, tmp_path, texts, null="-999")
    assert values == [*range(40), None, None]
    assert "proposed" not in loaded.decisions


@pytest.mark.parametrize(
    "texts", [[str(i) for i in range(-1, 40)], [*map(str, range(40)), "-999", "-500"]]
)
def test_numbers_among_their_like_are_not_suspected(
    engine: DuckEngine, tmp_path: Path, texts: list[str]
) -> None:
    _, _, loaded = read(engine, tmp_path, texts)
    assert "proposed" not in loaded.decisions


@pytest.mark.parametrize("texts", [["", ""], ["NA", "NA"]])
def test_a_column_without_a_value_is_boolean(
    engine: DuckEngine, tmp_path: Path, texts: list[str]
) -> None:
    kind, values, loaded = read(engine, tmp_path, texts)
    assert (kind, values) == ("BOOLEAN", [None, None])
    assert loaded.decisions["types"]["v"].startswith("boolean; holds no value")


WISHES = [
    (["1,234", "5,678"], {"decimal": "."}, [1234, 5678]),
    (["1,234", "5,678"], {"decimal": ","}, [1.234, 5.678]),
    (["1.234", "5.678"], {"decimal": ","}, [1234, 5678]),
    (["01/02/2024"], {"dates": "dmy"}, [date(2024, 2, 1)]),
    (["01/02/2024"], {"dates": "mdy"}, [date(2024, 1, 2)]),
    (["01/02/24"], {"types": "v:DATE %d/%m/%y"}, [date(2024, 2, 1)]),
    (["1", "2"], {"types": "v:VARCHAR"}, ["1", "2"]),
    (["1", "2"], {"types": "k:TEXT,v:DECIMAL(5,2)"}, [Decimal("1.00"), Decimal("2.00")]),
    (["ja", "0", "T"], {"types": "v:BOOLEAN"}, [True, False, True]),
    (["yes", "no"], {"booleans": "words"}, [True, False]),
    (["1", "-999"], {"null": "-999"}, [1, None]),
    (["1", "2"], {"all_text": "true"}, ["1", "2"]),
]


@pytest.mark.parametrize(("texts", "options", "wanted"), WISHES)
def test_options_win_over_the_data(
    engine: DuckEngine,
    tmp_path: Path,
    texts: list[str],
    options: dict[str, str],
    wanted: list[Any],
) -> None:
    _, values, _ = read(engine, tmp_path, texts, **options)
    assert values == wanted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"types": "w:BIGINT"}, 'types names no column "w"'),
        ({"types": "v:NUMBER"}, 'types cannot be "v:NUMBER"'),
        ({"types": "v:BIGINT"}, 'column "v" cannot be BIGINT: 1 value not of'),
        ({"dates": "ymd"}, 'dates cannot be "ymd"'),
        ({"decimal": ";"}, 'decimal cannot be ";"'),
    ],
)
def test_options_that_cannot_be(
    engine: DuckEngine, tmp_path: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        read(engine, tmp_path, ["1", "two"], **options)


def test_whole_numbers_that_a_double_would_change_stay_exact(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    for many in (0, 5_000):
        filler = "1.5\n" * many
        path.write_text(f"n\n9007199254740993\n1.5\n2\n{filler}", encoding="utf-8")
        table = DataReader().read(path)
        assert str(table["n"].max().to_pyarrow().as_py()) == "9007199254740993.0"


def test_great_numbers_that_doubles_hold_are_doubles(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("n\n9007199254740994\n1e300\n1.5\n" + "2.5\n" * 5_000, "utf-8")
    table = DataReader().read(path)
    assert str(table["n"].type()) == "float64"
    found = table["n"].to_pyarrow().to_pylist()
    assert found[:3] == [9007199254740994.0, 1e300, 1.5]
