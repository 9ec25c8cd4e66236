"""Pydantic models as rules, by the JSON Schema that they give of themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from dsp.checks.schemas.draft import Draft
from dsp.checks.schemas.json_schemas import from_json_schema
from dsp.errors import RuleError

VALIDATORS = ("AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator")


def from_pydantic(model: Any, *, severity: str = "error") -> Draft:
    """Return the rules that a pydantic model means for a table of such objects.

    Columns are called like the fields, or their aliases. Validators that are functions
    cannot run in the database; they are noted.

    Raises
    ------
    RuleError
        It is no pydantic model, or it has a field without a JSON Schema.
    """
    if not hasattr(model, "model_json_schema"):
        raise RuleError(
            f"{model!r} is no pydantic model", hint="give the class, of pydantic 2"
        )
    try:
        schema = model.model_json_schema(mode="validation")
    except Exception as error:  # pydantic raises several kinds, some of them private
        raise RuleError(
            f"{model.__name__} has no JSON Schema: {' '.join(str(error).split())[:200]}"
        ) from error
    names = {
        name: str(field.validation_alias or field.alias or name)
        for name, field in model.model_fields.items()
    }
    for name, field in model.model_fields.items():
        if _is_decimal(field.annotation):
            # It allows texts that hold a decimal; in a table that is a number.
            _keep_number(schema["properties"].get(names[name]))
    draft = from_json_schema(schema, severity=severity, origin=model.__name__)
    for name, field in model.model_fields.items():
        _metadata(draft, names[name], field.metadata, is_required=field.is_required())
    _validators(draft, model)
    return draft


def _is_decimal(annotation: Any) -> bool:
    return annotation is Decimal or any(map(_is_decimal, get_args(annotation)))


def _keep_number(schema: Any) -> None:
    if isinstance(schema, dict) and "anyOf" in schema:
        schema["anyOf"] = [o for o in schema["anyOf"] if o.get("type") != "string"]


def _metadata(draft: Draft, name: str, metadata: Any, *, is_required: bool) -> None:
    """Add what a field says of decimals, and note its functions."""
    optional = {} if is_required else {"optional": True}
    for item in metadata:
        places = getattr(item, "decimal_places", None)
        if places is not None:
            draft.add("decimal_places", name, max=places, **optional)
        if getattr(item, "max_digits", None) is not None:
            draft.note(f"{name}: max_digits is not translated")
        if type(item).__name__ in VALIDATORS:
            draft.note(f"{name}: a validator that is a function is not translated")


def _validators(draft: Draft, model: Any) -> None:
    """Note the functions of a model that validate."""
    decorators = model.__pydantic_decorators__
    for kind in ("validators", "field_validators"):
        for name, found in getattr(decorators, kind).items():
            fields = ", ".join(found.info.fields)
            draft.note(f"{fields}: the validator {name} is not translated")
    for kind in ("root_validators", "model_validators"):
        for name in getattr(decorators, kind):
            draft.note(f"the object: the validator {name} is not translated")
