"""Near duplicates, personal data and encoding damage agree with brute force."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import dsp
from dsp.checks import DataValidator, Validation

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

LANGUAGES = (
    "Zürich|Malmö|São Paulo|Ångström|Łódź|Čeština|Ελλάδα|Москва|Київ|日本語|中文|한국어"
    "|العربية|עברית|français|naïve|it’s|€5|🦆|Straße|ñandú|Đà Nẵng|İstanbul|Þór"
)
CLEAN = (
    "L’ÉTÉ “CAFÉ” À – Ü… DÉJÀ VU|ÄÖÜ „so“|20 °C, 5 × 3|«Ñ»|SÃO|½ Ð|Nº 5|A\tb|"
    + LANGUAGES
)  # fmt: skip


def checked(engine: DuckEngine, rule: dsp.Rule, **columns: Any) -> Validation:
    engine.put(pa.table(columns), "data")
    return DataValidator(engine).validate(engine.table("data"), rules=[rule])


def n_failed(engine: DuckEngine, rule: dsp.Rule, **columns: Any) -> int:
    validation = checked(engine, rule, **columns)
    assert validation.problems == ()
    (result,) = validation.results
    assert engine.rows(result.evidence_sql) == [(result.n_failed,)]
    return result.n_failed


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_utf_8_read_as_another_encoding_is_seen(engine: DuckEngine, encoding: str):
    texts = [t.encode().decode(encoding, "replace") for t in LANGUAGES.split("|")]
    assert n_failed(engine, dsp.rule("no_encoding_damage", "x"), x=texts) == len(texts)


def test_texts_of_many_languages_are_no_damage(engine: DuckEngine):
    texts = CLEAN.split("|")
    assert n_failed(engine, dsp.rule("no_encoding_damage", "x"), x=texts) == 0


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain).lower()


def edits(a: str, b: str) -> int:
    """Return insertions, deletions, changes and swaps of neighbours between texts."""
    rows = [[i + j if not (i and j) else 0 for j in range(len(b) + 1)]
            for i in range(len(a) + 1)]  # fmt: skip
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1,
                       rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))  # fmt: skip
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i][j] = best
    return rows[-1][-1]


def brute_force(texts: list[str], most: int) -> int:
    """Return the rows whose text is nearly a more frequent one, comparing all pairs."""
    counts = Counter(texts)
    keys = Counter(folded(t) for t in texts)
    best = {k: min((t for t in counts if folded(t) == k), key=lambda t: (-counts[t], t))
            for k in keys}  # fmt: skip
    near = {
        a
        for a in keys
        for b in keys
        if most and a != b and (-keys[b], b) < (-keys[a], a)
        and min(len(a), len(b)) >= 5
        and re.sub(r"\D", "", a) == re.sub(r"\D", "", b)
        and edits(a, b) <= most
    }  # fmt: skip
    return sum(n for t, n in counts.items() if folded(t) in near or t != best[folded(t)])


def misspelt(rng: random.Random, text: str) -> str:
    place, letter = rng.randrange(len(text)), rng.choice("abcdé- XYZ")
    return rng.choice(
        (
            text,
            text.upper(),
            text[:place] + letter + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place + 1 :],
            text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :],
        )
    )


@pytest.mark.parametrize("most", [0, 1, 2])
def test_near_duplicates_agree_with_all_pairs(engine: DuckEngine, most: int):
    rng = random.Random(most)
    names = ["Hamburg", "Saint-Étienne", "Item 10", "Item 11", "New York", "Ulm", "Köln"]
    texts = [misspelt(rng, misspelt(rng, rng.choice(names))) for _ in range(300)]
    rule = dsp.rule("no_near_duplicates", "x", max_edits=most)
    wanted = brute_force([t for t in texts if folded(t)], most)
    assert wanted > 20
    assert n_failed(engine, rule, x=[*texts, None]) == wanted


def test_columns_are_near_together(engine: DuckEngine):
    rule = dsp.rule("no_near_duplicates", "first", "last")
    first, last = ["Ann", "ANN", "Ann", None], ["Lee", "Lee", "Li", "Lee"]
    assert n_failed(engine, rule, first=first, last=last) == 1


def test_too_many_texts_are_refused(engine: DuckEngine):
    rule = dsp.rule("no_near_duplicates", "x", max_edits=2)
    validation = checked(engine, rule, x=[f"text {i}" for i in range(5_001)])
    assert validation.results[0].outcome == "not_evaluated"
    assert "5,001 different texts" in validation.problems[0].error


PERSONAL = {
    "write to jane.doe@example.com now": True,
    "IBAN DE89 3704 0044 0532 0130 00, thanks": True,
    "card 4111-1111-1111-1111": True,
    "call +49 (30) 901820 today": True,
    "ssn 123-45-6789": True,
    "from 192.0.2.17:443": True,
    "card 4111-1111-1111-1112": False,
    "IBAN DE89 3704 0044 0532 0130 01": False,
    "version 1.2.3.400": False,
    "2024-01-31 12:00:00": False,
    "order 1234567890123": False,
    "a @ b": False,
    "000-12-3456": False,
}


def test_personal_data_inside_of_texts(engine: DuckEngine):
    rule = dsp.rule("no_personal_data", "note")
    for text, holds in PERSONAL.items():
        assert n_failed(engine, rule, note=[text, None]) == holds, text


def test_examples_are_redacted_and_rows_stay_out(engine: DuckEngine):
    rule = dsp.rule("no_personal_data", tolerance="50%")
    validation = checked(
        engine,
        rule,
        contact=["jane@example.com", "zoe@example.com", "none"],
        last_name=["Doe", None, None],
    )
    (result,) = validation.results
    assert (result.outcome, result.n_failed, result.n_rows) == ("failed", 2, 3)
    assert result.observed == (
        "Personal data in 2 of 3 rows (66.7%): contact holds e-mail addresses in 66.7% "
        "of its values, such as j•••@•••••••.•om; the name of last_name says so."
    )
    assert validation.failures == ()


def test_a_type_that_cannot_be_looked_for(engine: DuckEngine):
    rule = dsp.rule("no_personal_data", types=["isbn"])
    assert 'type "isbn" cannot be' in checked(engine, rule, x=["a"]).problems[0].error
