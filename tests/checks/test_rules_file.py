from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

import dsp
from dsp.checks import Rules, Tolerance
from dsp.checks.lines import toml_lines
from dsp.errors import RuleError

if TYPE_CHECKING:
    from pathlib import Path

TOML = """\
[defaults]
severity = "warning"

[columns.price]
type = "decimal"
not_null = true
min = 0
max = 10.5
tolerance = "1%"

[columns."odd.name"]
one_of = ["a", "b"]
severity = "critical"
length = { max = 3, severity = "info" }

[table]
row_count = { min = 1 }

[[rules]]
kind = "unique"
columns = ["a", "b"]
where = "a > 0"

[[rules]]
kind = "foreign_key"
column = "a"
to = "other.csv"
tolerance = { share = 0.5, count = 2 }
id = "fk"
name = "a is known"
"""
YAML = """\
defaults: {severity: warning}
columns:
  price: {type: decimal, not_null: true, min: 0, max: 10.5, tolerance: "1%"}
  odd.name:
    one_of: [a, b]
    severity: critical
    length: {max: 3, severity: info}
table:
  row_count: {min: 1}
rules:
  - {kind: unique, columns: [a, b], where: a > 0}
  - kind: foreign_key
    column: a
    to: other.csv
    tolerance: {share: 0.5, count: 2}
    id: fk
    name: a is known
"""
PYTHON = [
    dsp.rule("not_null", "price", severity="warning", tolerance="1%"),
    dsp.rule("column_type", "price", type="decimal", severity="warning", tolerance=0.01),
    dsp.rule("in_range", "price", min=0, max=10.5, severity="warning", tolerance=0.01),
    dsp.rule("one_of", "odd.name", values=["a", "b"], severity="critical"),
    dsp.rule("length", "odd.name", max=3, severity="info"),
    dsp.rule("row_count", min=1, severity="warning"),
    dsp.rule("unique", "a", "b", where="a > 0", severity="warning"),
    dsp.rule(
        "foreign_key",
        "a",
        to="other.csv",
        tolerance=Tolerance(0.5, 2),
        rule_id="fk",
        name="a is known",
        severity="warning",
    ),
]


def written(folder: Path, text: str, name: str = "rules.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "name"), [(TOML, "r.toml"), (YAML, "r.yaml")])
def test_files_and_python_give_the_same_rules(tmp_path: Path, text: str, name: str):
    rules = Rules.from_file(written(tmp_path, text, name))
    by_id = {r.known_as: r for r in rules}
    assert by_id == {r.known_as: r for r in PYTHON}
    assert len(rules) == len(PYTHON)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[columns.price]\n\nmin = 0\nnotnull = true\n",
            (
                r'line 4, columns.price.notnull: there is no rule called "notnull"\n\n'
                "Hint: did you mean not_null"
            ),
        ),
        (
            '[[rules]]\nkind = "unique"\ncolumn = "a"\n[[rules]]\nkind = "uniqque"\n',
            (
                r'line 5, rules\[2\].kind: there is no kind of rule called "uniqque"'
                r"\n\nHint: did you mean unique"
            ),
        ),
        (
            '[[rules]]\nkind = "in_range"\ncolumn = "a"\nmni = 3\n',
            (
                r'line 4, rules\[1\].mni: in_range has no parameter "mni"'
                r'\n\nHint: did you mean "min"'
            ),
        ),
        (
            "[columns.a]\nmin_length = 'x'\n",
            "line 2, columns.a.min_length: min of length must be a whole number, not",
        ),
        (
            '[columns.a]\nnot_null = true\nseverity = "fatal"\n',
            r"line 3, columns.a.severity: severity cannot be 'fatal'",
        ),
        ("[defaults]\ntolerance = 7.5\n", "line 2, defaults.tolerance: tolerance cannot"),
        ('[[rules]]\nkind = "unique"\n', "unique takes 1 or more columns, 0 given"),
        ('[[rules]]\ncolumn = "a"\n', r"line 1, rules\[1\]: the rule has no kind"),
        ("[column.a]\nmin = 1\n", 'no key called "column"\n\nHint: did you mean columns'),
        ("[columns.a]\nunique = 3\n", "unique cannot be 3"),
        ("[columns.a]\nmin = \n", "rules.toml is not valid TOML"),
        ('[columns.a]\none_of = "a"\n', "values of one_of must be a list of values"),
        (
            "[columns.a]\nmin = true\n[columns.b]\nmax = true\n",
            r"columns.a.min: .*not True \(and 1 more in this file\)",
        ),
    ],
)
def test_what_is_wrong_is_said_with_line_and_key(tmp_path: Path, text: str, message: str):
    with pytest.raises(RuleError, match=message):
        Rules.from_file(written(tmp_path, text))


