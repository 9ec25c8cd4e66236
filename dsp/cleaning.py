"""What cleaning can be asked for: the settings below ``transforms``, and their forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    field_validator,
    model_serializer,
)

from dsp.errors import SettingError, nearest

CASTS = ("text", "integer", "number", "boolean", "date", "timestamp")
FILLINGS = ("none", "flag", "median", "mode", "group", "constant")
OUTLIERS = ("flag", "winsorize")
PARTS = ("year", "quarter", "month", "week", "weekday", "hour", "is_weekend")


class Asked(BaseModel):
    """A wish that is written without what it leaves as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @model_serializer(mode="wrap")
    def _short(self, written: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        left = {
            name: field.get_default(call_default_factory=True)
            for name, field in type(self).model_fields.items()
        }
        return {
            name: value
            for name, value in written(self).items()
            if name not in left or getattr(self, name) != left[name]
        }


class Cast(Asked):
    """A type that a column is asked to have.

    Attributes
    ----------
    kind
        One of `CASTS`.
    format
        How dates are written, in the words of strptime; found when empty.
    or_null
        Whether values that do not fit become missing; else they stop the cast.
    """

    kind: Literal["text", "integer", "number", "boolean", "date", "timestamp"]
    format: str = ""
    or_null: bool = False


class Filling(Asked):
    """What is done about the missing values of a column.

    Attributes
    ----------
    method
        One of `FILLINGS`.
    by
        Columns whose groups give the value, for the method group.
    value
        The value, for the method constant.
    """

    method: Literal["none", "flag", "median", "mode", "group", "constant"]
    by: tuple[str, ...] = ()
    value: Any = None


class Fence(Asked):
    """What is done about values far out, and where that begins.

    Attributes
    ----------
    action
        flag or winsorize.
    low, high
        Quantiles that are the limits; None for fences.
    reach
        Distance of the fences from the quartiles in interquartile ranges.
    """

    action: Literal["flag", "winsorize"]
    low: float | None = Field(default=None, ge=0, le=1)
    high: float | None = Field(default=None, ge=0, le=1)
    reach: float = Field(default=3.0, gt=0)


class Duplicates(Asked):
    """Which rows repeat others, and which of them stays.

    Attributes
    ----------
    by
        Columns of the key; all columns when empty.
    keep
        Whether the first or the last row of equal ones stays.
    """

    by: tuple[str, ...] = ()
    keep: Literal["first", "last"] = "first"


class TransformSettings(Asked):
    """Changes of the data that are made only when they are asked for.

    Columns are named as they were loaded. The changes are made in the order of the
    fields below, except that `names` comes last.

    Examples
    --------
    >>> asked = transform_settings(missing={"age": "median"}, duplicates="drop")
    >>> asked.missing["age"].method, asked.duplicates.keep
    ('median', 'first')
    """

    names: Literal["keep", "snake"] | dict[str, str] = Field(
        default="keep",
        description="snake: names in snake_case; or new names by old name.",
    )
    casts: dict[str, Cast] = Field(
        default_factory=dict,
        description="Type by column: text, integer, number, boolean, date, timestamp; "
        "date:%d/%m/%Y with a format, integer:or null where values may not fit.",
    )
    fold: dict[str, Literal["same", "near"] | dict[str, str]] = Field(
        default_factory=dict,
        description="Columns whose spellings become one: same but for case, spaces, "
        "marks; near also one letter off; or new value by old value.",
    )
    duplicates: Duplicates | None = Field(
        default=None,
        description="drop: rows that repeat another in all columns; or by (columns) and "
        "keep (first, last).",
    )
    missing: dict[str, Filling] = Field(
        default_factory=dict,
        description="Method by column: flag, median, mode, group:COLUMN, "
        "constant:VALUE, none.",
    )
    outliers: dict[str, Fence] = Field(
        default_factory=dict,
        description="flag or winsorize by column; winsorize:0.01:0.99 at quantiles, "
        "flag:iqr:1.5 at fences (3 interquartile ranges from the quartiles).",
    )
    date_parts: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Columns of dates to be split into parts: year, quarter, month, "
        "week, weekday, hour, is_weekend, those that the dates need.",
    )
    derive: dict[str, Any] = Field(
        default_factory=dict,
        description="New column by name: an expression in SQL, from Python in Ibis.",
    )

    @field_validator("casts", mode="before")
    @classmethod
    def _casts(cls, value: Any) -> Any:
        return _each(value, _cast)

    @field_validator("fold", mode="before")
    @classmethod
    def _fold(cls, value: Any) -> Any:
        return _named(value, "same")

    @field_validator("duplicates", mode="before")
    @classmethod
    def _duplicates(cls, value: Any) -> Any:
        if value in ("keep", "drop"):
            return {} if value == "drop" else None
        if isinstance(value, str):
            raise SettingError(f'"{value}" is neither keep nor drop')
        if isinstance(value, Mapping) and isinstance(value.get("by"), str):
            return {**value, "by": _words(value["by"])}
        return value

    @field_validator("missing", mode="before")
    @classmethod
    def _missing(cls, value: Any) -> Any:
        return _each(value, _filling)

    @field_validator("outliers", mode="before")
    @classmethod
    def _outliers(cls, value: Any) -> Any:
        return _each(value, _fence)

    @field_validator("date_parts", mode="before")
    @classmethod
    def _date_parts(cls, value: Any) -> Any:
        found = _named(value, ())
        if not isinstance(found, Mapping):
            return found
        parts = {
            n: _words(p) if isinstance(p, str) else tuple(p) for n, p in found.items()
        }
        for part in (part for listed in parts.values() for part in listed):
            _one_of(part, PARTS)
        return parts

    @field_validator("derive")
    @classmethod
    def _derive(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, expression in value.items():
            if not isinstance(expression, str) and not callable(expression):
                raise SettingError(f'"{name}" is neither SQL nor a function of the table')
        return value

    @field_serializer("derive", when_used="json")
    def _derive_as_text(self, value: dict[str, Any]) -> dict[str, str]:
        return {
            name: item if isinstance(item, str) else "an expression of Python"
            for name, item in value.items()
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that are named, each once."""
        named = [*self.casts, *self.fold, *self.missing, *self.outliers, *self.date_parts]
        named += self.duplicates.by if self.duplicates else ()
        named += (name for filling in self.missing.values() for name in filling.by)
        named += self.names if isinstance(self.names, dict) else ()
        return tuple(dict.fromkeys(named))

    @property
    def is_text(self) -> bool:
        """Whether two processes can compare it: nothing in it is a function."""
        return all(isinstance(item, str) for item in self.derive.values())


def transform_settings(**asked: Any) -> TransformSettings:
    """Return settings of cleaning, with errors that say what to write instead.

    Raises
    ------
    SettingError
        A name is unknown or a value does not fit.
    """
    for name in asked:
        if name not in TransformSettings.model_fields:
            close = nearest(name, TransformSettings.model_fields, n=1)
            known = ", ".join(TransformSettings.model_fields)
            raise SettingError(
                f'no transform is called "{name}"',
                hint=f'did you mean "{close[0]}"?' if close else f"there are {known}",
            )
    try:
        return TransformSettings(**asked)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        why = cause.message if isinstance(cause, SettingError) else first["msg"]
        name = ".".join(str(part) for part in first["loc"])
        meaning = TransformSettings.model_fields[str(first["loc"][0])].description
        raise SettingError(
            f"transform {name} cannot be {first.get('input')!r:.80}: {why}",
            hint=meaning or "",
        ) from error


def asked_in_words(*words: str) -> dict[str, Any]:
    """Return what words such as ``names=snake`` or ``missing.age=median`` ask for.

    Examples
    --------
    >>> asked_in_words("names=snake", "missing.age=median", "fold=city,country")
    {'names': 'snake', 'missing': {'age': 'median'}, 'fold': 'city,country'}

    Raises
    ------
    SettingError
        A word has no ``=``, or gives a transform both as a whole and in part.
    """
    found: dict[str, Any] = {}
    for word in filter(str.strip, words):
        path, equals, value = word.partition("=")
        name, _, key = path.strip().partition(".")
        if not equals or not name:
            raise SettingError(
                f'"{word}" is not of the form name=value',
                hint="write transforms like names=snake or missing.age=median",
            )
        if not key:
            found[name] = value
        elif isinstance(found.setdefault(name, {}), dict):
            found[name][key] = value
        else:
            raise SettingError(f'"{word}" comes on top of "{name}={found[name]}"')
    return found


def _each(value: Any, form: Callable[[Any], Any]) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: form(item) for name, item in value.items()}


def _named(value: Any, default: Any) -> Any:
    """Return names as a mapping: a text with commas, a list, or a mapping as it is."""
    if isinstance(value, str):
        value = _words(value)
    if isinstance(value, Sequence):
        return dict.fromkeys(value, default)
    return value


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _parts(value: Any) -> list[Any]:
    """Return a word with its arguments: ``group:region``, or a list of both."""
    if isinstance(value, str):
        head, colon, rest = value.partition(":")
        return [head.strip(), rest] if colon else [head.strip()]
    return list(value)


def _cast(value: Any) -> Any:
    if isinstance(value, (Mapping, Cast)):
        return value
    kind, *rest = _parts(value)
    _one_of(kind, CASTS)
    given = [str(item) for item in rest if item]
    or_null = "or null" in given
    formats = [item for item in given if item != "or null"]
    if len(formats) > 1 or (formats and kind not in ("date", "timestamp")):
        raise SettingError("only dates and timestamps have a format, and only one")
    return {"kind": kind, "format": "".join(formats), "or_null": or_null}


def _filling(value: Any) -> Any:
    if isinstance(value, (Mapping, Filling)):
        return value
    method, *rest = _parts(value)
    _one_of(method, FILLINGS)
    if method == "group":
        by = [w for item in rest for w in _words(str(item))]
        if not by:
            raise SettingError("a group needs its columns, such as group:region")
        return {"method": method, "by": by}
    if method == "constant":
        if len(rest) != 1 or rest[0] is None:
            raise SettingError("a constant needs its value, such as constant:0")
        return {"method": method, "value": rest[0]}
    if rest:
        raise SettingError(f"{method} takes nothing behind it")
    return {"method": method}


def _fence(value: Any) -> Any:
    if isinstance(value, (Mapping, Fence)):
        return value
    action, *rest = _parts(value)
    _one_of(action, OUTLIERS)
    if len(rest) == 1 and isinstance(rest[0], str):
        rest = rest[0].split(":")
    if not rest:
        return {"action": action}
    if len(rest) != 2:
        raise SettingError("limits are two quantiles, or iqr and a distance")
    if rest[0] == "iqr":
        return {"action": action, "reach": rest[1]}
    low, high = (float(item) for item in rest)
    if not 0 <= low < high <= 1:
        raise SettingError("quantiles lie between 0 and 1, the lower one first")
    return {"action": action, "low": low, "high": high}


def _one_of(word: Any, known: Sequence[str]) -> None:
    if word not in known:
        close = nearest(str(word), known, n=1)
        meant = (
            f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known)}"
        )
        raise SettingError(f'"{word}" is not known; {meant}')
