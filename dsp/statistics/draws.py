"""A sample of rows that the row number alone decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SIZE = 1 << 31
_STEP = 1_327_217_885
"""The golden section of `_SIZE`: rows are drawn evenly, in step with no period."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Rows to draw: those whose number times a constant falls below a limit.

    Attributes
    ----------
    limit
        Below this of 2^31; all rows where it is 2^31.
    """

    limit: int

    @classmethod
    def about(cls, n: int, n_rows: int) -> Draw:
        """Draw about `n` of `n_rows` rows; all where there are no more."""
        return cls(_SIZE if n_rows <= n else max(1, n * _SIZE // n_rows))

    @property
    def is_all(self) -> bool:
        """Whether every row is drawn."""
        return self.limit >= _SIZE

    def places(self, start: int, n: int) -> Any:
        """Return which of `n` rows from row number `start` (0 is the first) are drawn.

        Examples
        --------
        >>> Draw.about(2, 8).places(0, 8).tolist()
        [0, 2, 5]
        """
        import numpy as np

        numbers = np.arange(start, start + n, dtype=np.int64)
        return np.flatnonzero((numbers % _SIZE) * _STEP % _SIZE < self.limit)

    def of(self, source: str) -> str:
        """Return SQL of the rows drawn from what can stand after ``from``."""
        if self.is_all:
            return source
        return (
            f"(\n    from {source}\n    qualify ((row_number() over () - 1) % {_SIZE}) "
            f"* {_STEP} % {_SIZE} < {self.limit}\n) as drawn"
        )