def test_yaml_errors_have_lines(tmp_path: Path):
    text = "columns:\n  a:\n    not_null: true\n    min: [1]\n"
    with pytest.raises(RuleError, match=r"r.yml, line 4, columns.a.min: min of in_range"):
        Rules.from_file(written(tmp_path, text, "r.yml"))
    with pytest.raises(RuleError, match=r"r.yml is not valid YAML"):
        Rules.from_file(written(tmp_path, "a: [", "r.yml"))


def test_a_file_extends_others(tmp_path: Path):
    (tmp_path / "base").mkdir()
    written(
        tmp_path,
        '[defaults]\nseverity = "warning"\n[columns.a]\nnot_null = true\nunique = true\n'
        "min = 0\n",
        "base/all.toml",
    )
    text = 'extends = "base/all.toml"\n[columns.a]\nmin = 5\nunique = false\n'
    text += "max_length = 3\n"
    rules = Rules.from_file(written(tmp_path, text))
    assert list(rules) == [
        dsp.rule("not_null", "a", severity="warning"),
        dsp.rule("in_range", "a", min=5, severity="warning"),
        dsp.rule("length", "a", max=3, severity="warning"),
    ]


def test_files_do_not_extend_themselves(tmp_path: Path):
    written(tmp_path, 'extends = "b.toml"', "a.toml")
    written(tmp_path, 'extends = ["a.toml"]', "b.toml")
    with pytest.raises(RuleError, match=r"a.toml extends itself"):
        Rules.from_file(tmp_path / "a.toml")


def test_rules_of_one_kind_and_column_get_numbers(tmp_path: Path):
    text = "[columns.a]\nmatches = [{ pattern = 'x' }, { pattern = 'y' }]\n"
    rules = Rules.from_file(written(tmp_path, text))
    assert [r.known_as for r in rules] == ["matches.a", "matches.a-2"]


def test_other_tables_are_found_beside_the_file(tmp_path: Path):
    written(tmp_path, "id\n1\n", "known.csv")
    text = '[[rules]]\nkind = "foreign_key"\ncolumn = "id"\nto = "known.csv"\n'
    (rule,) = Rules.from_file(written(tmp_path, text))
    assert rule.parameters["to"] == str(tmp_path / "known.csv")


def test_lines_of_keys_in_tables_and_lists():
    text = (
        'a.b = """\nc = 1\n"""\n# d = 2\n[[rules]]\nx = 1\n[[rules]] # two\n'
        '"y z" = [\n 1,\n]\n[columns."p.q"]\nmin=1\n'
    )
    assert toml_lines(text) == {
        ("a", "b"): 1,
        ("rules", 0): 5,
        ("rules", 0, "x"): 6,
        ("rules", 1): 7,
        ("rules", 1, "y z"): 8,
        ("columns", "p.q"): 11,
        ("columns", "p.q", "min"): 12,
    }


