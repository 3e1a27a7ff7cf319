"""JSON for values that it gives back exactly as they were, and the refusal of all others."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Iterator
from typing import Any, NoReturn

from dagger_providers.errors import DeserializationError, SerializationError, one_line
from dagger_providers.serializers.typeforms import (
    DICTS,
    LISTS,
    NoneType,
    is_typed_dict,
    is_union,
    origin_of,
    required_keys,
    unwrap,
)

SCALARS = frozenset({NoneType, bool, int, float, str})
_KEY = frozenset({str})
_PICKLE = "choose serializer='pickle'"


def dumps(value: Any) -> bytes:
    """The canonical UTF-8 text: compact, insertion order kept, no trailing newline.

    Raises:
        SerializationError: Something in it would come back as something else; names its place.
    """
    try:
        if not is_exact(value):
            _refuse(value, "value")
        # One shot: `json.dump` to a stream never uses the C encoder and takes 2 to 3.5 times longer
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8")
    except RecursionError as error:
        raise SerializationError("value: contains itself, or is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise SerializationError(
            f"value: a string holds half of a surrogate pair, {error.object[error.start]!r}"
        ) from error
    except ValueError as error:  # NaN, infinity, or an int beyond Python's limit of digits
        _refuse(value, "value", error)


def loads(data: bytes) -> Any:
    """Read what `dumps` wrote, or any JSON text in a Unicode encoding.

    Raises:
        DeserializationError: It is no JSON, or holds NaN or infinity.
    """
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise DeserializationError("JSON is nested too deeply") from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are both one
        raise DeserializationError(f"expected JSON, got {_start(data)}: {error}") from error


def is_exact(value: Any) -> bool:
    """Whether JSON gives back exactly this value, NaN and infinity apart."""
    kind = type(value)
    if kind in SCALARS:
        return True
    if kind is list:
        items = value
    elif kind is dict and _KEY.issuperset(map(type, value)):
        items = value.values()
    else:
        return False
    # `map(type, ...)` runs in C: a flat list of numbers costs less than writing it.
    return SCALARS.issuperset(map(type, items)) or all(map(is_exact, items))


def is_native(annotation: Any) -> bool:
    """Whether JSON alone gives back every value of an annotation: nothing is to be restored."""
    annotation = unwrap(annotation)
    if annotation is Any or annotation in (NoneType, bool, int, float, str):
        return True
    origin, args = origin_of(annotation), typing.get_args(annotation)
    if is_union(annotation) or origin in LISTS:
        return all(map(is_native, args))
    if origin is typing.Literal:
        return all(type(member) in SCALARS for member in args)
    if origin in DICTS:
        return not args or (_is_text(args[0]) and is_native(args[1]))
    if is_typed_dict(annotation):
        return _is_native_typed_dict(annotation)
    return False


def matches(annotation: Any, data: Any) -> bool:
    """Whether exact JSON data has the shape of a native annotation; an int is also a float."""
    annotation = unwrap(annotation)
    origin, args = origin_of(annotation), typing.get_args(annotation)
    if annotation is Any:
        fits = True
    elif is_union(annotation):
        fits = any(matches(member, data) for member in args)
    elif origin is typing.Literal:
        fits = any(type(member) is type(data) and member == data for member in args)
    elif origin in LISTS:
        item = args[0] if args else Any
        fits = type(data) is list and all(matches(item, one) for one in data)
    elif origin in DICTS:
        item = args[1] if args else Any
        fits = type(data) is dict and all(matches(item, one) for one in data.values())
    elif is_typed_dict(annotation):
        fits = type(data) is dict and _matches_typed_dict(annotation, data)
    else:
        fits = type(data) in ((int, float) if annotation is float else (annotation,))
    return fits


def _matches_typed_dict(annotation: Any, data: dict[str, Any]) -> bool:
    hints = typing.get_type_hints(annotation)
    if not required_keys(annotation) <= data.keys() <= hints.keys():
        return False
    return all(matches(hints[key], item) for key, item in data.items())


def _is_text(annotation: Any) -> bool:
    key = unwrap(annotation)
    if typing.get_origin(key) is typing.Literal:
        return all(type(member) is str for member in typing.get_args(key))
    return key is str or key is Any


def _is_native_typed_dict(annotation: Any) -> bool:
    try:
        return all(map(is_native, typing.get_type_hints(annotation).values()))
    except (NameError, RecursionError):  # its codec tells about it
        return False


def _refuse(value: Any, place: str, cause: Exception | None = None) -> NoReturn:
    found = find_inexact(value)
    if found is None:
        raise SerializationError(f"{place}: {one_line(cause)}") from cause
    where, _, why = found
    raise SerializationError(f"{place}{where}: {why}") from cause


def find_inexact(value: Any, place: str = "") -> tuple[str, Any, str] | None:
    """The first part that JSON would change: its place, itself, and what to do about it."""
    kind = type(value)
    found: Iterator[tuple[str, Any, str] | None]
    if kind is float and not math.isfinite(value):
        found = iter([(place, value, f"JSON has no {value}: use None, or {_PICKLE}")])
    elif kind in SCALARS:
        found = iter(())
    elif kind is list:
        found = (find_inexact(item, f"{place}[{at}]") for at, item in enumerate(value))
    elif kind is dict:
        odd = [key for key in value if type(key) is not str]
        found = (find_inexact(item, f"{place}[{key!r}]") for key, item in value.items())
        found = iter([(place, value, _advice_on_key(odd[0]))]) if odd else found
    else:
        found = iter([(place, value, _advice(value))])
    return next((one for one in found if one is not None), None)


def _advice(value: Any) -> str:
    kind = type(value)
    name = kind.__name__
    plain = next((one for one in (str, int, float, list, dict) if isinstance(value, one)), None)
    advice = f"JSON has no {name}: convert it, annotate the return type, or {_PICKLE}"
    if kind.__module__.partition(".")[0] == "numpy":
        advice = f"JSON has no numpy.{name}: convert it with .item() or .tolist()"
    elif isinstance(value, tuple):
        annotation = name if hasattr(value, "_fields") else "tuple[...]"
        advice = f"JSON turns a {name} into a list: annotate the return type as {annotation}"
    elif isinstance(value, set | frozenset):
        advice = f"JSON has no {name}: annotate the return type as {name}[...], or return a list"
    elif plain is not None:
        advice = (
            f"JSON turns a {name} into a plain {plain.__name__}: "
            f"annotate the return type as {name}, or convert it"
        )
    elif hasattr(kind, "__dataclass_fields__") or hasattr(kind, "model_dump"):
        advice = f"JSON has no {name}: annotate the return type as {name}"
    return advice


def _advice_on_key(key: Any) -> str:
    kind = type(key).__name__
    return (
        f"JSON turns the key {one_line(repr(key), 40)} ({kind}) into text: "
        f"annotate the return type as dict[{kind}, ...]"
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _start(data: bytes) -> str:
    return repr(bytes(data[:40])) if data else "an empty file"
