"""Texts and dates, worked out a second time by Python alone."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine
from dsp.records import DatePart, DateProfile, TextPattern, TextProfile
from dsp.statistics import StatisticsEngine
from tests.conftest import SHARED
from tests.statistics.oracle_columns import Known, known_columns
from tests.statistics.oracle_table import made_table

TWINS = sorted((SHARED / "data" / "twins").glob("*.parquet"))
WHITE = " \t\n\r\v\f\u00a0"
ANY_WHITE = f"[{WHITE}]*"
NUMBER = (
    rf"{ANY_WHITE}[+-]?([0-9]{{1,3}}(,[0-9]{{3}})+([.][0-9]+)?|[0-9]+([.,][0-9]*)?|"
    rf"[.,][0-9]+)([eE][+-]?[0-9]+)?{ANY_WHITE}"
)


def has(*categories: str) -> Callable[[str], bool]:
    """Return a test for a character of some Unicode categories."""
    return lambda t: any(unicodedata.category(c).startswith(categories) for c in t)


TEXT_FLAGS: dict[str, Callable[[str], bool]] = {
    "n_values": lambda _: True,
    "n_empty": lambda t: not t,
    "n_blank": lambda t: bool(t) and not t.strip(WHITE),
    "n_padded": lambda t: bool(t.strip(WHITE)) and t != t.strip(WHITE),
    "n_control": has("Cc"),
    "n_multiline": lambda t: "\n" in t or "\r" in t,
    "n_non_ascii": lambda t: not t.isascii(),
    "n_upper": lambda t: has("Lu")(t) and not has("Ll", "Lt")(t),
    "n_lower": lambda t: has("Ll")(t) and not has("Lu", "Lt")(t),
    "n_with_letters": has("L"),
    "n_with_digits": lambda t: any(c in "0123456789" for c in t),
    "n_with_punctuation": has("P", "S"),
    "n_digits_only": lambda t: bool(t) and set(t) <= set("0123456789"),
    "n_number_like": lambda t: re.fullmatch(NUMBER, t) is not None,
}


def wrong_text(known: Known, row: TextProfile) -> Iterator[Any]:
    """Yield the figures of a column of texts that are not as counted."""
    figures: dict[str, Any] = {
        name: sum(n for text, n in known.counts.items() if test(text))
        for name, test in TEXT_FLAGS.items()
    }
    lengths = sorted(len(text) for text in known.values)
    words = [len(re.findall(f"[^{WHITE}]+", text)) for text in known.values]
    if lengths:
        n = len(lengths)
        figures |= {"length_min": lengths[0], "length_max": lengths[-1]}
        figures |= {"length_q50": lengths[-(-n // 2) - 1]}
        figures |= {"length_q95": lengths[-(-n * 95 // 100) - 1]}
        figures |= {"words_max": max(words)}
        for name, total in (("length_mean", sum(lengths)), ("words_mean", sum(words))):
            if getattr(row, name) != pytest.approx(total / n, rel=1e-12):
                yield name, getattr(row, name), total / n
    for name, expected in figures.items():
        if getattr(row, name) != expected:
            yield name, getattr(row, name), expected


def shape(text: str) -> str:
    """Return how a text is written: A, a and 9 for letters and digits."""
    marks = {"Lu": "A", "Nd": "9"} | dict.fromkeys(("Ll", "Lt", "Lm", "Lo"), "a")
    cut = "".join(marks.get(unicodedata.category(c), c) for c in text[:60])
    return cut + "…" if len(text) > 60 else cut


def wrong_patterns(known: Known, rows: list[TextPattern]) -> Iterator[Any]:
    """Yield the patterns of a column of texts if they are not as counted."""
    counted: Counter[str] = Counter()
    for text, n in known.counts.items():
        counted[shape(text)] += n
    is_collapsed = len(counted) > 20
    if is_collapsed:
        collapsed: Counter[str] = Counter()
        for pattern, n in counted.items():
            collapsed[
                re.sub(r"A{2,}|a{2,}|9{2,}| {2,}", lambda m: m[0][0] + "+", pattern)
            ] += n
        counted = collapsed
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
    found = [(row.pattern, row.n_rows) for row in rows]
    if found != ranked or any(row.is_collapsed != is_collapsed for row in rows):
        yield "patterns", found, ranked


def wrong_date(known: Known, row: DateProfile, parts: list[DatePart]) -> Iterator[Any]:
    """Yield the figures of a column of dates that are not as counted."""
    days = [v.date() if isinstance(v, datetime) else v for v in known.values]
    figures: dict[str, Any] = {"n_values": len(days)}
    if days:
        figures |= {
            "n_days": len(set(days)),
            "span_days": (max(days) - min(days)).days + 1,
            "n_weekend": sum(day.weekday() > 4 for day in days),
        }
        steps = sorted(set(days))
        missing = [(b - a).days - 1 for a, b in pairwise(steps)]
        if row.gap_unit == "day":
            figures["n_gaps"] = sum(n > 0 for n in missing)
            figures["n_missing"] = sum(missing)
            figures["longest_gap"] = max(missing, default=0)
    for name, expected in figures.items():
        if getattr(row, name) != expected:
            yield name, getattr(row, name), expected
    counted = {
        ("weekday", k): n for k, n in Counter(d.isoweekday() for d in days).items()
    }
    counted |= {("month", k): n for k, n in Counter(d.month for d in days).items()}
    found = {(p.part, p.number): p.n_rows for p in parts if p.part != "hour"}
    if found != counted:
        yield "parts", found, counted


def wrong_details(table: pa.Table) -> tuple[list[Any], int]:
    """Return what is wrong of texts and dates, and how many records there are."""
    engine = DuckEngine(threads=2)
    stored = engine.put(table, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored).columns
    records = [
        r
        for r in StatisticsEngine(engine).details(stored, columns)
        if isinstance(r, TextProfile | TextPattern | DateProfile | DatePart)
    ]
    engine.close()
    wrong: list[Any] = []
    named = table.rename_columns([c.column_name for c in columns])
    for name, known in known_columns(named).items():
        own = [r for r in records if r.column_name == name]
        parts = [r for r in own if isinstance(r, DatePart)]
        for row in own:
            if isinstance(row, TextProfile):
                patterns = [r for r in own if isinstance(r, TextPattern)]
                wrong += [(name, w) for w in wrong_text(known, row)]
                wrong += [(name, w) for w in wrong_patterns(known, patterns)]
            if isinstance(row, DateProfile) and known.family != "time":
                wrong += [(name, w) for w in wrong_date(known, row, parts)]
    return wrong, len(records)


def test_texts_and_dates_of_a_made_table_are_those_of_the_oracle() -> None:
    wrong, n = wrong_details(made_table())
    assert wrong == []
    assert n > 50


@pytest.mark.shared
def test_texts_and_dates_of_real_files_are_those_of_the_oracle() -> None:
    wrong: dict[str, Any] = {}
    n_found = 0
    for path in TWINS[::4]:
        table = pq.read_table(path)
        kept = [f.name for f in table.schema if pa.types.is_string(f.type)]
        kept += [f.name for f in table.schema if pa.types.is_temporal(f.type)]
        if kept:
            found, n = wrong_details(table.select(kept))
            n_found += n
            if found:
                wrong[path.stem] = found
    assert wrong == {}
    assert n_found > 200
