"""Chooses the types of text columns: proposed from a sample, proved over every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import literal
from dsp.engine.words import MISSING, PLACEHOLDERS
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.sources.kinds import NO_VALUE, Kind
from dsp.sources.plans import Plan, plan, wider
from dsp.sources.suspects import proposals
from dsp.sources.wishes import Wishes, wished

N_SAMPLE = 500
N_COLUMNS_A_QUERY = 100
N_CHARACTERS = 100
N_DIGITS = 38
MOST = 0.9
"""Share of values of a type from which on it is worth saying that others are not."""
_DASHES = frozenset({"-", "--", "---", "–", "—"})
_PLAIN = "-?(0|[1-9][0-9]*)([.][0-9]+)?"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided for a column.

    Attributes
    ----------
    sql
        SQL that reads the column.
    kind
        Family of the type; None for text.
    note
        What was assumed, or why the column stays text.
    missing
        Words that were read as missing values, and how often.
    suspect
        A number that may stand for missing values.
    """

    sql: str
    kind: str | None = None
    note: str | None = None
    missing: Mapping[str, int] = field(default_factory=dict)
    suspect: str = ""


def choose(
    engine: DuckEngine,
    table: str,
    columns: Sequence[str],
    *,
    numbers: bool,
    names: Sequence[str] = (),
    wishes: Wishes | None = None,
) -> list[Choice]:
    """Return how to read each text column of a table.

    Parameters
    ----------
    table, columns
        Quoted names; columns are text.
    numbers
        Also look for booleans and numbers, not only dates and times.
    names
        Names of the columns, as `wishes` has them.
    wishes
        What the user asks.
    """
    result: list[Choice] = []
    for start in range(0, len(columns), N_COLUMNS_A_QUERY):
        chunk = list(columns[start : start + N_COLUMNS_A_QUERY])
        asked = list(names[start : start + N_COLUMNS_A_QUERY]) or [""] * len(chunk)
        chooser = _Chooser(engine, table, chunk, wishes or Wishes(), numbers=numbers)
        result += chooser.choices(asked)
    return result


def said(
    engine: DuckEngine, table: str, names: Sequence[str], choices: Sequence[Choice]
) -> dict[str, Any]:
    """Return the decisions about types and missing values, by names of columns."""
    pairs = list(zip(names, choices, strict=True))
    found = {
        "types": {name: choice.note for name, choice in pairs if choice.note},
        "missing": {name: dict(c.missing) for name, c in pairs if c.missing},
        "proposed": proposals(
            engine, table, {name: (c.sql, c.suspect) for name, c in pairs if c.suspect}
        ),
    }
    return {key: value for key, value in found.items() if value}


def sample_of(
    engine: DuckEngine, table: str, columns: Sequence[str], *, step: int = 1
) -> list[list[str]]:
    """Return distinct stripped texts of every `step`-th row, a list a column."""
    if not columns:
        return []
    listed = ", ".join(f"left({c}, {N_CHARACTERS})" for c in columns)
    rows = engine.rows(f"select {listed} from {table} where rowid % {step} = 0")
    if not rows:
        return [[] for _ in columns]
    return [_distinct(texts) for texts in zip(*rows, strict=True)]


