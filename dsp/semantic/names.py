"""Words of column names."""

from __future__ import annotations

import re


def name_words(name: str) -> list[str]:
    """Return the words of a column name in lower case.

    Examples
    --------
    >>> name_words("pickup_zoneId"), name_words("Unit Price")
    (['pickup', 'zone', 'id'], ['unit', 'price'])
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.split(r"[\W_]+", spaced) if word]
