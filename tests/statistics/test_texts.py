"""Details of texts against Python's own regular expressions and Unicode tables."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine, Store, StoredTable
from dsp.records import TextPattern, TextProfile
from dsp.statistics import StatisticsEngine, texts

SHARED = Path(__file__).resolve().parents[3] / "shared"
BLANKS = " \t\n\r\v\f\u00a0"
NUMBER = re.compile(
    rf"[{BLANKS}]*[+-]?([0-9]{{1,3}}(,[0-9]{{3}})+([.][0-9]+)?|[0-9]+([.,][0-9]*)?|"
    rf"[.,][0-9]+)([eE][+-]?[0-9]+)?[{BLANKS}]*"
)
DATE = re.compile(
    rf"[{BLANKS}]*([0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|[0-9]{{1,2}}[-/.]"
    rf"[0-9]{{1,2}}[-/.]([0-9]{{4}}|[0-9]{{2}}))"
    rf"([T ][0-9]{{1,2}}:[0-9]{{2}}[0-9:.,+Z -]*)?[{BLANKS}]*"
)
HOSTILE = [
    "", " ", "\u00a0", "a", "Abc", "ABC", "abc def", " padded", "padded\t", "a  b",
    "a\nb", "it's", '"', "\\", "null\0byte", "\0", "-1.5e3", "1,234.50", "12", "٣٤",
    "1.2.2024", "2024-02-29T12:00:00Z", "é", "e\u0301", "👩\u200d👩\u200d👧", "שלום עולם",
    "ǅ", "ß", "名前", "½", "$x$", "A" * 70, "SKU-11", "SKU-7", "%_", "x'y;--", "\u200b",
    "\x85", "a+9+", "…",
]  # fmt: skip


def has(text: str, *categories: str) -> bool:
    return any(unicodedata.category(c).startswith(categories) for c in text)


def is_blank(text: str) -> bool:
    return text != "" and text.strip(BLANKS) == ""


def words(text: str) -> int:
    return len(re.findall(f"[^{BLANKS}]+", text))


ORACLE: dict[str, Callable[[str], bool]] = {
    "n_empty": lambda t: t == "",
    "n_blank": is_blank,
    "n_padded": lambda t: t != t.strip(BLANKS) and not is_blank(t),
    "n_control": lambda t: has(t, "Cc"),
    "n_multiline": lambda t: "\n" in t or "\r" in t,
    "n_non_ascii": lambda t: not t.isascii(),
    "n_upper": lambda t: has(t, "Lu") and not has(t, "Ll", "Lt"),
    "n_lower": lambda t: has(t, "Ll") and not has(t, "Lu", "Lt"),
    "n_with_letters": lambda t: has(t, "L"),
    "n_with_digits": lambda t: re.search("[0-9]", t) is not None,
    "n_with_punctuation": lambda t: has(t, "P", "S"),
    "n_digits_only": lambda t: re.fullmatch("[0-9]+", t) is not None,
    "n_number_like": lambda t: NUMBER.fullmatch(t) is not None,
    "n_date_like": lambda t: DATE.fullmatch(t) is not None,
}


def detailed(engine: DuckEngine, values: Sequence[str | None]) -> tuple[Any, ...]:
    table = pa.table({"it's": pa.array(values, pa.string())})
    engine.put(table, "data", schema="clean")
    stored = StoredTable(engine, "data", "clean")
    statistics_engine = StatisticsEngine(engine)
    return statistics_engine.details(stored, statistics_engine.profile(stored).columns)


def quantile(lengths: Sequence[int], share: int) -> int:
    return sorted(lengths)[ceil(share * len(lengths) / 100) - 1]


def expected(values: Sequence[str | None]) -> dict[str, Any]:
    known = [t for t in values if t is not None]
    lengths, counts = [len(t) for t in known], [words(t) for t in known]
    figures: dict[str, Any] = {
        "n_values": len(known),
        **{name: sum(map(test, known)) for name, test in ORACLE.items()},
    }
    if not known:
        return figures
    return figures | {
        "length_min": min(lengths),
        "length_mean": pytest.approx(statistics.fmean(lengths), rel=1e-12),
        "length_q50": quantile(lengths, 50),
        "length_q95": quantile(lengths, 95),
        "length_max": max(lengths),
        "words_mean": pytest.approx(statistics.fmean(counts), rel=1e-12),
        "words_max": max(counts),
    }


def shape(text: str) -> str:
    marks = {"Lu": "A", "Ll": "a", "Lt": "a", "Lm": "a", "Lo": "a", "Nd": "9"}
    written = "".join(marks.get(unicodedata.category(c), c) for c in text[:60])
    return written + "…" if len(text) > 60 else written


def collapsed(pattern: str) -> str:
    return re.sub(r"A{2,}|a{2,}|9{2,}| {2,}", lambda m: m[0][0] + "+", pattern)


def patterns(values: Sequence[str | None]) -> list[tuple[str, int]]:
    counted = Counter(shape(t) for t in values if t is not None)
    if len(counted) > 20:
        merged: Counter[str] = Counter()
        for pattern, n in counted.items():
            merged[collapsed(pattern)] += n
        counted = merged
    return sorted(counted.items(), key=lambda p: (-p[1], p[0].encode()))[:10]


def check(engine: DuckEngine, values: Sequence[str | None]) -> None:
    agree(engine, detailed(engine, values), values)


def agree(
    engine: DuckEngine, records: Sequence[Any], values: Sequence[str | None]
) -> None:
    profile = next(r for r in records if isinstance(r, TextProfile))
    figures = expected(values)
    assert {name: getattr(profile, name) for name in figures} == figures
    assert (profile.reason is None) == bool(figures["n_values"])
    again = engine.sql(profile.profile_sql).to_pylist()[0]
    assert {name: getattr(profile, name) for name in again} == again
    found = [r for r in records if isinstance(r, TextPattern)]
    assert [(r.pattern, r.n_rows) for r in found] == patterns(values)
    for pattern in found:
        assert (pattern.n_values, pattern.is_sampled) == (figures["n_values"], False)
        assert pattern.fraction == pattern.n_rows / figures["n_values"]
        rows = engine.rows(pattern.profile_sql)
        assert rows[pattern.rank - 1] == (
            pattern.pattern,
            pattern.n_rows,
            pattern.example,
        )
        assert pattern.example in {t[:200] for t in values if t is not None}


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_hostile_texts_agree_with_python(engine: DuckEngine, repeats: int) -> None:
    check(engine, [*HOSTILE, None] * repeats)


@pytest.mark.parametrize("values", [[], [None], [""], ["x"], ["x"] * 9, [None, "ab"]])
def test_short_columns_agree_with_python(
    engine: DuckEngine, values: list[str | None]
) -> None:
    check(engine, values)


@settings(max_examples=40, deadline=None)
@given(
    drawn=st.lists(
        st.one_of(
            st.none(),
            st.sampled_from(HOSTILE),
            # Letters that newer tables of Unicode class anew are left out.
            st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cn", "Cs"])),
        ),
        max_size=30,
    ),
    repeats=st.sampled_from([1, 5]),
)
def test_any_texts_agree_with_python(drawn: list[str | None], repeats: int) -> None:
    check(DuckEngine(threads=2), drawn * repeats)


def test_codes_keep_their_lengths_and_words_do_not(engine: DuckEngine) -> None:
    codes = [f"AB-{i:04}" for i in range(50)]
    found = [r for r in detailed(engine, codes) if isinstance(r, TextPattern)]
    assert [(r.pattern, r.is_collapsed, r.n_rows) for r in found] == [
        ("AA-9999", False, 50)
    ]
    names = ["x" * n + " " + "Y" * n for n in range(2, 40)]
    found = [r for r in detailed(engine, names) if isinstance(r, TextPattern)]
    assert [(r.pattern, r.is_collapsed, r.n_rows) for r in found] == [
        ("a+ A+", True, 28),
        ("a+ A+…", True, 10),
    ]


def test_patterns_of_many_values_come_from_a_sample_that_is_said(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "SAMPLE_VALUES", 100)
    values = [f"{'AB' if i % 4 else 'C'}{i:05}" for i in range(4_000)]
    records = detailed(engine, values)
    profile = next(r for r in records if isinstance(r, TextProfile))
    assert profile.n_values == 4_000
    found = [r for r in records if isinstance(r, TextPattern)]
    assert [r.pattern for r in found] == ["AA99999", "A99999"]
    assert all(r.is_sampled and 50 <= r.n_values <= 200 for r in found)
    assert found[0].fraction == pytest.approx(0.75, abs=0.15)
    assert found[0].n_rows + found[1].n_rows == found[0].n_values


def test_texts_reach_their_tables(engine: DuckEngine) -> None:
    records = detailed(engine, [*HOSTILE, None])
    engine.execute("drop schema clean cascade")
    store = Store(engine)
    store.create()
    store.insert(records)
    for record in (TextProfile, TextPattern):
        kept = [r for r in records if isinstance(r, record)]
        assert store.read(record) == kept


def test_fewer_columns_of_very_wide_tables_are_looked_at(engine: DuckEngine) -> None:
    for n_columns, n_seen in ((101, 100), (501, 30)):
        table = pa.table({f"c{i}": ["x", "y"] for i in range(n_columns)})
        engine.put(table, "data", schema="clean")
        stored = StoredTable(engine, "data", "clean")
        room = StatisticsEngine(engine)
        found = room.details(stored, room.profile(stored).columns)
        assert sum(isinstance(r, TextProfile) for r in found) == n_seen


@pytest.mark.shared
def test_real_texts_agree_with_python() -> None:
    checked = 0
    for path in sorted((SHARED / "data" / "twins").glob("*.parquet")):
        table = pq.read_table(path)
        texts_of = [f.name for f in table.schema if pa.types.is_string(f.type)]
        # What Python needs minutes for, and what is looked at by sample, is left out.
        texts_of = texts_of[:2] if len(table) <= 5_000 else []
        if not texts_of:
            continue
        engine = DuckEngine(threads=2)
        engine.put(table.select(texts_of), "data", schema="clean")
        stored = StoredTable(engine, "data", "clean")
        room = StatisticsEngine(engine)
        records = room.details(stored, room.profile(stored).columns)
        for name in texts_of:
            own = [r for r in records if getattr(r, "column_name", None) == name]
            agree(engine, own, table[name].to_pylist())
            checked += 1
        engine.close()
    assert checked > 60
