"""Folds and hold-out: alike in the target, and never with one group on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.models.splits import deal, draw, forward, split, tied


def test_every_row_is_held_out_once() -> None:
    y = np.random.default_rng(0).normal(size=103)
    folds = draw(y, groups=np.arange(103), is_number=True, seed=3)
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(103))
    for fit, held in folds:
        assert sorted(np.concatenate([fit, held])) == list(range(103))


def test_folds_are_alike_in_their_classes() -> None:
    y = np.array([0] * 90 + [1] * 10)
    for _, held in draw(y, groups=np.arange(100), is_number=False, seed=0):
        assert (y[held] == 1).sum() == 2
        assert (y[held] == 0).sum() == 18


def test_folds_are_alike_in_a_number() -> None:
    y = np.arange(1_000.0)
    means = [
        y[held].mean()
        for _, held in draw(y, groups=np.arange(1_000), is_number=True, seed=1)
    ]
    # By lot alone they would differ by about 20.
    assert max(means) - min(means) < 15


@given(st.lists(st.integers(0, 12), min_size=30, max_size=80), st.integers(0, 99))
def test_no_group_is_divided(groups: list[int], seed: int) -> None:
    names = np.array(groups)
    strata = np.arange(len(groups)) % 3
    hand = deal(names, strata, 5, seed=seed)
    for name in set(groups):
        assert len(set(hand[names == name])) == 1
    assert set(hand) <= set(range(5))


def test_time_goes_forward() -> None:
    for fit, held in forward(600):
        assert fit.max() < held.min()
    found = split(
        np.arange(600.0),
        groups=np.arange(600),
        is_ordered=True,
        is_number=True,
        seed=0,
    )
    assert found.kind == "time"
    assert found.train.max() < found.test.min()
    assert len(found.test) == 120


def test_rows_alike_are_tied_and_so_are_those_of_an_entity() -> None:
    X = np.array([[1.0, np.nan], [1.0, np.nan], [2.0, 0.0], [2.0, -0.0], [3.0, 1.0]])
    assert tied(X).tolist() == [0, 0, 1, 1, 2] or len(set(tied(X))) == 3
    assert len(set(tied(X)[:2])) == len(set(tied(X)[2:4])) == 1
    # Rows 1 and 2 belong to one owner, so rows 0 to 3 hang together.
    owner = np.array([0, 1, 1, -1, -1])
    groups = tied(X, owner)
    assert len(set(groups[:4])) == 1
    assert groups[4] not in groups[:4]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_seed_gives_the_same_split(seed: int) -> None:
    y = np.random.default_rng(2).integers(0, 3, 200)
    both = [
        split(y, groups=np.arange(200), is_ordered=False, is_number=False, seed=seed)
        for _ in range(2)
    ]
    assert (both[0].test == both[1].test).all()
