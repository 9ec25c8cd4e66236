"""Chooses the columns a model may use, and turns them into what estimators take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.records import ColumnProfile

MAX_FEATURES = 200
MAX_LEVELS = 50

MISSING = "(missing)"
NUMBER, CATEGORY, DATE = "number", "category", "date"
DATE_PARTS = ("year", "month", "weekday", "hour", "day_number")


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the data that a model may use, and how."""

    name: str
    kind: str


def choose(
    schema: Any, profiles: Sequence[ColumnProfile], target: str
) -> tuple[list[Feature], dict[str, str]]:
    """Return the usable columns, and the others with the reason they are left out.

    Parameters
    ----------
    schema
        Ibis schema of the table.
    profiles
        Profiles of its columns; without them types alone decide.
    """
    by_name = {profile.column_name: profile for profile in profiles}
    features: list[Feature] = []
    excluded: dict[str, str] = {}
    for name, kind in schema.items():
        if name == target:
            continue
        profile = by_name.get(name)
        reason = _reason(profile) if profile else _reason_of_type(kind)
        if reason is None and len(features) >= MAX_FEATURES:
            reason = f"more than {MAX_FEATURES} columns"
        if reason is not None:
            excluded[name] = reason
        else:
            features.append(Feature(name, _kind(kind, profile)))
    return features, excluded


def _reason(profile: ColumnProfile) -> str | None:
    reasons = {
        "identifier": "an identifier says nothing about new rows",
        "constant": "one value only",
        "ignored": f"columns of type {profile.data_type} are not used",
        "text": "free text is not used",
    }
    if profile.n_distinct == 0:
        return "no values"
    if profile.family in ("date", "timestamp"):
        return None
    if profile.family == "text" and profile.n_distinct > MAX_LEVELS:
        if profile.role == "dimension" and profile.n_distinct <= 20 * MAX_LEVELS:
            return None
        return reasons.get(profile.role, f"{profile.n_distinct:,} different texts")
    return reasons.get(profile.role)


def _reason_of_type(kind: Any) -> str | None:
    usable = kind.is_numeric() or kind.is_boolean() or kind.is_string()
    if usable or kind.is_date() or kind.is_timestamp():
        return None
    return f"columns of type {kind} are not used"


def _kind(kind: Any, profile: ColumnProfile | None) -> str:
    if kind.is_date() or kind.is_timestamp():
        return DATE
    if kind.is_string() or kind.is_boolean():
        return CATEGORY
    # A number with few values that names things (a class, a code) is kept as a number:
    # trees split it as well, and the order may matter.
    del profile
    return NUMBER


def frame(table: Any, features: Sequence[Feature]) -> Any:
    """Return a pandas frame of float and object columns, dates taken apart.

    Missing values are NaN in numbers and a level of their own in categories. Column
    ``i`` of a feature is named ``f<i>`` (dates: ``f<i>_<part>``), so that names from the
    data reach no library.
    """
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    for i, feature in enumerate(features):
        values = table.column(f"f{i}")
        if feature.kind == NUMBER:
            numbers = values.to_pandas().astype("float64")
            columns[f"f{i}"] = numbers.where(np.isfinite(numbers))
        elif feature.kind == CATEGORY:
            columns[f"f{i}"] = values.fill_null(MISSING).to_pandas().astype(object)
        else:
            for part, found in _date_parts(pd.to_datetime(values.to_pandas())).items():
                columns[f"f{i}_{part}"] = found
    return pd.DataFrame(columns)


def _date_parts(moments: Any) -> dict[str, Any]:
    parts = {
        "year": moments.dt.year,
        "month": moments.dt.month,
        "weekday": moments.dt.day_of_week,
        "hour": moments.dt.hour,
        "day_number": (moments - moments.min()).dt.total_seconds() / 86_400,
    }
    found = {name: values.astype("float64") for name, values in parts.items()}
    return {name: values for name, values in found.items() if values.nunique() > 1}


def origins(columns: Sequence[str]) -> list[list[int]]:
    """Return the positions of the frame's columns by feature, in feature order."""
    by_feature: dict[int, list[int]] = {}
    for position, name in enumerate(columns):
        by_feature.setdefault(int(name[1:].split("_")[0]), []).append(position)
    return [by_feature.get(i, []) for i in range(max(by_feature, default=-1) + 1)]


def preprocess(X: Any, *, for_trees: bool) -> Any:
    """Return an unfitted transformer for a frame made by `frame`.

    Trees take numbers as they are and categories as ordinal codes; linear models take
    imputed, scaled numbers and one-hot categories. Rare levels are grouped.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    texts = [i for i, dtype in enumerate(X.dtypes) if str(dtype) in ("object", "str")]
    numbers = [i for i in range(X.shape[1]) if i not in set(texts)]
    if for_trees:
        codes = OrdinalEncoder(
            handle_unknown="use_encoded_value",
            unknown_value=-1,
            max_categories=MAX_LEVELS,
        )
        return ColumnTransformer(
            [("numbers", "passthrough", numbers), ("texts", codes, texts)]
        )
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=MAX_LEVELS,
        min_frequency=5,
        sparse_output=False,
    )
    scaled = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True, add_indicator=True),
        StandardScaler(),
    )
    return ColumnTransformer([("numbers", scaled, numbers), ("texts", levels, texts)])
