"""Every line of a text table is a row, a remark, or set aside with its full text.

The reference is the generator itself, which knows what each line it writes means, and for
mutated files a count of line ends that knows nothing of the reader.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dsp.engine import DuckEngine
from dsp.errors import SourceError
from dsp.sources import DataReader, Loaded, csv_files

SIGNS = [",", ";", "\t", "|", "^", "||", "::"]
WORDS = ["Bern", "two words", "naïve", "x", "日本", "a-b", "O'Brien", "50 %"]


@pytest.fixture
def engine() -> DuckEngine:
    return DuckEngine()


def load(engine: DuckEngine, path: Path, **options: Any) -> Loaded:
    reader = DataReader()
    return reader.load(
        reader.locate(path, options={"all_text": "true", **options}), engine
    )


def line_ends(text: bytes) -> int:
    return len(re.findall(rb"\r\n|\n|\r", text))


@dataclass
class Written:
    """A generated file with what a reader has to make of it."""

    text: bytes = b""
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    row_lines: list[int] = field(default_factory=list)
    rejects: list[tuple[int, int, str]] = field(default_factory=list)
    n_blank: int = 0
    n_again: int = 0

    @property
    def line(self) -> int:
        return line_ends(self.text) + 1


def quoted(cell: str, sign: str, dice: random.Random) -> str:
    must = any(mark in cell for mark in (sign[0], '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if must or dice.random() < 0.2 else cell


def make(seed: int) -> Written:
    """Write a table with ragged records, breaks in quotes, blank lines and headers."""
    dice = random.Random(seed)
    sign, new_line = dice.choice(SIGNS), dice.choice(["\n", "\r\n"])
    width = dice.randint(3, 7)
    header = sign.join(f"name{i}" for i in range(width))
    made = Written()
    for _ in range(dice.choice([0, 0, 2])):
        made.text += f"remark of the writer{new_line}".encode()
    made.text += (header + new_line).encode()
    for i in range(dice.randint(30, 120)):
        kind = dice.choices(["row", "blank", "long", "again"], [30, 1, 1, 0.5])[0]
        cells = [str(i), f"{dice.randint(1, 9)}.5"]
        for _ in range(width - 2):
            word = dice.choice(WORDS)
            if dice.random() < 0.08:
                word += dice.choice([new_line, sign, '"', f'{new_line}"{sign}'])
            cells.append("" if dice.random() < 0.1 else word)
        if kind == "blank":
            made.text += new_line.encode()
            made.n_blank += 1
            continue
        if kind == "again":
            made.text += (header + new_line).encode()
            made.n_again += 1
            continue
        if kind == "long":
            cells = [re.sub(r'[\r\n"]|' + re.escape(sign), "", c) for c in cells]
            cells += ["more", "y" * dice.choice([1, 20_000])]
            shown = sign.join(cells)
            made.rejects.append((made.line, len(made.text), shown))
        else:
            shown = sign.join(quoted(cell, sign, dice) for cell in cells)
            made.rows.append(tuple(cell or None for cell in cells))
            made.row_lines.append(made.line)
        made.text += (shown + new_line).encode()
    # The last record is a plain one: what is odd below it would be a footer.
    cells = ["7", "7.5", *["end"] * (width - 2)]
    made.rows.append(tuple(cells))
    made.row_lines.append(made.line)
    made.text += sign.join(cells).encode()
    return made


def lines_of_rows(engine: DuckEngine, n_rows: int) -> list[int]:
    """Return the line of every row, from the runs in ``raw.lines``."""
    entries = engine.rows("select row_number, line_number from raw.lines order by 1")
    starts = dict(entries)
    lines: list[int] = []
    for row in range(1, n_rows + 1):
        lines.append(starts[row] if row in starts else lines[-1] + 1)
    return lines


@pytest.mark.parametrize("always", [8 << 20, 0], ids=["gone over", "as it is"])
@pytest.mark.parametrize("seed", range(25))
def test_every_record_is_a_row_or_set_aside(
    engine: DuckEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    always: int,
) -> None:
    monkeypatch.setattr(csv_files, "ALWAYS_PASS", always)
    made = make(seed)
    path = tmp_path / "t.csv"
    path.write_bytes(made.text)
    loaded = load(engine, path)
    assert engine.rows("from raw.data") == made.rows
    found = engine.rows(
        "select line_number, byte_position, text from raw.rejects order by 1"
    )
    assert found == made.rejects
    assert lines_of_rows(engine, loaded.n_rows) == made.row_lines
    assert loaded.decisions.get("blank_lines", 0) == made.n_blank
    n_top = len(loaded.decisions.get("names_again", []))
    assert loaded.decisions.get("header_repeated", 0) + n_top == made.n_again


def mutated(text: str, dice: random.Random) -> bytes:
    """Break a text in a few places, as editors and bad writers do."""
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text))
        text = dice.choice(
            [
                text[:at] + dice.choice("\"',;\\") + text[at:],
                text[:at] + dice.choice(["\n", "\r", "\r\n", "\n\n"]) + text[at:],
                text[:at] + text[at + dice.randint(1, 40) :],
                text[:at] + '\n"open, ' + text[at:],
                text[:at] + "\n# a remark\n" + text[at:],
            ]
        )
    return text.encode()


@pytest.mark.parametrize("seed", range(60))
def test_no_line_of_a_broken_file_is_lost(
    engine: DuckEngine, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    text = mutated(make(seed).text.decode(), dice)
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    try:
        loaded = load(engine, path)
    except SourceError as error:
        assert "no record could be read" in error.message  # noqa: PT017
        return
    facts = loaded.decisions
    cells = [cell for row in engine.rows("from raw.data") for cell in row if cell]
    n_inside = sum(line_ends(cell.encode()) for cell in cells)
    rejects = engine.rows("select line_number, byte_position, text from raw.rejects")
    n_lines = line_ends(text) + (not text.endswith((b"\n", b"\r")))
    assert n_lines == (
        facts["first_line"]
        - 1
        + facts.get("blank_lines", 0)
        + facts.get("comment_lines", 0)
        + facts.get("header_repeated", 0)
        + loaded.n_rows
        + n_inside
        + sum(line_ends(shown.encode()) + 1 for _, _, shown in rejects)
    )
    for line, position, shown in rejects:
        assert line_ends(text[:position]) + 1 == line
        end = position + len(shown.encode())
        assert text[position:end].decode() == shown
        assert text[end : end + 1] in (b"\n", b"\r", b"")


def test_a_reject_is_kept_in_full_length(engine: DuckEngine, tmp_path: Path) -> None:
    long = "9,9," + ",".join("z" * 1000 for _ in range(300))
    (tmp_path / "t.csv").write_text(f"a,b,c\n1,2,3\n{long}\n4,5,6\n")
    load(engine, tmp_path / "t.csv")
    assert engine.rows("select line_number, byte_position, text from raw.rejects") == [
        (3, 12, long)
    ]


def test_lines_of_several_files_and_of_a_sample(
    engine: DuckEngine, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text('n,t\n1,"x\ny"\n2,z\n')
    (tmp_path / "b.csv").write_text("n,t\n\n3,x\n4,y\n")
    reader = DataReader()
    located = reader.locate(str(tmp_path / "*.csv"))
    reader.load(located, engine)
    names = "select row_number, parse_filename(file), line_number from raw.lines"
    assert engine.rows(names) == [(1, "a.csv", 2), (2, "a.csv", 4), (3, "b.csv", 3)]
    reader.load(located, engine, sample_size=2, seed=3)
    sampled = [row[0] for row in engine.rows("select n from raw.data")]
    where = {1: ("a.csv", 2), 2: ("a.csv", 4), 3: ("b.csv", 3), 4: ("b.csv", 4)}
    assert engine.rows(names) == [(i, *where[n]) for i, n in enumerate(sampled, 1)]


def test_a_clean_file_is_one_run_of_lines(engine: DuckEngine, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i}.5,word\n" for i in range(600_000))
    (tmp_path / "t.csv").write_text("a,b,c\n" + rows)
    loaded = load(engine, tmp_path / "t.csv")
    assert (loaded.n_rows, loaded.n_rejected) == (600_000, 0)
    assert engine.rows("select row_number, line_number from raw.lines") == [(1, 2)]
