"""Errors that a user can act on: what happened, to which value, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class DspError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    message
        One sentence: what happened, naming the file, column or setting.
    hint
        One sentence: the way out. May be empty.
    **facts
        The values behind the sentence, kept for programs (``error.facts``).
    """

    exit_code = 2
    code = "error"

    def __init__(self, message: str, *, hint: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message}\n\nHint: {self.hint}" if self.hint else self.message

    def as_line(self) -> str:
        """Return message and hint on one line, for terminals and logs."""
        text = " ".join(self.message.split())
        return f"{text} — {' '.join(self.hint.split())}" if self.hint else text


class SourceError(DspError):
    """A source is missing, unreadable, of an unknown kind, or holds no table."""

    code = "source"


class ColumnNotFoundError(DspError, KeyError):
    """A named column is not in the data."""

    code = "column_not_found"

    @classmethod
    def of(
        cls, name: str, columns: Iterable[str], *, where: str = "the data"
    ) -> ColumnNotFoundError:
        """Build the error from the wrong name and the names that exist."""
        names = list(columns)
        return cls(
            f'no column named "{name}" in {where}',
            hint=_columns_hint(name, names),
            name=name,
            columns=names,
        )


class SettingError(DspError, ValueError):
    """A setting is unknown or has a value it cannot take."""

    code = "setting"


class RuleError(DspError, ValueError):
    """A rule that data should keep is not written as it must be."""

    code = "rule"


class TargetError(DspError, ValueError):
    """The target column cannot be analysed as asked."""

    code = "target"


class ValidationFailedError(DspError):
    """A run under strict validation met failed checks."""

    exit_code = 1
    code = "validation_failed"


class RunBusyError(DspError):
    """Another run is writing to the same output folder."""

    code = "busy"


class OverwriteError(DspError):
    """A folder holds something else than earlier results of the same source."""

    code = "overwrite"


class RunNotFoundError(DspError, LookupError):
    """A path does not lead to a finished run."""

    code = "run_not_found"


class QueryError(DspError):
    """A query was refused or failed; the engine's own text is kept."""

    code = "query"


class CancelledError(DspError):
    """The run was cancelled by its user."""

    exit_code = 130
    code = "cancelled"


class MissingDependencyError(DspError, ImportError):
    """An optional package is needed for what was asked."""

    code = "missing_dependency"

    @classmethod
    def of(cls, package: str, *, extra: str, purpose: str) -> MissingDependencyError:
        """Build the error from the package and the extra that brings it."""
        return cls(
            f"{purpose} needs the package {package}, which is not installed",
            hint=f"pip install 'dsp[{extra}]'",
            package=package,
        )


def nearest(name: str, candidates: Iterable[str], *, n: int = 3) -> list[str]:
    """Return up to `n` candidates spelt most like `name`, best first."""
    by_folded = {c.casefold(): c for c in candidates}
    close = get_close_matches(name.casefold(), by_folded, n=n, cutoff=0.6)
    return [by_folded[c] for c in close]


def _columns_hint(name: str, columns: list[str]) -> str:
    close = nearest(name, columns, n=1)
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    listed = f"columns: {shown}" if columns else "the data has no columns"
    return f'did you mean "{close[0]}"? {listed}' if close else listed
