from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dsp.dashboard import Board, BoardError, DashboardGenerator
from dsp.engine.sandbox import open_database
from tests.dashboard.test_dashboard_page import EVIL, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsp.engine import DuckEngine

TOML = """
title = "Orders"
description = "Every Monday"
brand = "#0a7350"

[filters]
from = "clean.data"
time = "order_date"
dimensions = ["region", "channel"]
[[filters.measures]]
column = "revenue"
unit = "USD"

[[kpi]]
title = "Large orders"
sql = "select count(*) from clean.data where revenue > 200"
previous = "select 10"
format = "integer"

[[chart]]
title = "Revenue by region"
kind = "bar"
sql = "select region, sum(revenue) as total from clean.data group by all order by 2 desc"
label = "region"
value = "total"

[[section]]
title = "Channels"
[[section.text]]
text = "In words."
[[section.chart]]
title = "Share"
kind = "pie"
ibis = "queries.py:by_channel"
label = "channel"
value = "total"
[[section.table]]
title = "All channels"
ibis = "queries.py:by_channel"
"""
QUERIES = """
def by_channel(con):
    t = con.table("data", database="clean")
    return t.group_by("channel").aggregate(total=t.revenue.sum()).order_by("channel")

def broken(con):
    return 1

def raises(con):
    return {}["x"]
"""


@pytest.fixture
def opened(sales_run: Path) -> Iterator[DuckEngine]:
    engine = open_database(sales_run)
    yield engine
    engine.close()


def written(folder: Path, text: str = TOML) -> Path:
    (folder / "queries.py").write_text(QUERIES, encoding="utf-8")
    path = folder / "dashboard.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_becomes_a_page_of_its_queries(opened: DuckEngine, tmp_path: Path) -> None:
    board = Board.read(written(tmp_path))
    text = DashboardGenerator(opened, board=board).render()
    ids = [a["id"] for tag, a in Page(text).elements if tag == "section"]
    assert ids == ["summary", "explore", "charts", "section-1", "reproduce"]
    large = opened.rows("select count(*) from clean.data where revenue > 200")[0][0]
    assert f'data-dsp-value="{float(large)}"' in text
    for channel in ("Online", "Retail", "Partner"):
        assert f"<td>{channel}</td>" in text
    assert "In words." in text
    assert "select count(*) from clean.data where revenue &gt; 200" in text
    assert "--c1:#0a7350" in text
    assert "--c1:#0a7350" not in DashboardGenerator(opened).render()


def test_the_same_board_gives_the_same_bytes(opened: DuckEngine, tmp_path: Path) -> None:
    board = Board.read(written(tmp_path))
    pages = {DashboardGenerator(opened, board=board).render() for _ in range(2)}
    assert len(pages) == 1


def test_a_board_made_in_python_is_that_of_a_file(opened: DuckEngine) -> None:
    board = Board(title=EVIL, theme="dark")
    board.add_kpi("Orders", "select count(*) from clean.data", format="integer")
    board.add_chart(
        "bar",
        "select region, count(*) as n from clean.data group by all",
        title=EVIL,
        label="region",
        value="n",
    )
    board.add_table(EVIL, f"select '{EVIL}' as \"{EVIL}\", 1.5 as x, null as y")
    board.filter_by(
        "region", time="order_date", measures=[{"column": "revenue", "how": "mean"}]
    )
    text = DashboardGenerator(opened, board=board).render()
    assert 'data-mode="dark"' in text
    assert "img" not in [tag for tag, _ in Page(text).elements]
    assert "2,000" in text
    assert "Average revenue" in text


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (('label = "region"', 'lable = "region"'), 'chart "Revenue by region"'),
        (('value = "total"\n\n[[section]]', 'value = "totl"\n\n[[section]]'), "totl"),
        (('kind = "bar"', 'kind = "bra"'), "bra"),
        (("where revenue > 200", "where revnue > 200"), 'kpi "Large orders"'),
        (("select count(*) from", "select 'a' from"), "not a number"),
        (('time = "order_date"', 'time = "order_dat"'), "order_dat"),
        (("queries.py:by_channel", "queries.py:nothing"), "nothing"),
        (
            ("queries.py:by_channel", "../queries.py:by_channel"),
            "no function",
        ),
        (('brand = "#0a7350"', 'brand = "green"'), "green"),
        (('description = "Every Monday"', 'desc = "x"'), "desc"),
        (("[[kpi]]", "[[kpi"), "not valid TOML"),
        (('sql = "select count(*)', 'sql = "select 1; select count(*)'), "Large orders"),
        (('unit = "USD"', 'how = "rate"'), "rate needs true or false"),
        (("queries.py:by_channel", "queries.py:broken"), "gives no Ibis table"),
        (("queries.py:by_channel", "queries.py:raises"), "failed: KeyError"),
        (('from = "clean.data"', 'from = "clean.dat"'), "filters"),
        (('ibis = "queries.py:by_channel"\nlabel', "label"), "no query"),
    ],
)
def test_what_is_wrong_with_a_board_is_one_clear_line(
    opened: DuckEngine, tmp_path: Path, change: tuple[str, str], match: str
) -> None:
    text = TOML.replace(*change)
    assert text != TOML
    with pytest.raises(BoardError, match=match) as caught:
        DashboardGenerator(opened, board=Board.read(written(tmp_path, text))).render()
    assert "\n" not in caught.value.message