@pytest.mark.parametrize(
    ("value", "tolerance"),
    [
        (0, Tolerance(count=0)),
        (0.25, Tolerance(share=0.25)),
        ("2.5%", Tolerance(share=0.025)),
        ({"count": 3}, Tolerance(count=3)),
    ],
)
def test_tolerances_as_people_write_them(value: object, tolerance: Tolerance):
    assert Tolerance.of(value) == tolerance


@pytest.mark.parametrize("value", [-1, 1.5, "5", "x%", True, {"rows": 3}, "101%", None])
def test_tolerances_that_are_none(value: object):
    with pytest.raises(RuleError, match="tolerance cannot be"):
        Tolerance.of(value)


def test_both_parts_of_a_tolerance_must_hold():
    tolerance = Tolerance(share=0.1, count=5)
    cases = [(5, 50), (6, 60), (5, 49)]
    assert [tolerance.allows(n, rows) for n, rows in cases] == [True, False, False]


def test_rules_are_rules():
    with pytest.raises(RuleError, match="'x' is no rule"):
        Rules(["x"])  # type: ignore[list-item]
    with pytest.raises(RuleError, match="a int names no rules"):
        Rules.of(3)
    with pytest.raises(RuleError, match="the expression of 'x' is no function"):
        dsp.check("x", "price > 0")  # type: ignore[arg-type]


def test_rules_that_are_optional_do_without_their_columns(tmp_path: Path):
    text = "[columns.a]\nnot_null = true\noptional = true\n[columns.b]\nnot_null = true\n"
    rules = Rules.from_file(written(tmp_path, text))
    found = dsp.validate({"b": [1]}, rules=rules)
    assert [(r.outcome, r.n_failed) for r in found.results] == [
        ("not_evaluated", 0),
        ("passed", 0),
    ]
    assert (found.blocked, found.problems, found.passed) == ((), (), True)
    with pytest.raises(RuleError, match="optional must be true or false, not 3"):
        dsp.rule("not_null", "a", optional=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "name"), [(TOML, "r.toml"), (YAML, "r.yaml")])
def test_mutated_files_give_rules_or_one_clear_line(tmp_path: Path, text: str, name: str):
    rng = random.Random(11)
    pieces = ["[", "]", "{", "}", '"', "'", "=", ":", "\n", "- ", "\x00", "é", "1e999"]
    pieces += ["true", "null", "nan", "[[rules]]\n", "min", "kind", "2020-01-01", "&a *a"]
    refused, said = 0, []
    for _ in range(400):
        mutated = text
        for _ in range(rng.randint(1, 4)):
            at, cut = rng.randrange(len(mutated)), rng.randint(0, 6)
            mutated = mutated[:at] + rng.choice(pieces) + mutated[at + cut :]
        path = written(tmp_path, mutated, name)
        try:
            Rules.from_file(path)
        except RuleError as error:
            refused += 1
            said.append(error.as_line())
    assert [line for line in said if str(tmp_path / name) not in line] == []
    assert [line for line in said if "\n" in line] == []
    assert 100 < refused < 400


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"\xff\xfe\x00", "r.toml", "cannot be read"),
        (b"[1, 2]", "r.yaml", "must hold names and values"),
        (b"{", "r.json", "is not valid JSON"),
        (b"x = 1", "r.txt", "is no rules file by its name"),
        (b"rules: 3", "r.yaml", r"line 1, rules: rules must be a list"),
        (b"columns: [a]", "r.yaml", "columns: it must hold names and values"),
        (b"", "r.yaml", None),
        (b"", "r.toml", None),
    ],
)
def test_files_that_are_no_rules(
    tmp_path: Path, content: bytes, name: str, message: str | None
):
    (tmp_path / name).write_bytes(content)
    if message is None:
        assert len(Rules.from_file(tmp_path / name)) == 0
        return
    with pytest.raises(RuleError, match=message):
        Rules.from_file(tmp_path / name)
    with pytest.raises(RuleError, match="cannot be read"):
        Rules.from_file(tmp_path)
