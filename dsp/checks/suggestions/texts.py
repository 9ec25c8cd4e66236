"""Proposals for texts: patterns of shapes, lengths, semantic types, tidy ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.checks.base import Field, count_if, name_words, trimmed
from dsp.checks.rule import rule
from dsp.checks.suggestions.record import Seen, Suggestion, held, tested
from dsp.checks.suggestions.summaries import Split
from dsp.engine.relation import literal
from dsp.semantic import TYPES

MOST_SKELETONS = 4
"""Kinds of texts that one pattern may stand for."""
MOST_SHAPES = 2_000
"""Shapes of texts above which a column is free text."""
LEAST = 50
"""Texts below which no pattern is proposed."""
LONGEST = 100
"""Characters of a text that a pattern describes at most."""
MOJIBAKE = "[\u00c3\u00c2][\u0080-\u00bf]|\u00e2\u20ac|\ufffd"
"""UTF-8 that was read as Latin-1 or cp1252, and letters that were lost."""

_RUN = re.compile(r"A+|a+|9+|[^Aa9]")
_CLASSES = {"A": r"\p{Lu}", "a": r"[\p{Ll}\p{Lo}]", "9": r"\d"}

Lengths = tuple[tuple[int, int], ...]
Skeletons = dict[str, Lengths]
"""Skeletons of texts, such as A-9, with the lengths of their runs."""


def shape_key(column: Field) -> str:
    """Return the key of the shapes of a column in `Words`."""
    return f"shape of {column.name}"


def shape_sql(column: Field) -> str:
    """Return SQL of the shape of a text: digits as 9, letters as A and a."""
    text = f"cast({column.sql} as varchar)"
    text = f"case when length({text}) <= {LONGEST} then {text} else '' end"
    for pattern, mark in ((r"\d", "9"), (r"\p{Lu}", "A"), (r"[\p{Ll}\p{Lo}]", "a")):
        text = f"regexp_replace({text}, '{pattern}', '{mark}', 'g')"
    return text


def flags(column: Field) -> dict[str, str]:
    """Return aggregates that count texts that are not tidy, by the kind of the rule."""
    text = f"cast({column.sql} as varchar)"
    broken = r"'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{FFFD}]'"
    return {
        "trimmed": count_if(f"{text} <> {trimmed(text)}"),
        "printable": count_if(f"regexp_matches({text}, {broken})"),
        "not_matches": count_if(f"regexp_matches({text}, {literal(MOJIBAKE)})"),
    }


def semantic_types(seen: Seen, column: Field) -> list[str]:
    """Return the semantic types that the name and some values leave open."""
    texts = list(dict.fromkeys(str(v) for v in seen.sample[column.name]))
    words = name_words(column.name)
    if column.family not in ("text", "enum") or len(texts) < 5:
        return []
    return [name for name, kind in TYPES.items() if kind.may_be(words, texts[:500])]


def semantic_flag(column: Field, name: str) -> str:
    """Return the aggregate that counts texts that are not of a semantic type."""
    return count_if(f"not {TYPES[name].valid_sql(column.sql, 'text')}")


def tidy(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that texts have no padding and no broken letters."""
    n = seen.n_values(column)
    if column.family != "text" or n < LEAST:
        return
    for kind, sql in flags(column).items():
        if seen.count(sql) == 0:
            given: dict[str, Any] = {"pattern": MOJIBAKE} if kind == "not_matches" else {}
            yield Suggestion(rule(kind, column.name, **given), f"0 of {n:,} texts fail")


