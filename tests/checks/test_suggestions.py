from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import ibis
import pytest

import dsp
from dsp.checks import DataValidator, Rules
from dsp.checks.suggestions import Suggestion, document, suggest
from dsp.cli.entry import run

N = 2_000


def orders(seed: int, start: int = 0) -> dict[str, list[Any]]:
    """Return orders: a key, a small set, a limited number, a code, a sum, gaps."""
    rng = random.Random(seed)
    net = [rng.randrange(100, 90_000) / 100 for _ in range(N)]
    tax = [round(value * 0.25, 2) for value in net]
    return {
        "order_id": [start + i + 1 for i in range(N)],
        "channel": [rng.choice(["web", "shop", "phone"]) for _ in range(N)],
        "rating": [rng.choice([1, 2, 3, 4, 5]) for _ in range(N)],
        "sku": [f"SKU-{rng.randrange(10_000):04d}" for _ in range(N)],
        "net": net,
        "tax": tax,
        "gross": [a + b for a, b in zip(net, tax, strict=True)],
        "note": [None if rng.random() < 0.4 else "x" * rng.randrange(1, 9) for _ in net],
    }


def read_back(proposed: tuple[Suggestion, ...], folder: Path) -> list[Any]:
    """Return the rules of a written file, without the ids that reading gives."""
    path = folder / "rules.toml"
    path.write_text(document(proposed, ["orders\n[columns.x]"]), encoding="utf-8")
    return [rule.but(rule_id=None, origin=None) for rule in Rules.from_file(path)]


@pytest.fixture(scope="module")
def proposed() -> tuple[Suggestion, ...]:
    return suggest(ibis.memtable(orders(1)))


def of(proposed: tuple[Suggestion, ...], kind: str) -> dict[tuple[str, ...], Any]:
    return {
        s.rule.columns: dict(s.rule.parameters) for s in proposed if s.rule.kind == kind
    }


def test_what_was_built_in_is_found(proposed: tuple[Suggestion, ...]) -> None:
    assert ("order_id",) in of(proposed, "unique") | of(proposed, "primary_key")
    assert of(proposed, "one_of")["channel",] == {"values": ("phone", "shop", "web")}
    assert of(proposed, "one_of")["rating",] == {"values": (1, 2, 3, 4, 5)}
    assert of(proposed, "matches")["sku",] == {"pattern": r"SKU-\d{4}"}
    assert of(proposed, "adds_up") == {("net", "tax"): {"total": "gross"}}
    assert ("note",) not in of(proposed, "not_null")
    assert {("net",), ("order_id",), ("sku",)} <= set(of(proposed, "not_null"))


def test_each_says_what_speaks_for_it(proposed: tuple[Suggestion, ...]) -> None:
    assert all(s.evidence and s.n_held == s.n_tests for s in proposed)
    learned = [s for s in proposed if s.rule.kind in ("one_of", "matches", "mean_near")]
    assert learned
    assert all(s.n_tests >= 20 and "held-out blocks" in s.evidence for s in learned)


def failing(data: dict[str, list[Any]], rules: Rules) -> set[str]:
    found = DataValidator().validate(ibis.memtable(data), rules=rules)
    assert found.problems == ()
    return {r.kind for r in found.results if r.outcome == "failed"}


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_new_data_of_the_same_source_raises_no_alarm(
    proposed: tuple[Suggestion, ...], seed: int
) -> None:
    rules = Rules(s.rule for s in proposed)
    assert failing(orders(seed, start=N), rules) == set()


@pytest.mark.parametrize(
    ("column", "spoil", "kinds"),
    [
        ("channel", lambda v, i: "fax" if i < 20 else v, {"one_of"}),
        ("rating", lambda v, i: 50 if i < 20 else v, {"one_of"}),
        ("sku", lambda v, i: v.lower() if i < 20 else v, {"matches"}),
        ("net", lambda v, i: v * 1000 if i < 20 else v, {"in_range", "adds_up"}),
        ("net", lambda v, i: None if i < 20 else v, {"not_null"}),
        ("order_id", lambda v, i: 7 if i < 20 else v, {"unique"}),
        ("note", lambda v, i: "x" if i % 2 else None, {"share_near"}),
    ],
)
def test_planted_faults_are_caught(
    proposed: tuple[Suggestion, ...], column: str, spoil: Any, kinds: set[str]
) -> None:
    data = orders(2, start=N)
    data[column] = [spoil(value, i) for i, value in enumerate(data[column])]
    assert kinds <= failing(data, Rules(s.rule for s in proposed))


def test_the_file_reads_back_to_the_same_rules(
    proposed: tuple[Suggestion, ...], tmp_path: Path
) -> None:
    assert read_back(proposed, tmp_path) == [s.rule for s in proposed]


HOSTILE = ['a"b', "new\nline = 1", "[x]", "#", "tab\t", "back\\slash", "'''", '"""', ""]


def test_names_and_values_stay_data(tmp_path: Path) -> None:
    names = [f"{name}{i}" for i, name in enumerate(HOSTILE)]
    data = {name: [HOSTILE[i % 9] for i in range(900)] for name in names}
    proposed = suggest(ibis.memtable(data))
    assert read_back(proposed, tmp_path) == [s.rule for s in proposed]
    assert {s.rule.columns[0] for s in proposed if s.rule.columns} == set(names)


def test_the_same_table_gives_the_same_rules(proposed: tuple[Suggestion, ...]) -> None:
    assert suggest(ibis.memtable(orders(1))) == proposed
    assert dsp.Rules.infer(ibis.memtable(orders(1))) == Rules(s.rule for s in proposed)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_rows_give_only_columns_and_types(n: int) -> None:
    data = {"a": list(range(n)), "b": ["x"] * n}
    table = ibis.memtable(data, schema={"a": "int64", "b": "string"})
    assert {s.rule.kind for s in suggest(table)} <= {"columns", "column_type"}


def test_the_command_writes_a_file_that_validate_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, rules = tmp_path / "orders.parquet", tmp_path / "rules.toml"
    ibis.memtable(orders(1)).to_parquet(source)
    assert run(["schema", "infer", str(source), "-o", str(rules)]) == 0
    assert rules.read_text("utf-8").startswith(
        "# Rules proposed by dsp from orders.parquet"
    )
    assert run(["validate", str(source), "--rules", str(rules)]) == 0
    assert run(["schema", "infer", str(source), "-o", str(rules)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(["schema", "infer", str(source), "-o", str(tmp_path / "r.yaml")]) == 2
    assert "name a file that ends in .toml" in capsys.readouterr().err
    assert run(["schema", "infer", str(source), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "dsp.suggestions/1"
    assert "one_of.channel" in [rule["rule_id"] for rule in found["rules"]]
