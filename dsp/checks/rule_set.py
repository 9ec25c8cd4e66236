"""`Rules`: what a table should keep, from a file, from code, or from a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dsp.checks.lines import read_document
from dsp.checks.rule import Rule, numbered
from dsp.checks.rules_file import read_rules, rules_of
from dsp.checks.schemas import (
    from_json_schema,
    from_pandera,
    from_pydantic,
    is_json_schema,
    is_pandera,
)
from dsp.checks.schemas.draft import Draft
from dsp.errors import RuleError


class Rules:
    """Rules in order, however they were written.

    Parameters
    ----------
    rules
        Rules, made with `dsp.rule` and `dsp.check`.
    untranslated
        Parts of a schema that no rule can express, one sentence each.

    Examples
    --------
    >>> import dsp
    >>> rules = Rules.of({"columns": {"price": {"not_null": True, "min": 0}}})
    >>> [r.known_as for r in rules]
    ['not_null.price', 'in_range.price']
    >>> rules == Rules(
    ...     [dsp.rule("not_null", "price"), dsp.rule("in_range", "price", min=0)]
    ... )
    True
    """

    def __init__(self, rules: Iterable[Rule] = (), *, untranslated: Iterable[str] = ()):
        self._rules = tuple(rules)
        self.untranslated = tuple(untranslated)
        for one in self._rules:
            if not isinstance(one, Rule):
                raise RuleError(
                    f"{one!r} is no rule", hint="make rules with dsp.rule or dsp.check"
                )

    @classmethod
    def from_file(cls, path: Path | str) -> Rules:
        """Read a rules file, TOML, YAML or JSON; or a JSON Schema, or one of pandera.

        Raises
        ------
        RuleError
            The file or a rule in it is wrong; the message has line and key.
        """
        named = Path(path)
        if named.suffix.casefold() != ".toml":
            content = read_document(named).content
            if is_json_schema(content):
                return cls._drafted(from_json_schema(content, origin=str(named)))
            if is_pandera(content):
                return cls._drafted(from_pandera(content, origin=str(named)))
        return cls(read_rules(named))

    @classmethod
    def from_json_schema(cls, schema: Any, *, severity: str = "error") -> Rules:
        """Return the rules that a JSON Schema means for a table of such objects.

        Parameters
        ----------
        schema
            The schema of an object or of an array of objects, or the path of its file.
        severity
            What the rules weigh.

        Raises
        ------
        RuleError
            It describes no objects.

        Examples
        --------
        >>> schema = {
        ...     "type": "object",
        ...     "properties": {"price": {"type": "number", "minimum": 0, "contentX": 1}},
        ...     "required": ["price"],
        ... }
        >>> rules = Rules.from_json_schema(schema)
        >>> [r.known_as for r in rules]
        ['columns', 'not_null.price', 'column_type.price', 'in_range.price']
        >>> rules.untranslated
        ('price: contentX is not translated',)
        """
        content = _content(schema)
        return cls._drafted(from_json_schema(content, severity=severity))

    @classmethod
    def from_pydantic(cls, model: Any, *, severity: str = "error") -> Rules:
        """Return the rules that a pydantic model means for a table of such objects.

        Parameters
        ----------
        model
            The class.
        severity
            What the rules weigh.

        Raises
        ------
        RuleError
            It is no pydantic model.

        Examples
        --------
        >>> from pydantic import BaseModel, Field
        >>> class Order(BaseModel):
        ...     price: float = Field(ge=0)
        >>> [r.known_as for r in Rules.from_pydantic(Order)]
        ['columns', 'not_null.price', 'column_type.price', 'in_range.price']
        """
        return cls._drafted(from_pydantic(model, severity=severity))

    @classmethod
    def from_pandera(cls, schema: Any, *, severity: str = "error") -> Rules:
        """Return the rules that a pandera schema means.

        Parameters
        ----------
        schema
            A ``DataFrameSchema``, a ``DataFrameModel``, or what ``to_yaml`` or
            ``to_json`` wrote, as its path or as its content.
        severity
            What the rules weigh; checks that only warn there are warnings here.

        Raises
        ------
        RuleError
            It is no such schema.

        Examples
        --------
        >>> columns = {"price": {"dtype": "float64", "greater_than_or_equal_to": 0}}
        >>> schema = {"schema_type": "dataframe", "columns": columns}
        >>> [r.known_as for r in Rules.from_pandera(schema)]
        ['columns', 'column_type.price', 'not_null.price', 'in_range.price']
        """
        return cls._drafted(from_pandera(_content(schema), severity=severity))

    @classmethod
    def _drafted(cls, draft: Draft) -> Rules:
        return cls(numbered(draft.rules), untranslated=draft.untranslated)

    @classmethod
    def infer(cls, table: Any) -> Rules:
        """Return rules that a table keeps and that new data of its source should keep.

        Parameters
        ----------
        table
            An `ibis.Table`. What has parameters is learned on some blocks of its rows
            and proposed only when it holds on the others.
        """
        from dsp.checks.suggestions import suggest

        return cls(item.rule for item in suggest(table))

    @classmethod
    def of(cls, rules: Any) -> Rules:
        """Return rules from whatever names them.

        Parameters
        ----------
        rules
            A path, a mapping of the form of a rules file, rules, `Rules`, or a schema:
            a pydantic model, a pandera schema, a JSON Schema.
        """
        if isinstance(rules, Rules):
            return rules
        if isinstance(rules, str | Path):
            return cls.from_file(rules)
        if isinstance(rules, Rule):
            return cls([rules])
        if hasattr(rules, "model_json_schema"):
            return cls.from_pydantic(rules)
        if is_pandera(rules) or hasattr(rules, "to_schema") or hasattr(rules, "columns"):
            return cls.from_pandera(rules)
        if is_json_schema(rules):
            return cls.from_json_schema(rules)
        if isinstance(rules, Mapping):
            return cls(rules_of(rules))
        if isinstance(rules, Iterable):
            return cls(rules)
        raise RuleError(
            f"a {type(rules).__name__} names no rules",
            hint="give a path, rules made with dsp.rule, or dsp.Rules",
        )

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __add__(self, other: Iterable[Rule]) -> Rules:
        more = other.untranslated if isinstance(other, Rules) else ()
        return Rules([*self, *other], untranslated=[*self.untranslated, *more])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and self._rules == other._rules

    def __hash__(self) -> int:
        return hash(tuple(r.known_as for r in self._rules))

    def __repr__(self) -> str:
        return f"<dsp.Rules: {len(self)}>"


def _content(schema: Any) -> Any:
    """Return the content of the file that a path leads to, or what is given."""
    is_path = isinstance(schema, str | Path)
    return read_document(Path(schema)).content if is_path else schema