class _Chooser:
    """Decides the types of some columns of one table."""

    def __init__(
        self,
        engine: DuckEngine,
        table: str,
        columns: list[str],
        wishes: Wishes,
        *,
        numbers: bool,
    ) -> None:
        self.engine = engine
        self.table = table
        self.columns = columns
        self.wishes = wishes
        self.numbers = numbers
        self.always = _listed(MISSING)
        self.words = _listed((*MISSING, *PLACEHOLDERS))

    def choices(self, names: Sequence[str]) -> list[Choice]:
        """Return the choice for each column."""
        n_rows = self.engine.rows(f"select count(*) from {self.table}")[0][0]
        step = max(1, n_rows // N_SAMPLE)
        samples = sample_of(self.engine, self.table, self.columns, step=step)
        asked = {i: kind for i, n in enumerate(names) if (kind := self._asked(n))}
        plans = {
            i: plan(texts, self.wishes, numbers=self.numbers)
            for i, texts in enumerate(samples)
            if i not in asked
        }
        found = {i: self._as_asked(i, names[i], kind) for i, kind in asked.items()}
        found |= self._settle_empty(plans)
        found |= self._prove({i: p for i, p in plans.items() if p.kinds})
        found |= self._prove(
            {
                i: wider(plans[i], self.wishes)
                for i, choice in found.items()
                if i in plans and choice.kind is None and plans[i].kinds
            }
        )
        for i, p in plans.items():
            if i in found and found[i].kind:
                found[i] = replace(found[i], suspect=p.suspect)
        choices = [
            found.get(i) or self._text(i, plans[i].note) for i in range(len(self.columns))
        ]
        return self._with_words(choices)

    def _asked(self, name: str) -> str:
        if self.wishes.all_text:
            return self.wishes.for_column(name) or "VARCHAR"
        return self.wishes.for_column(name)

    def _real(self, i: int) -> str:
        """Return SQL of a column without words for missing values."""
        c = self.columns[i]
        return f"case when trim({c}) not in ({self.words}) then {c} end"

    def _text(self, i: int, note: str = "") -> Choice:
        return Choice(self.columns[i], None, note or None)

    def _settle_empty(self, plans: dict[int, Plan]) -> dict[int, Choice]:
        """Return choices for columns without values; `plans` gets those of the others."""
        empty = [i for i, found in plans.items() if found.is_empty]
        named = {
            i: f"case when trim({self.columns[i]}) not in ({self.always}, '') "
            f"then {self.columns[i]} end"
            for i in empty
        }
        counts = self._one_row([f"count({named[i]})" for i in empty])
        settled: dict[int, Choice] = {}
        for i, n in zip(empty, counts, strict=True):
            if n:
                rows = self.engine.rows(
                    f"select distinct left({named[i]}, {N_CHARACTERS}) as text "
                    f"from {self.table} where text is not null limit {N_SAMPLE}"
                )
                texts = _distinct(sorted(row[0] for row in rows))
                plans[i] = plan(texts, self.wishes, numbers=self.numbers)
            elif self.numbers:
                settled[i] = Choice(NO_VALUE.value, NO_VALUE.name, NO_VALUE.note)
        return settled

    def _prove(self, plans: dict[int, Plan]) -> dict[int, Choice]:
        """Return choices that hold for every row; text where the rows refute a plan."""
        parts: list[str] = []
        texts = {
            i: self._real(i) if p.has_words else self.columns[i] for i, p in plans.items()
        }
        for i, p in plans.items():
            parts.append(f"count({texts[i]})")
            for kind in p.kinds:
                parts.append(f"count_if({_filled(kind.valid, texts[i])})")
                proof = _filled(kind.proof, texts[i])
                parts.append(f"count_if({proof})" if proof else "1")
        counts = iter(self._one_row(parts))
        choices: dict[int, Choice] = {}
        for i, p in plans.items():
            n = next(counts)
            tried = [(kind, next(counts), next(counts)) for kind in p.kinds]
            choices[i] = self._decide(i, texts[i], n, tried)
            if n and (choices[i].kind is None or p.is_close):
                proved = [kind for kind, _, n_proofs in tried if n_proofs]
                choices[i] = self._exact(i, texts[i], n, proved) or choices[i]
        return choices

    def _decide(
        self, i: int, text: str, n: int, tried: list[tuple[Kind, int, int]]
    ) -> Choice:
        whole = [(kind, n_proofs) for kind, n_valid, n_proofs in tried if n_valid == n]
        proved = [kind for kind, n_proofs in whole if n_proofs]
        if not n:
            return self._text(i)
        if proved:
            first = proved[0]
            if first.rival and any(k.rival == first.rival for k in proved[1:]):
                note = "text; fits day/month and month/day alike (option dates)"
                return self._text(i, note)
            return Choice(_filled(first.value, text), first.name, first.note or None)
        if whole:
            kind = whole[0][0]
            written = kind.note.partition("; ")[2]
            note = f"text; may be {written}, which no value proves"
            if "comma" in written:
                note = "text; 1,234 could be a thousand or a decimal (option decimal)"
            return self._text(i, note)
        kind, n_valid, _ = max(tried, key=lambda item: item[1])
        note = f"text; {counted(n - n_valid, 'value')} of {n:,} not {kind.name}"
        return self._text(i, note if n_valid > MOST * n else "")

    def _exact(self, i: int, text: str, n: int, kinds: list[Kind]) -> Choice | None:
        """Return an exact decimal for digits that a double would round."""
        for kind in kinds:
            if not kind.number or kind.name != "float":
                continue
            number = f"trim({_filled(kind.number, text)})"
            n_plain, whole, fraction = self._one_row(
                [
                    f"count_if(regexp_full_match({number}, '{_PLAIN}'))",
                    f"max(length(ltrim(split_part({number}, '.', 1), '-')))",
                    f"max(length(split_part({number}, '.', 2)))",
                ]
            )
            if n != n_plain:
                continue
            if whole + fraction > N_DIGITS:
                note = f"text; {whole + fraction} digits, a decimal holds {N_DIGITS}"
                return self._text(i, note)
            target = f"decimal({whole + fraction}, {fraction})"
            note = kind.note.replace("float", target, 1)
            return Choice(f"cast({number} as {target})", target, note or None)
        return None

    def _as_asked(self, i: int, name: str, asked: str) -> Choice:
        """Return the type that the user wants, when every value has it.

        Raises
        ------
        SettingError
            A value has not.
        """
        kind = wished(asked)
        if kind is None:
            return self._text(i)
        text = self._real(i)
        valid = _filled(kind.valid, text)
        n_bad, example = self._one_row(
            [f"count_if(not ({valid}))", f"min({text}) filter (where not ({valid}))"]
        )
        if n_bad:
            raise SettingError(
                f'column "{name}" cannot be {asked}: {counted(n_bad, "value")} not of '
                f'that type, such as "{str(example)[:40]}"',
                hint="ask for VARCHAR, or name words for missing values with null=",
            )
        return Choice(_filled(kind.value, text), kind.name, kind.note)

    def _with_words(self, choices: list[Choice]) -> list[Choice]:
        """Return choices with what was read as missing, counted."""
        typed = [i for i, choice in enumerate(choices) if choice.kind]
        found = self._one_row(
            [
                f"histogram(case when trim({c}) in ({self.words}) then trim({c}) end)"
                for c in (self.columns[i] for i in typed)
            ]
        )
        result = list(choices)
        for i, counts in zip(typed, found, strict=True):
            if not counts:
                continue
            missing = {str(word): int(n) for word, n in counts.items()}
            choice = choices[i]
            is_account = "amounts" in (choice.note or "") or "paren" in (
                choice.note or ""
            )
            if is_account and not _DASHES.isdisjoint(missing):
                result[i] = self._text(i, "text; a dash may be zero or missing")
                continue
            said = ", ".join(f"{word} ({n:,})" for word, n in missing.items())
            note = f"{choice.note or choice.kind}; missing where {said}"
            result[i] = replace(choice, note=note, missing=missing)
        return result

    def _one_row(self, parts: list[str]) -> Any:
        if not parts:
            return ()
        return self.engine.rows(f"select {', '.join(parts)} from {self.table}")[0]


def _distinct(texts: Iterable[str | None]) -> list[str]:
    stripped = (text.strip() for text in texts if text is not None)
    return [text for text in dict.fromkeys(stripped) if text]


def _filled(sql: str, column: str) -> str:
    return sql.replace("{c}", column)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in dict.fromkeys(words))
