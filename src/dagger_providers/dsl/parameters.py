"""The parameters of a pipeline: their types, defaults and descriptions."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from dagger_providers.card.annotations import address_of, hints
from dagger_providers.card.functions import reference_of
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.dsl.literals import literal
from dagger_providers.dsl.validation import adapter_of, annotations_of, schema_of, validated
from dagger_providers.errors import BuildError, UsageError, one_line
from dagger_providers.model import FromParam, FromValue
from dagger_providers.serializers import SerializerSpec, is_json_native, spec_for


def parameter(function: Recordable[..., Any], name: str) -> FromParam:
    """Return one parameter of a pipeline function as the model has it.

    Raises:
        BuildError: Its annotation has no JSON form, or its default is no value of it.
    """
    annotation = annotations_of(function).get(name)
    place = f"{function.kind} {function.__name__!r}, parameter {name!r}"
    given: dict[str, Any] = {}
    plain = function.__wrapped__
    default = _default(plain, name)
    description = describe(function).get(name) or _described(annotation)
    if annotation is None:
        if default is not _NONE:
            given["default"] = literal(default, None, f"{place}: its default")
        return FromParam(name, description=description, **given)
    adapter = _adapter(annotation, place)
    if default is not _NONE:
        try:
            coerced = validated(adapter, default, annotation, place)
        except UsageError as error:
            raise BuildError(f"{error} (its default)") from None
        given["default"] = literal(coerced, annotation, f"{place}: its default")
    return FromParam(
        name,
        serializer=_spec(function, name, annotation, place),
        json_schema=schema_of(adapter),
        description=description,
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
        return adapter_of(annotation)
    except PydanticUserError as error:
        if error.code == "typed-dict-version":
            raise BuildError(
                f"{place}: {annotation!r} holds a TypedDict of typing, which pydantic cannot read "
                "before Python 3.12; import TypedDict from typing_extensions"
            ) from error
        raise BuildError(
            f"{place}: {annotation!r} has no JSON form, which parameters travel in "
            f"({one_line(error, 80)}); take a path or URI, and read it in a task"
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


def describe(function: Recordable[..., Any]) -> dict[str, str]:
    """Return what a function's docstring says of its arguments, each in one line.

    Google's, NumPy's and Sphinx's styles are read.
    """
    text = function.__doc__ or ""
    if "\n" not in text:
        return {}
    from docstring_parser import ParseError, parse

    try:
        found = parse(text).params
    except ParseError:
        return {}
    return {one.arg_name: " ".join((one.description or "").split()) for one in found}


def _described(annotation: Any) -> str:
    """Return what ``Annotated[int, Field(description=...)]`` says."""
    for said in getattr(annotation, "__metadata__", ()):
        text = getattr(said, "description", None) or getattr(said, "documentation", None)
        if isinstance(text, str):
            return " ".join(text.split())
    return ""


def with_default(declared: Any) -> FromValue:
    """Return the input of a nested pipeline's parameter that its call does not give."""
    return FromValue.model_construct(kind="value", value=declared.default)
