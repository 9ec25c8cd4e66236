"""Finds the signs of a text table, delimiter, quote and escape, in a sample of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from dsp.sources.csv_grammar import GAPS, SPACES, Cells, Grammar

N_BYTES = 1 << 16
N_RECORDS = 500
USUAL: tuple[bytes, ...] = (b",", b";", b"\t", b"|")
RARE: tuple[bytes, ...] = (
    b"^",
    b"~",
    b"\x01",
    b"\x1f",
    b"\x1e",
    b"\x02",
    b"#",
    b"!",
    b"$",
    b"&",
    b"*",
    b"@",
)
RARE += ("¦".encode(), "§".encode(), "¬".encode(), "þ".encode(), "¶".encode())
NEEDS_HEADER: tuple[bytes, ...] = (
    b":",
    b"#",
    b"!",
    b"$",
    b"&",
    b"*",
    b"@",
    b" ",
    SPACES,
    GAPS,
)
ESCAPES = (b"\\", b"\0")
_NUMBER = re.compile(rb"\s*[+-]?[$]?\d[\d.,]*([eE][+-]?\d+)?%?\s*")
_DIGITS = re.compile(rb"[-+.\d:/]*\d[-+.\d:/]*")
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")
_RUN = re.compile(rb"[^\w\s\"'.+\-()\[\]{}\x80-\xff]{2,}")


def records(
    text: bytes,
    grammar: Grammar,
    *,
    n_most: int = 1 << 30,
    n_bytes: int = 1 << 40,
) -> Iterator[Cells]:
    """Yield the records of a text; where quotes are out of order, a line is one."""
    start, n = 0, 0
    while start < min(len(text), n_bytes) and n < n_most:
        found = grammar.record(text, start)
        if found.fault:
            found = replace(found, end=line_end(text, start))
        yield found
        start, n = found.end, n + 1


def line_end(text: bytes, start: int) -> int:
    """Return where the line that holds a position ends, line end included."""
    return _LINE.match(text, start).end()  # type: ignore[union-attr]


def find_signs(
    text: bytes,
    *,
    delimiter: bytes | None = None,
    quote: bytes | None = None,
    escape: bytes | None = None,
) -> Grammar:
    """Return the grammar that fits a sample best; what is given stays as it is."""
    found = _find_delimiter(text, quote) if delimiter is None else None
    sign = delimiter if delimiter is not None else (found or _absent(text))
    mark = _quote(text, sign) if quote is None else quote
    grammar = Grammar(sign, mark, mark)
    if escape is not None:
        grammar = Grammar(sign, mark, escape)
    elif mark:
        grammar = _with_escape(text, grammar)
    if delimiter is None and not grammar.is_runs and _is_spaced(text, grammar):
        grammar = replace(grammar, is_spaced=True)
    return grammar


def _find_delimiter(text: bytes, quote: bytes | None) -> bytes | None:
    best, best_score = None, 0.0
    several = _several_signs(text)
    inside = {bytes([sign]) for sign in several or b""}
    candidates = [s for s in (*USUAL, *RARE, *NEEDS_HEADER) if s not in inside]
    for sign in ([several] if several else []) + candidates:
        if sign in (SPACES, GAPS):
            if b"  " not in text and b"\t" not in text:
                continue
        elif sign not in text:
            continue
        mark = _quote(text, sign) if quote is None else quote
        score = _score(text, Grammar(sign, mark, mark))
        if score > best_score + 1e-9:
            best, best_score = sign, score
    return best


def _absent(text: bytes) -> bytes:
    """Return a delimiter for a table of one column: one that its text does not hold."""
    return next((sign for sign in (*USUAL, b"\x1f") if sign not in text), b",")


def _several_signs(text: bytes) -> bytes | None:
    """Return a delimiter of two to four signs that stands in (nearly) every line."""
    lines = [line for line in text[:N_BYTES].splitlines()[:N_RECORDS] if line.strip()]
    if len(lines) < 2:
        return None
    found = Counter(
        sign for line in lines for sign in {_period(r) for r in _RUN.findall(line)}
    )
    for sign, n_lines in found.most_common(3):
        if n_lines < 0.5 * len(lines):
            continue
        first, head = sign[:1], b"\n".join(lines)
        if head.count(sign) * sign.count(first) < 0.95 * head.count(first):
            continue
        # A comma and a money sign are two things, not one.
        if sign[:1] in USUAL and len(set(sign)) > 1 and sign[-1:] in b"$#@&*":
            continue
        return sign
    return None


def _period(run: bytes) -> bytes:
    """Return what a run of signs repeats, of at least two signs.

    Examples
    --------
    >>> _period(b"||||"), _period(b"|~||~|"), _period(b"::")
    (b'||', b'|~|', b'::')
    """
    for n in range(2, len(run)):
        if len(run) % n == 0 and run[:n] * (len(run) // n) == run:
            return run[:n]
    return run


def _quote(text: bytes, delimiter: bytes) -> bytes:
    """Return the quote that stands around more cells; the double one by default."""
    sign = rb"[ \t]" if delimiter in (SPACES, GAPS) else re.escape(delimiter)
    counts = []
    for mark in (b'"', b"'"):
        cell = mark + rb"(?:[^" + mark + rb"\n\r]|" + mark * 2 + rb")*+" + mark
        pattern = (
            rb"(?:^|" + sign + rb")[ ]?" + cell + rb"(?=[ ]?" + sign + rb"|[\r\n]|\Z)"
        )
        counts.append(len(re.findall(pattern, text[:N_BYTES], re.MULTILINE)))
    return b"'" if counts[1] > max(1, counts[0]) else b'"'


def _with_escape(text: bytes, grammar: Grammar) -> Grammar:
    best, fewest = grammar, None
    for escape in (grammar.quote, *ESCAPES):
        if escape != grammar.quote and escape + grammar.quote not in text:
            continue
        tried = Grammar(grammar.delimiter, grammar.quote, escape)
        found = list(records(text, tried, n_most=N_RECORDS, n_bytes=N_BYTES))
        width = width_of(found)
        n_bad = sum(bool(r.fault) or len(r.values) != width for r in found)
        n_bad += sum(has_stray(r, tried) for r in found)
        if fewest is None or n_bad < fewest:
            best, fewest = tried, n_bad
    return best


def has_stray(found: Cells, grammar: Grammar) -> bool:
    """Say whether a quote stands inside a cell that does not begin with one."""
    return bool(grammar.quote) and any(
        grammar.quote in raw and not raw.lstrip().startswith(grammar.quote)
        for raw in found.raw
    )


def width_of(found: list[Cells]) -> int:
    """Return the number of cells that most records have, the first such at a draw."""
    counts = Counter(len(r.values) for r in found if not is_blank(r))
    return counts.most_common(1)[0][0] if counts else 1


def is_blank(found: Cells) -> bool:
    """Say whether a record is a line with nothing on it but blanks."""
    return len(found.values) == 1 and not found.raw[0].strip()


def _score(text: bytes, grammar: Grammar) -> float:
    found = [
        r
        for r in records(text, grammar, n_most=N_RECORDS, n_bytes=N_BYTES)
        if not is_blank(r)
    ]
    if not found:
        return 0.0
    # At a draw the wider table wins: the narrow lines are remarks around it.
    counts = Counter(len(r.values) for r in found)
    most = max(counts.values())
    width = max(width for width, n in counts.items() if n == most)
    if width < 2:
        return 0.0
    share = most / len(found)
    cells = [raw for r in found[:200] for raw in r.raw]
    pure = sum(_is_pure(raw, grammar) for raw in cells) / len(cells)
    score = share * (0.3 + 0.7 * pure) * (1 - 0.5 / width)
    if grammar.delimiter in USUAL or len(grammar.delimiter) > 1:
        score *= 1.0
    else:
        score *= 0.9
    if width == 2 and _is_one_column(found, grammar):
        return 0.0
    if grammar.delimiter in NEEDS_HEADER and not _is_sure(found, grammar, width, share):
        return 0.0
    return score if grammar.delimiter in USUAL or share >= 0.8 else 0.0


def _is_pure(raw: bytes, grammar: Grammar) -> bool:
    return (
        bool(grammar.quote and raw.lstrip().startswith(grammar.quote))
        or not any(sign in raw for sign in USUAL)
        or bool(_NUMBER.fullmatch(raw))
    )


def _is_one_column(found: list[Cells], grammar: Grammar) -> bool:
    """Say whether a name stands above texts that hold the sign and a space, as texts."""
    if len(found[0].values) != 1 or grammar.delimiter == b" ":
        return False
    body = [r for r in found[1:] if len(r.values) == 2]
    return all(
        r.raw[1].startswith(b" ") and not any(_NUMBER.fullmatch(v) for v in r.values)
        for r in body
    )


def _is_sure(found: list[Cells], grammar: Grammar, width: int, share: float) -> bool:
    """Say whether signs that texts hold too divide cells: names, and numbers below."""
    top, body = found[0], [r.values for r in found[1:] if len(r.values) == width]
    if share < 0.9 or len(top.values) != width or not body:
        return False
    named = all(top.values) and len(set(top.values)) == width
    named = named and not any(_DIGITS.fullmatch(cell) for cell in top.values)
    columns = zip(*body, strict=True)
    n_numbers = sum(all(_DIGITS.fullmatch(v) for v in c if v) and any(c) for c in columns)
    is_clock = grammar.delimiter == b":" and n_numbers == width
    is_even = share == 1 and width > 2 and len(body) > 1 and n_numbers > 0
    return (named and n_numbers > 0) or (is_even and not is_clock)


def _is_spaced(text: bytes, grammar: Grammar) -> bool:
    """Say whether a space stands behind every delimiter."""
    n_seen = 0
    seen = list(records(text, grammar, n_most=N_RECORDS, n_bytes=N_BYTES))
    width = width_of(seen)
    for found in seen:
        if len(found.raw) != width:
            continue
        for raw in found.raw[1:-1]:
            n_seen += 1
            if not raw.startswith(b" "):
                return False
        last = found.raw[-1]
        if len(found.raw) > 1 and last and not last.startswith(b" "):
            return False
        n_seen += len(found.raw) > 1
    return n_seen > 1


def named_otherwise(line: bytes, grammar: Grammar, width: int) -> list[bytes] | None:
    """Return the names on a line that is written with another delimiter, or None."""
    for sign in (*USUAL, b" "):
        if sign == grammar.delimiter or line.count(sign) < width - 1:
            continue
        found = Grammar(sign, grammar.quote, grammar.escape).record(line, 0)
        names = {cell.strip() for cell in found.values}
        is_named = len(found.values) == width == len(names) and all(names)
        if is_named and not any(_DIGITS.fullmatch(name) for name in names):
            return found.values
    return None
