"""How tables are found in text, each with its whole expected content, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsp.engine import DuckEngine
from dsp.errors import SettingError
from dsp.sources import DataReader, Loaded

Row = tuple[str | None, ...]
ABC = ("a", "b", "c")
CHECK = "could not be read: check the options delimiter, quote, header and columns"
TOTAL = 'looks like a total ("Total, 3, 6.0"): it is kept as data; footer=1 leaves it out'
OTHER = "begins at line 5: it is in the rejects; skip=4 reads that one"
SHIFTED = "2 cells instead of 3, and cell 2 is no number as in other records"


@pytest.fixture
def engine() -> DuckEngine:
    return DuckEngine()


def load(engine: DuckEngine, path: Path, text: str | bytes, **options: Any) -> Loaded:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    reader = DataReader()
    return reader.load(
        reader.locate(path, options={"all_text": "true", **options}), engine
    )


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        # Signs
        ("a||b||c\n1||||3\n4||x||6\n", ABC, [("1", None, "3"), ("4", "x", "6")]),
        ("a::b::c\n1::x::3\n4::y::6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a;;b;;c\n1;;x;;3\n4;;y;;6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a|~|b|~|c\n1|~|x|~|3\n", ABC, [("1", "x", "3")]),
        ("a^b^c\n1^x^3\n4^y^6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a~b~c\n1~x~3\n4~y~6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a:b:c\n1:x:3\n4:y:6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a b c\n1 x 3\n4 y 6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        (
            "a    b    c\n1    x y  3\n44   y    6\n",
            ABC,
            [("1", "x y", "3"), ("44", "y", "6")],
        ),
        (
            'a, b, c\n1, p q, 3\n4, "x, y", 6\n',
            ABC,
            [("1", "p q", "3"), ("4", "x, y", "6")],
        ),
        ("a,b,c\n1,x;y,3\n4,z;w,6\n", ABC, [("1", "x;y", "3"), ("4", "z;w", "6")]),
        ("a;b;c\n1,5;x;3\n4,5;y;6\n", ABC, [("1,5", "x", "3"), ("4,5", "y", "6")]),
        ("name\nDoe, John\nRoe, Jane\n", ("name",), [("Doe, John",), ("Roe, Jane",)]),
        ("t\n12:30\n12:45\n", ("t",), [("12:30",), ("12:45",)]),
        (
            "x:1:0\ny:2:0\nz:3:0\n",
            ("column_1", "column_2", "column_3"),
            [("x", "1", "0"), ("y", "2", "0"), ("z", "3", "0")],
        ),
        # Quotes and escapes
        ("a,b\n1,'x, y'\n2,'it''s'\n", ("a", "b"), [("1", "x, y"), ("2", "it's")]),
        (
            'a,b\n1,"x \\"y\\" z"\n2,"c:\\\\d"\n',
            ("a", "b"),
            [("1", 'x "y" z'), ("2", "c:\\d")],
        ),
        (
            'a,b\n1,"x \\"y\\", z"\n2,"p ""q"", r"\n',
            ("a", "b"),
            [("1", 'x "y", z'), ("2", 'p "q", r')],
        ),
        (
            'a,b\n1,"c:\\dir\\"\n2,"d:\\"\n',
            ("a", "b"),
            [("1", "c:\\dir\\"), ("2", "d:\\")],
        ),
        (
            'a\tb\n5" pipe\t1\n3" nail\t2\n',
            ("a", "b"),
            [('5" pipe', "1"), ('3" nail', "2")],
        ),
        ('a\tb\tc\n\t"x"\t3\n4\t""\t6\n', ABC, [(None, "x", "3"), ("4", None, "6")]),
        # Line ends
        ("a,b,c\r1,x,3\r4,y,6\r", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        (
            'a,b,c\r\n1,x,3\n4,"y\r\nz",6\r7,w,9',
            ABC,
            [("1", "x", "3"), ("4", "y\r\nz", "6"), ("7", "w", "9")],
        ),
        # Above the names
        ("sep=;\na;b\n1,5;2\n", ("a", "b"), [("1,5", "2")]),
        ("Report: x\nFrom 1, to 2\n\n\na,b,c\n1,x,3\n", ABC, [("1", "x", "3")]),
        (
            "by,Bob\non,2024-01-01\n\na,b,c\n1,x,3\n4,y,6\n",
            ABC,
            [("1", "x", "3"), ("4", "y", "6")],
        ),
        (
            "Sales of May,,\n,,\na,b,c\n1,x,3\n4,y,6\n",
            ABC,
            [("1", "x", "3"), ("4", "y", "6")],
        ),
        (
            "# one\n# two\na,b,c\n1,x,3\n# three\n4,y,6\n",
            ABC,
            [("1", "x", "3"), ("4", "y", "6")],
        ),
        ("##one\n#a\tb\tc\n1\tx\t3\n4\ty\t6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("#a,b,c\n1,x,3\n4,y,6\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        # Names
        (
            "a,2020,2021\nx,1,2\ny,3,4\n",
            ("a", "2020", "2021"),
            [("x", "1", "2"), ("y", "3", "4")],
        ),
        (
            "1,2,3\n1.5,2.5,3.5\n",
            ("column_1", "column_2", "column_3"),
            [("1", "2", "3"), ("1.5", "2.5", "3.5")],
        ),
        (
            "a,,A,\n1,2,3,4\n",
            ("a", "column_2", "A_2", "column_4"),
            [("1", "2", "3", "4")],
        ),
        ("a,b,c,\n1,x,3,\n4,y,6,\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        ("a,b,c\n1,x,3,\n4,y,6,\n", ABC, [("1", "x", "3"), ("4", "y", "6")]),
        (
            "b,c\n1,x,3\n4,y,6\n",
            ("column_1", "b", "c"),
            [("1", "x", "3"), ("4", "y", "6")],
        ),
        (
            "a,,b,c\n1,x,3\n4,y,6\n7,z,9\n",
            ABC,
            [("1", "x", "3"), ("4", "y", "6"), ("7", "z", "9")],
        ),
        (
            '"a,b,"c"\n1,x,3\n4,y,6\n',
            ('"a', "b", "c"),
            [("1", "x", "3"), ("4", "y", "6")],
        ),
        (
            "a;b;c\n1,x,3\n4,y,6\n7,z,9\n",
            ABC,
            [("1", "x", "3"), ("4", "y", "6"), ("7", "z", "9")],
        ),
        (
            ",2023,,2024,\nr,in,out,in,out\nN,1,2,3,4\nS,5,6,7,8\n",
            ("r", "2023 in", "2023 out", "2024 in", "2024 out"),
            [("N", "1", "2", "3", "4"), ("S", "5", "6", "7", "8")],
        ),
        ("a,b\n", ("a", "b"), []),
        ("a,b,c\n,,\n,,\n", ABC, [(None, None, None), (None, None, None)]),
        ('a\n1\n\n""\n2', ("a",), [("1",), (None,), ("2",)]),
    ],
)
def test_table_is_found(
    engine: DuckEngine, tmp_path: Path, text: str, names: Row, rows: list[Row]
) -> None:
    loaded = load(engine, tmp_path / "t.txt", text)
    assert loaded.columns == names
    assert engine.rows("from raw.data") == rows
    assert loaded.n_rejected == 0


@pytest.mark.parametrize(
    ("text", "rows", "aside"),
    [
        (
            "a,b,c\n,kg,cm\nAnn,60.5,170\nBob,80.5,180\n",
            [("Ann", "60.5", "170"), ("Bob", "80.5", "180")],
            ([], ["line 2 holds units, not data: it is left out; header=1 keeps it"]),
        ),
        (
            "a,b,c\nint,string,float\n1,x,2.5\n2,y,3.5\n",
            [("1", "x", "2.5"), ("2", "y", "3.5")],
            ([], ["line 2 holds types, not data: it is left out; header=1 keeps it"]),
        ),
        (
            "a,b,c\nN,1,2.5\nS,2,3.5\nTotal,3,6.0\n",
            [("N", "1", "2.5"), ("S", "2", "3.5"), ("Total", "3", "6.0")],
            (
                [],
                [f"the last record {TOTAL}"],
            ),
        ),
        (
            "a,b,c\nN,1,2.5\nS,2,3.5\n\nSource: x\n(2 rows)\n",
            [("N", "1", "2.5"), ("S", "2", "3.5")],
            (
                [
                    (5, "Source: x", "stands below the last record: 1 cell instead of 3"),
                    (6, "(2 rows)", "stands below the last record: 1 cell instead of 3"),
                ],
                [],
            ),
        ),
        (
            "a,b,c\n1,2,3\na,b,c\n4,5,6\n",
            [("1", "2", "3"), ("4", "5", "6")],
            ([], ["the header stands once more in the file: left out (line 3)"]),
        ),
        (
            "a,b,c\n1,2,3\n4,5,6\n\nx,y,z\n7,8,9\n0,0,0\n",
            [("1", "2", "3"), ("4", "5", "6")],
            (
                [
                    (5, "x,y,z", "belongs to another table, from line 5 on (x, y, z)"),
                    (6, "7,8,9", "belongs to another table, from line 5 on (x, y, z)"),
                    (7, "0,0,0", "belongs to another table, from line 5 on (x, y, z)"),
                ],
                [f"another table {OTHER}"],
            ),
        ),
        (
            "a,b,c\n1,x,3\n4,y\n5\n6,z,7,8\n9,w,0,\n3,v,1\n",
            [("1", "x", "3"), ("4", "y", None), ("9", "w", "0"), ("3", "v", "1")],
            (
                [(4, "5", "1 cell instead of 3"), (5, "6,z,7,8", "4 cells instead of 3")],
                [
                    "1 short record, padded with empty cells (line 3)",
                    "1 record with empty cells behind the last column, cut (line 6)",
                    f"2 records of 6 {CHECK}",
                ],
            ),
        ),
        (
            "a,b,c\n1,x,30\n24,y0\n4,z,60\n7,w,90\n",
            [("1", "x", "30"), ("24", "y0", None), ("4", "z", "60"), ("7", "w", "90")],
            ([], ["1 short record, padded with empty cells (line 3)"]),
        ),
        (
            "a,b,c\n1,2.5,x\n34.5,y\n4,5.5,z\n",
            [("1", "2.5", "x"), ("4", "5.5", "z")],
            (
                [
                    (
                        3,
                        "34.5,y",
                        SHIFTED,
                    )
                ],
                [f"1 record of 3 {CHECK}"],
            ),
        ),
        (
            'a,b,c\n1,"x, y",3\n4,"bad,6\n7,"z",9\n',
            [("1", "x, y", "3"), ("4", '"bad', "6"), ("7", "z", "9")],
            ([], ["1 record with a stray quote, read as text (line 3)"]),
        ),
        (
            'a,b,c\n1,"10" x 5"",3\n4,y,"6\n',
            [("1", '10" x 5"', "3"), ("4", "y", '"6')],
            ([], ["2 records with a stray quote, read as text (lines 2, 3)"]),
        ),
        (
            "a,b,c\n1,x,3\n4;y;6\n7,z,9\n",
            [("1", "x", "3"), ("4", "y", "6"), ("7", "z", "9")],
            ([], ["1 record written with another delimiter (line 3)"]),
        ),
    ],
)
def test_what_is_odd_is_said(
    engine: DuckEngine,
    tmp_path: Path,
    text: str,
    rows: list[Row],
    aside: tuple[list[tuple[int, str, str]], list[str]],
) -> None:
    rejects, said = aside
    loaded = load(engine, tmp_path / "t.csv", text)
    assert engine.rows("from raw.data") == rows
    found = engine.rows("select line_number, text, reason from raw.rejects order by 1")
    assert found == rejects
    assert loaded.decisions.get("warnings", []) == said


def test_a_quote_that_swallows_records_is_text(
    engine: DuckEngine, tmp_path: Path
) -> None:
    lines = [f"{i},name{i},{i}.5" for i in range(40)]
    lines[3] = '3,"name3,3.5'
    lines[30] = '30,name30",30.5'
    load(engine, tmp_path / "t.csv", "a,b,c\n" + "\n".join(lines) + "\n")
    expected = [tuple(line.split(",")) for line in lines]
    assert engine.rows("from raw.data") == expected


@pytest.mark.parametrize(
    ("options", "names", "rows"),
    [
        ({"delimiter": ";"}, ("x,y",), [("a,b",), ("1,2",), ("3,4",)]),
        (
            {"header": "false"},
            ("column_1", "column_2"),
            [("x", "y"), ("a", "b"), ("1", "2"), ("3", "4")],
        ),
        ({"header": "1"}, ("x", "y"), [("a", "b"), ("1", "2"), ("3", "4")]),
        ({"header": "2"}, ("x a", "y b"), [("1", "2"), ("3", "4")]),
        ({"skip": "1"}, ("a", "b"), [("1", "2"), ("3", "4")]),
        ({"skip": "1", "footer": "1"}, ("a", "b"), [("1", "2")]),
        ({"skip": "1", "null": "2,3"}, ("a", "b"), [("1", None), (None, "4")]),
        (
            {"skip": "1", "columns": "3"},
            ("a", "b", "column_3"),
            [("1", "2", None), ("3", "4", None)],
        ),
        ({"skip": "1", "comment": "3"}, ("a", "b"), [("1", "2")]),
    ],
)
def test_options_win(
    engine: DuckEngine,
    tmp_path: Path,
    options: dict[str, str],
    names: Row,
    rows: list[Row],
) -> None:
    loaded = load(engine, tmp_path / "t.csv", "x,y\na,b\n1,2\n3,4\n", **options)
    assert loaded.columns == names
    assert engine.rows("from raw.data") == rows


def test_units_and_preamble_are_kept_in_the_decisions(
    engine: DuckEngine, tmp_path: Path
) -> None:
    text = "Weights, 2024\n\nname,weight,height\n-,[kg],[cm]\nAnn,60.5,170\n"
    loaded = load(engine, tmp_path / "t.csv", text)
    assert loaded.decisions["units"] == {"name": "-", "weight": "[kg]", "height": "[cm]"}
    assert loaded.decisions["preamble"] == ["Weights, 2024"]
    assert loaded.decisions["lines_skipped"] == 2
    assert loaded.decisions["first_line"] == 5


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("header", "perhaps", 'header cannot be "perhaps"'),
        ("skip", "-1", 'skip cannot be "-1"'),
        ("footer", "x", 'footer cannot be "x"'),
        ("columns", "many", 'columns cannot be "many"'),
        ("quote", "''", "quote cannot be \"''\""),
        ("escape", "ab", 'escape cannot be "ab"'),
        ("delimiter", "\n", "delimiter cannot be a line end"),
        ("all_text", "maybe", 'all_text cannot be "maybe"'),
    ],
)
def test_options_are_checked(
    engine: DuckEngine, tmp_path: Path, option: str, value: str, message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        load(engine, tmp_path / "t.csv", "a,b\n1,2\n", **{option: value})


def test_a_long_cell_beyond_the_sample(engine: DuckEngine, tmp_path: Path) -> None:
    long = "x\n" * 1_100_000
    load(engine, tmp_path / "t.csv", f'a,b\n1,"{long}"\n2,y\n')
    assert engine.rows("from raw.data") == [("1", long), ("2", "y")]


def test_a_record_that_is_not_in_the_encoding_asked_for_is_set_aside(
    engine: DuckEngine, tmp_path: Path
) -> None:
    good = "".join(f"{i},Straße {i}\n" for i in range(90_000)).encode()
    text = b"n,t\n" + good + b"7,caf\xe9\n8,end\n"
    load(engine, tmp_path / "t.csv", text, encoding="utf-8")
    assert engine.rows("select count(*), max(t) filter (n = '5') from raw.data") == [
        (90_001, "Straße 5")
    ]
    assert engine.rows("select line_number, reason from raw.rejects") == [
        (90_002, "is not utf-8 text")
    ]


def test_a_total_is_told_inside_a_transaction_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("shop,n\na,1\nb,2\nTotal,3\n", encoding="utf-8")
    engine, reader = DuckEngine(), DataReader()
    with engine.transaction():
        loaded = reader.load(reader.locate(path), engine)
    assert loaded.n_rows == 3
    assert "looks like a total" in loaded.decisions["warnings"][0]
