"""What checks a parameter's values: pydantic's reading of its annotation, and the JSON Schema."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import typing_extensions
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import plain_function
from dagger_providers.errors import UsageError
from dagger_providers.model.frozen import one_line
from dagger_providers.serializers.codecs.containers import TYPE_TAG, VALUE_TAG
from dagger_providers.serializers.exact_json import SCALARS
from dagger_providers.serializers.typeforms import (
    is_typed_dict,
    is_union,
    required_keys,
    type_name,
    unwrap,
)

_REQUIRED = (typing.Required, typing.NotRequired)


def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """Return what validates values of an annotation.

    Raises:
        PydanticUserError: pydantic knows nothing of it.
    """
    return TypeAdapter(_with_known_keys(annotation, ()))


def annotations_of(function: Any) -> dict[str, Any]:
    """Return a function's annotations with what ``Annotated`` adds to them: limits, descriptions.

    Raises:
        BuildError: A name in an annotation does not exist.
    """
    hints(function)
    return typing.get_type_hints(plain_function(function), include_extras=True)


def annotation_of(schema: Any) -> Any:
    """Return the annotation that the types of a JSON Schema mean; None where it names none."""
    kinds = schema.get("type") if isinstance(schema, Mapping) else None
    found = [_KINDS.get(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds or ())]
    return typing.Union[tuple(found)] if found and None not in found else None  # noqa: UP007


_KINDS: dict[Any, Any] = {
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": int | float,
    "string": str,
    "array": list,
    "object": dict,
}


def schema_of(adapter: TypeAdapter[Any]) -> Any:
    """Return the JSON Schema of values as our JSON writes them; None where there is none."""
    try:
        return adapter.json_schema(schema_generator=_AsWritten)
    except PydanticInvalidForJsonSchema:
        return None


def validated(adapter: TypeAdapter[Any], value: Any, annotation: Any, what: str) -> Any:
    """Return a value as its annotation has it: a text of a number is one, say, and a list a tuple.

    A bool is no number here, a number no bool and no date, whatever pydantic makes of them.

    Args:
        adapter: What `adapter_of` gives for the annotation.
        value: The value.
        annotation: The annotation.
        what: What is checked, as the message begins: ``parameter 'n'``.

    Raises:
        UsageError: It is no value of that annotation; in one line.
    """
    try:
        made = adapter.validate_python(value)
    except ValidationError as error:
        raise UsageError(_refusal(error, what, annotation, value)) from None
    hint = next(_mistaken(value, made), None)
    if hint is not None:
        wanted = type_name(unwrap(annotation))
        raise UsageError(f"{what}: expected {wanted}, got {value!r:.80}; {hint}")
    return made


def _mistaken(given: Any, made: Any) -> Iterator[str]:
    """Yield what is wrong with parts of a value that became something else than was meant.

    What is in a pydantic model is the model's own matter.
    """
    if isinstance(made, BaseModel):
        return
    if isinstance(given, Mapping):
        parts = {str(k): v for k, v in made.items()} if isinstance(made, Mapping) else {}
        for name, part in given.items():
            yield from _mistaken(part, parts.get(str(name), getattr(made, str(name), None)))
    elif isinstance(given, list | tuple) and isinstance(made, list | tuple):
        for part, became in zip(given, made, strict=False):
            yield from _mistaken(part, became)
    elif isinstance(made, AbstractSet) and isinstance(given, list | tuple | AbstractSet):
        kinds = {isinstance(part, bool) for part in made}
        yield from (_BOOLS for part in given if isinstance(part, bool) not in kinds)
    else:
        yield from _mistaken_leaf(given, made)


def _mistaken_leaf(given: Any, made: Any) -> Iterator[str]:
    if isinstance(given, _Number) and isinstance(made, _Number | timedelta):
        if isinstance(given, bool) != isinstance(made, bool):
            yield _BOOLS
    elif isinstance(made, date | time) and _is_numeral(given):
        yield "a date or time is written as in 2026-01-31T12:30:00"


_Number = int | float | Decimal
_BOOLS = "a bool (true, false) is no number, and a number no bool"


def _is_numeral(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\s*[-+]?[0-9.]+\s*", value) is not None
    return isinstance(value, _Number)


def _refusal(error: ValidationError, what: str, annotation: Any, value: Any) -> str:
    """Return what is wrong with a value as one line: what was expected, and what was given."""
    problems = error.errors(include_url=False, include_context=False)
    wanted = unwrap(annotation)
    members = [one for one in typing.get_args(wanted) if one is not type(None)]
    if not is_union(wanted) or len(members) == 1 or len(problems) == 1:
        return one_line(error, what)
    expected = f"{what}: expected {type_name(wanted)}, got {value!r:.80}"
    deepest = max(problems, key=lambda problem: len(problem["loc"]))
    place = ".".join(map(str, deepest["loc"]))
    said = deepest["msg"][:1].lower() + deepest["msg"][1:]
    return f"{expected}; {place}: {said}" if len(deepest["loc"]) > 1 else expected


def _with_known_keys(annotation: Any, around: tuple[Any, ...]) -> Any:
    """Replace typed dicts by those that refuse keys that they do not have.

    JSON restores no others. Before Python 3.12, pydantic takes none that are of `typing` itself.
    """
    if is_typed_dict(annotation):
        inside = annotation in around
        return dict[str, Any] if inside else _typed_dict(annotation, (*around, annotation))
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if not args or origin is typing.Literal:
        return annotation
    if origin is typing.Annotated:
        return typing.Annotated[(_with_known_keys(args[0], around), *args[1:])]
    made = tuple(_with_known_keys(one, around) for one in args)
    if made == args:
        return annotation
    return typing.Union[made] if is_union(annotation) else origin[made]  # noqa: UP007


def _typed_dict(kind: Any, around: tuple[Any, ...]) -> Any:
    fields, required = {}, required_keys(kind)
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        plain = typing.get_args(hint)[0] if typing.get_origin(hint) in _REQUIRED else hint
        wrapper: Any = typing.Required if name in required else typing.NotRequired
        fields[name] = wrapper[_with_known_keys(plain, around)]
    make: Any = typing_extensions.TypedDict
    made = make(kind.__name__, fields)
    made.__pydantic_config__ = getattr(kind, "__pydantic_config__", ConfigDict(extra="forbid"))
    made.__doc__ = kind.__doc__
    return made


class _AsWritten(GenerateJsonSchema):
    """The schema of what our serializer writes where that is not what pydantic would.

    A model writes itself, and what is in it.
    """

    _in_models = 0

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        self._in_models += 1
        try:
            return super().model_schema(schema)
        finally:
            self._in_models -= 1

    def timedelta_schema(self, schema: Any) -> JsonSchemaValue:
        return super().timedelta_schema(schema) if self._in_models else {"type": "number"}

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        return super().decimal_schema(schema) if self._in_models else {"type": "string"}

    def bytes_schema(self, schema: Any) -> JsonSchemaValue:
        if self._in_models:
            return super().bytes_schema(schema)
        return {"type": "string", "contentEncoding": "base64"}

    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().enum_schema(schema)
        members = schema["members"]
        if self._in_models or all(type(member.value) in SCALARS for member in members):
            return found
        return {**found, "enum": [member.name for member in members], "type": "string"}

    def union_schema(self, schema: Any) -> JsonSchemaValue:
        """Add the form that a text has in ``date | str``: tagged, since it may look like a date."""
        found = super().union_schema(schema)
        choices = found.get("anyOf", [])
        kinds = [self._kind(choice) for choice in choices]
        if self._in_models or len(set(kinds)) == len(kinds):
            return found
        tagged = {
            "type": "object",
            "required": [TYPE_TAG, VALUE_TAG],
            "properties": {TYPE_TAG: {"type": "string"}},
        }
        return {**found, "anyOf": [*choices, tagged]}

    def _kind(self, choice: JsonSchemaValue) -> Any:
        known = self.get_schema_from_definitions(choice["$ref"]) if "$ref" in choice else choice
        return (known or {}).get("type", "object")

    def named_tuple_schema(self, schema: Any) -> JsonSchemaValue:
        """Return an object, not the list that pydantic makes."""
        if self._in_models:
            return super().named_tuple_schema(schema)
        fields = {field["name"]: field["schema"] for field in schema["fields"]}
        return {
            "type": "object",
            "properties": {name: self.generate_inner(field) for name, field in fields.items()},
            "required": [name for name, field in fields.items() if field["type"] != "default"],
        }
