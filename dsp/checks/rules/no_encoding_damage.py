"""Texts were not read in a wrong encoding."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, RowKind
from dsp.engine.relation import literal

# The 64 bytes that continue a UTF-8 character, as cp1252 and Latin-1 show them; without
# the blank, quotes and dashes that follow capitals in plain texts.
_SHOWN = bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore")
_SAFE = "»“”’–— \u00a0"
_NEXT = "".join(c for c in _SHOWN if c not in _SAFE) + "\u0080-\u009f"
_HEBREW = bytes(range(0x91, 0xAB)).decode("cp1252", errors="ignore") + "\u0090-\u009f"
DAMAGE = "|".join(
    (
        "\ufffd",
        f"[ÂÃ][{_NEXT}\u00a0]",
        f"[ÄÅÆÇÐÑÎÏØÙ][{_NEXT}]",
        f"[âã][€‚{_NEXT}][{_SHOWN}\u0080-\u009f]",
        f"[à-ï][{_NEXT}][{_SHOWN}\u0080-\u009f]",
        f"ð[Ÿ\u009f][{_SHOWN}\u0080-\u009f]",
        f"(×[{_HEBREW}]){{2}}",
        "[\u0080-\u0084\u0086-\u009f]",
        "ï»¿",
    )
)
"""Pattern of UTF-8 that was read as cp1252 or Latin-1, and of letters that were lost."""


class NoEncodingDamage(RowKind):
    """Holds that no text shows letters that were lost or read in a wrong encoding."""

    name = "no_encoding_damage"
    title = "texts were not read in a wrong encoding"
    families = TEXT
    example = Example(
        toml="[columns.town]\nno_encoding_damage = true",
        passing={"town": ["Zürich", "SÃO PAULO", "Ýmir", "東京", "CAFÉ»", "", None]},
        failing={"town": ["ZÃ¼rich", "Mâ€™lady", "ðŸ¦†", "K\ufffdln", "Köln", None]},
        n_failed=4,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where UTF-8 shows as other letters, or a letter was replaced."""
        value = f"cast({asked.column.sql} as varchar)"
        return f"regexp_matches({value}, {literal(DAMAGE)})"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} shows no text read in a wrong encoding"


plugin = NoEncodingDamage()