def test_queries_of_a_board_reach_nothing_else(
    opened: DuckEngine, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    board = Board(title="x")
    board.add_table("t", f"select * from read_csv('{secret}')")
    with pytest.raises(BoardError, match='table "t"'):
        DashboardGenerator(opened, board=board).render()


def test_any_database_can_be_shown(tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "own.duckdb"
    with duckdb.connect(file) as con:
        con.execute("create table t as select i % 3 as g, i as v from range(30) r(i)")
    engine = open_database(file)
    board = Board(title="own")
    board.filter_by("g", source="select * from t", measures=[{"column": "v"}])
    board.add_kpi("Sum", "select sum(v) from t")
    text = DashboardGenerator(engine, board=board).render()
    engine.close()
    assert 'data-dsp-value="435.0"' in text
    assert "explore_by_1" in text


def test_the_readme_board_is_built(sales_run: Path, tmp_path: Path) -> None:
    import re

    import dsp

    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(title = .*?)```", readme, re.DOTALL)
    code = re.findall(r"```python\n(board = .*?)```", readme, re.DOTALL)
    assert (len(blocks), len(code)) == (1, 1)
    board = Board.read(written(tmp_path, blocks[0]))
    page = dsp.DashboardGenerator(sales_run, board=board).generate(tmp_path / "a.html")
    assert "Large orders" in page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"dsp": dsp}
    exec(code[0], names)  # noqa: S102 - the README's own code
    made = DashboardGenerator(str(sales_run), board=names["board"]).render()
    assert "Regions" in made


def test_charts_without_rows_say_so(opened: DuckEngine) -> None:
    board = Board(title="x")
    sql = "select region as label, 1.0 as value from clean.data where false"
    board.add_chart("bar", sql, title="none", label="label", value="value")
    text = DashboardGenerator(opened, board=board).render()
    assert "Its query gives no row." in text


def cli(*arguments: str) -> Any:
    from click.testing import CliRunner

    from dsp.cli import cli as command

    return CliRunner().invoke(command, list(arguments))


def test_the_command_writes_the_page(sales_run: Path, tmp_path: Path) -> None:
    path = written(tmp_path)
    done = cli("dashboard", "build", str(path), "--db", str(sales_run))
    assert done.exit_code == 0, done.output
    page = tmp_path / "dashboard.html"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(page) in done.output
    other = tmp_path / "notes.html"
    other.write_text("mine", encoding="utf-8")
    refused = cli(
        "dashboard", "build", str(path), "--db", str(sales_run), "-o", str(other)
    )
    assert refused.exit_code != 0
    assert "is no dashboard" in str(refused.exception)
    assert other.read_text(encoding="utf-8") == "mine"
    itself = cli(
        "dashboard",
        "build",
        str(path),
        "--db",
        str(sales_run),
        "-o",
        str(path),
        "--force",
    )
    assert "is the dashboard file itself" in str(itself.exception)
    missing = cli("dashboard", "build", str(path), "--db", str(tmp_path / "no.dsp"))
    assert missing.exit_code != 0
    assert "no database at" in str(missing.exception)