def semantics(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose the semantic type that all texts have."""
    n = seen.n_values(column)
    if n < LEAST:
        return
    for name in semantic_types(seen, column):
        if seen.figures.get(semantic_flag(column, name)) == 0:
            yield Suggestion(
                rule("semantic", column.name, type=name), f"0 of {n:,} texts fail"
            )
            return


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression with what it was learned from.

    Attributes
    ----------
    pattern
        RE2.
    n_tests
        Held-out parts that it held on.
    n_shapes
        Shapes of texts that it stands for.
    """

    pattern: str
    n_tests: int
    n_shapes: int


def pattern_of(seen: Seen, column: Field) -> Pattern | None:
    """Return the tightest pattern that generalizes, or None.

    Runs of digits and letters have the lengths that were seen where those hold on
    held-out blocks, else any length.
    """
    key = shape_key(column)
    if key not in seen.words or seen.n_values(column) < LEAST:
        return None
    found = skeletons(seen.words.all(key))
    if not found or len(found) > MOST_SKELETONS or "" in found:
        return None
    if all(not set(skeleton) & set("9") and len(skeleton) > 3 for skeleton in found):
        return None
    for is_open in (False, True):

        def test(split: Split, *, is_open: bool = is_open) -> bool | None:
            train = seen.words.of(key, split.way, split.train)
            check = seen.words.of(key, split.way, split.test)
            if not train or not check:
                return None
            return fits(skeletons(train), skeletons(check), is_open=is_open)

        n_held, n_tests = held(seen.blocks.splits, test)
        if n_tests and n_held == n_tests:
            prefix = common_prefix(seen, column)
            parts = [
                regex(s, r, is_open=is_open, prefix=prefix) for s, r in found.items()
            ]
            return Pattern("|".join(sorted(parts)), n_tests, len(seen.words.all(key)))
    return None


def patterns(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose a pattern."""
    found = pattern_of(seen, column)
    if found is not None:
        n = seen.n_values(column)
        yield Suggestion(
            rule("matches", column.name, pattern=found.pattern),
            f"0 of {n:,} texts fail; {tested(found.n_tests, found.n_tests)}",
            found.n_tests,
            found.n_tests,
        )


def skeletons(shapes: dict[str, int]) -> Skeletons:
    """Return the skeletons of shapes, with the least and greatest length of each run.

    Examples
    --------
    >>> skeletons({"A-99": 3, "A-9": 1})
    {'A-9': ((1, 1), (1, 1), (1, 2))}
    """
    found: Skeletons = {}
    for shape in sorted(shapes):
        runs = _RUN.findall(shape)
        skeleton = "".join(run[0] for run in runs)
        lengths = [len(run) for run in runs]
        before = found.get(skeleton, tuple((n, n) for n in lengths))
        found[skeleton] = tuple(
            (min(low, n), max(high, n))
            for (low, high), n in zip(before, lengths, strict=True)
        )
    return found


def fits(learned: Skeletons, new: Skeletons, *, is_open: bool) -> bool:
    """Return whether all new texts have a learned skeleton, in the lengths learned.

    Examples
    --------
    >>> fits({"9": ((1, 2),)}, {"9": ((1, 3),)}, is_open=False)
    False
    """
    for skeleton, lengths in new.items():
        if skeleton not in learned:
            return False
        within = all(
            low <= new_low and new_high <= high
            for (low, high), (new_low, new_high) in zip(
                learned[skeleton], lengths, strict=True
            )
        )
        if not (is_open or within):
            return False
    return True


def regex(skeleton: str, lengths: Lengths, *, is_open: bool, prefix: str = "") -> str:
    r"""Return the regular expression (RE2) of a skeleton.

    Examples
    --------
    >>> regex("A-9", ((3, 3), (1, 1), (1, 4)), is_open=False, prefix="SKU-")
    'SKU-\\d{1,4}'
    >>> regex("9.9", ((1, 3), (1, 1), (2, 2)), is_open=True)
    '\\d+\\.\\d{2}'
    """
    parts: list[str] = []
    left = prefix
    for mark, (low, high) in zip(skeleton, lengths, strict=True):
        if mark not in _CLASSES:
            parts.append(_as_it_is(mark))
            left = left[1:]
            continue
        if low == high and len(left) >= low:
            parts.append(_as_it_is(left[:low]))
            left = left[low:]
            continue
        left = ""
        times = "+" if is_open and low != high else f"{{{low},{high}}}"
        times = ("" if low == 1 else f"{{{low}}}") if low == high else times
        parts.append(_CLASSES[mark] + times)
    return "".join(parts)


def _as_it_is(text: str) -> str:
    """Return the pattern of a text; unlike re.escape it leaves blanks and dashes."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def common_prefix(seen: Seen, column: Field) -> str:
    """Return the letters and marks, not digits, that all texts of a column begin with."""
    low = seen.figures.get(f"min(cast({column.sql} as varchar))")
    high = seen.figures.get(f"max(cast({column.sql} as varchar))")
    if not isinstance(low, str) or not isinstance(high, str):
        return ""
    n = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), 0)
    found = re.match(r"[^\W\d_]*[^\w]*", low[:n])
    return found[0] if found else ""


def is_free_text(texts: Sequence[str]) -> bool:
    """Return whether some texts show that a column has no shape."""
    marks = re.compile(r"[^\W\d_]+|\d+")
    cut = {marks.sub(lambda m: "9" if m[0][0].isdigit() else "a", t) for t in texts}
    return len(cut) > 50
