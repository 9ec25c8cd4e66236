"""Writes down how an estimator is set, and builds it again from that."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from dsp.errors import DspError

LIBRARIES = ("sklearn", "numpy")
"""Packages whose names a description may hold: nothing else is imported from a result."""


def describe(estimator: Any) -> dict[str, Any]:
    """Return class and parameters of an unfitted estimator as plain JSON values.

    Parameters at the default of their class are left out. Estimators inside are
    described in the same way, functions by their name; tuples become lists.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> describe(Ridge(alpha=3.0))
    {'class': 'sklearn.linear_model.Ridge', 'params': {'alpha': 3.0}}
    """
    kind = type(estimator)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(kind).parameters.items()
    }
    params = {
        name: _plain(value)
        for name, value in estimator.get_params(deep=False).items()
        if not _is_same(value, defaults.get(name, inspect.Parameter.empty))
    }
    return {"class": _path(kind), "params": params}


def rebuild(described: dict[str, Any]) -> Any:
    """Return the unfitted estimator that `describe` has described.

    Raises
    ------
    DspError
        The description names something outside of scikit-learn and NumPy.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> rebuild(describe(Ridge(alpha=3.0)))
    Ridge(alpha=3.0)
    """
    params = {name: _live(value) for name, value in described["params"].items()}
    return _named(described["class"])(**params)


def _path(kind: type) -> str:
    """Return the public name of a class: what is below a private module may move."""
    parts = kind.__module__.split(".")
    private = (i for i, part in enumerate(parts) if part.startswith("_"))
    public = ".".join(parts[: next(private, len(parts))])
    if getattr(import_module(public), kind.__name__, None) is not kind:
        public = kind.__module__
    return f"{public}.{kind.__name__}"


def _is_same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and value == default)


def _plain(value: Any) -> Any:
    if hasattr(value, "get_params"):
        return describe(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if callable(value):
        module = getattr(value, "__module__", None) or type(value).__module__
        return {"function": f"{module}.{value.__name__}"}
    return value.item() if hasattr(value, "item") else value


def _live(value: Any) -> Any:
    if isinstance(value, list):
        items = [_live(item) for item in value]
        # Steps come as pairs or triples that begin with their name.
        return tuple(items) if items and isinstance(items[0], str) else items
    if not isinstance(value, dict):
        return value
    return _named(value["function"]) if "function" in value else rebuild(value)


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    if module.split(".")[0] not in LIBRARIES:
        raise DspError(
            f"a model may not be built from {path}",
            hint=f"only names of {' and '.join(LIBRARIES)} are taken from a result",
        )
    return getattr(import_module(module), name)
