"""Names of effect sizes, as people read them."""

from __future__ import annotations

EFFECTS = {
    "pearson_r": "Pearson r",
    "spearman_rho": "Spearman ρ",
    "cohens_d": "Cohen's d",
    "cohens_h": "Cohen's h",
    "omega_squared": "ω²",
    "eta_squared": "η²",
    "partial_eta_squared": "partial η²",
    "cramers_v": "Cramér's V",
    "r_squared": "R²",
}


def effect_words(name: str | None) -> str:
    """Return the name of an effect size.

    Examples
    --------
    >>> effect_words("cohens_d"), effect_words("missing_share"), effect_words(None)
    ("Cohen's d", 'missing share', 'effect')
    """
    if not name:
        return "effect"
    return EFFECTS.get(name, name.replace("_", " "))
