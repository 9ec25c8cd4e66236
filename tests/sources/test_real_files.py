"""Real files against what pandas and pyarrow say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path

DATES = {
    "stocks.csv": ("date", "%b %d %Y"),
    "github.csv": ("time", "%Y/%m/%d %H:%M:%S"),
    "seattle-weather.csv": ("date", "%Y-%m-%d"),
    "movies.json": ("Release Date", "%b %d %Y"),
}
NAMES = ["diamonds.csv", "taxis.csv", "titanic.csv", "penguins.csv", "cars.json"]
NAMES += ["gapminder.json", *DATES]


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
def test_numbers_agree_with_pandas(
    engine: DuckEngine, shared_data: Path, name: str
) -> None:
    path = shared_data / name
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_json(path)
    loaded = DataReader().load(DataReader().locate(path), engine)
    assert loaded.n_rows == len(frame)
    assert loaded.n_rejected == 0
    assert loaded.columns == tuple(frame.columns)
    table = engine.sql("from raw.data")
    for column in frame.select_dtypes("number"):
        found = table[column].to_pandas().astype("float64").sum()
        assert found == pytest.approx(float(frame[column].sum()), rel=1e-9), column


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(DATES))
def test_dates_agree_with_pandas(
    engine: DuckEngine, shared_data: Path, name: str
) -> None:
    path = shared_data / name
    column, form = DATES[name]
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_json(path)
    texts = frame[column].dropna().astype(str)
    DataReader().load(DataReader().locate(path), engine)
    found = engine.sql("select columns(lambda c: c = $c) from raw.data", {"c": column})
    got = pd.to_datetime(found[column].to_pandas()).dropna().dt.as_unit("us")
    if not texts.str.fullmatch(r"\d{4}-\d\d-\d\d.*").all():
        want = pd.to_datetime(texts, format=form).dt.as_unit("us")
        assert got.tolist() == want.tolist()
    assert len(got) == len(texts)


@pytest.mark.shared
def test_arrow_file_agrees_with_pyarrow(engine: DuckEngine, shared_data: Path) -> None:
    path = shared_data / "flights-200k.arrow"
    with pa.memory_map(str(path)) as source:
        want = pa.ipc.open_file(source).read_all()
        DataReader().load(DataReader().locate(path), engine)
        assert engine.sql("from raw.data").equals(want)
