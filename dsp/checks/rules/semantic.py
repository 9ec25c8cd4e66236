"""Values have a meaning that can be checked: IBANs, e-mail addresses, postcodes."""

from __future__ import annotations

from dsp.checks.base import label
from dsp.checks.kind import Asked, Example, Parameter, RowKind
from dsp.errors import RuleError
from dsp.semantic import TYPES, SemanticType, postcode_beside, semantic_type


class Semantic(RowKind):
    """Holds that values are valid IBANs, e-mail addresses, postcodes or the like."""

    name = "semantic"
    title = "values are valid IBANs, e-mail addresses, postcodes or the like"
    parameters = (
        Parameter(
            "type",
            "choice",
            "What the values are; check digits are computed.",
            is_required=True,
            choices=tuple(TYPES),
            short=("semantic", "is"),
        ),
        Parameter(
            "country",
            "text",
            "Country of postcodes or VAT numbers, as its two-letter code.",
            short=("country",),
        ),
        Parameter(
            "country_column",
            "text",
            "Column that holds the country of a postcode; unknown ones are not judged.",
            short=("country_column",),
        ),
    )
    primary = "type"
    families = ("text", "enum", "integer", "decimal", "float", "json", "other")
    example = Example(
        toml='[columns.iban]\nsemantic = "iban"',
        passing={"iban": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", None]},
        failing={"iban": ["DE89370400440532013001", "DE89", "", "NO9386011117947", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail what is not valid."""
        column = asked.column
        return f"not {_wanted(asked).valid_sql(column.sql, column.family)}"

    def expectation(self, asked: Asked) -> str:
        """Name the type."""
        beside = asked["country_column"]
        place = f" of the country in {label(beside)}" if beside else ""
        many = TYPES[asked["type"]].many if beside else _wanted(asked).many
        return f"{asked.names} holds valid {many}{place}"


def _wanted(asked: Asked) -> SemanticType:
    name, country, beside = asked["type"], asked["country"], asked["country_column"]
    if beside and (country or name != "postcode"):
        raise RuleError(
            "country_column is for postcodes, and stands instead of country",
            hint='write type = "postcode" and no country',
            key="country_column",
        )
    if beside:
        return postcode_beside(f"cast({asked.find(beside).sql} as varchar)")
    return semantic_type(name, country)


plugin = Semantic()
