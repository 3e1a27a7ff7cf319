"""The parameters of a pipeline: their types, defaults and descriptions."""

from __future__ import annotations

from typing import Any

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema

from dagger_providers.card.annotations import address_of, hints
from dagger_providers.card.functions import reference_of
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.literals import literal
from dagger_providers.errors import BuildError
from dagger_providers.model import FromParam, FromValue
from dagger_providers.model.frozen import one_line
from dagger_providers.serializers import SerializerSpec, is_json_native, spec_for


def parameter(function: Recordable[..., Any], name: str) -> FromParam:
    """Return one parameter of a pipeline function as the model has it.

    Raises:
        BuildError: Its annotation has no JSON form, or its default is no value of it.
    """
    annotation = hints(function).get(name)
    place = f"pipeline {function.__name__!r}, parameter {name!r}"
    given: dict[str, Any] = {}
    plain = function.__wrapped__
    default = _default(plain, name)
    if annotation is None:
        if default is not _NONE:
            given["default"] = literal(default, None, f"{place}: its default")
        return FromParam(name, **given)
    adapter = _adapter(annotation, place)
    if default is not _NONE:
        try:
            coerced = adapter.validate_python(default)
        except ValidationError as error:
            raise BuildError(f"{one_line(error, place)} (its default)") from error
        given["default"] = literal(coerced, annotation, f"{place}: its default")
    return FromParam(
        name,
        serializer=_spec(function, name, annotation, place),
        json_schema=_schema(adapter),
        **given,
    )


def default_of(function: Recordable[..., Any], name: str) -> Any:
    """Return the default of an argument as JSON data.

    Raises:
        BuildError: It has no JSON form.
    """
    place = f"{function.kind} {function.__name__!r}, the default of {name!r}"
    return literal(_default(function.__wrapped__, name), hints(function).get(name), place)


_NONE = object()


def _default(plain: Any, name: str) -> Any:
    code = plain.__code__
    defaults = plain.__defaults__ or ()
    with_defaults = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    found = dict(zip(with_defaults, defaults, strict=True))
    return {**found, **(plain.__kwdefaults__ or {})}.get(name, _NONE)


def _adapter(annotation: Any, place: str) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except PydanticSchemaGenerationError as error:
        raise BuildError(
            f"{place}: {annotation!r} has no JSON form, which parameters travel in; take a path "
            "or URI, and read it in a task"
        ) from error


def _spec(function: Recordable[..., Any], name: str, annotation: Any, place: str) -> SerializerSpec:
    spec = spec_for(annotation)
    if spec is None or spec.name not in {"json", "path"}:
        written = f"is written as {spec.name}" if spec else "has no serializer"
        raise BuildError(
            f"{place}: {annotation!r} {written}, and parameters travel as JSON; take a path or "
            "URI, and read it in a task"
        )
    if is_json_native(annotation):
        return SerializerSpec("json")
    return SerializerSpec("json", annotation=address_of(reference_of(function), name, ()))


def _schema(adapter: TypeAdapter[Any]) -> Any:
    try:
        return adapter.json_schema()
    except PydanticInvalidForJsonSchema:
        return None


def with_default(declared: Any) -> FromValue:
    """Return the input of a nested pipeline's parameter that its call does not give."""
    return FromValue.model_construct(kind="value", value=declared.default)
