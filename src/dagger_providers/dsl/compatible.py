"""Say whether a value of one annotation may be one of another: no only where that is certain.

What libraries answer is the opposite question, whether it surely is one: `beartype.door.is_subhint`
says no to `list[Any]` for `list[int]`, and to what JSON restores.
"""

from __future__ import annotations

import enum
import inspect
import numbers
import typing
from collections import abc
from collections.abc import Mapping
from typing import Any

from dagger_providers.serializers.codecs.classes import is_model
from dagger_providers.serializers.typeforms import (
    DICTS,
    LISTS,
    STREAMS,
    is_class,
    is_file_path,
    is_typed_dict,
    is_union,
    origin_of,
    required_keys,
    unwrap,
)

_DEEPEST = 8
"""Levels that are looked into: a class may hold itself."""

_ITERATORS = (abc.Iterator, abc.Generator)
_SETS = (abc.Set, abc.MutableSet)
_TOWER = (numbers.Complex, numbers.Real, numbers.Integral)
_PAIR = 2


def fits(given: Any, wanted: Any, *, exact: bool, level: int = 0) -> bool:
    """Say whether a value annotated as one type may be one of another.

    It may as numbers do (an int is a float, `numpy.int64` an int), as subclasses do, and where
    either says nothing: `Any`, a protocol, a name that cannot be resolved. Of a union, one member
    is enough.

    Args:
        given: What the value is annotated as.
        wanted: What its reader is annotated as.
        exact: Whether the value is of the very class of its annotation, as what JSON restores is,
            and of no subclass.
        level: How deep in an annotation this is.
    """
    given, wanted = unwrap(given), unwrap(wanted)
    if given is wanted or level > _DEEPEST:
        return True
    if is_union(given):
        members = typing.get_args(given)
        return any(fits(member, wanted, exact=exact, level=level) for member in members)
    if is_union(wanted):
        members = typing.get_args(wanted)
        return any(fits(given, member, exact=exact, level=level) for member in members)
    if typing.Literal in (typing.get_origin(given), typing.get_origin(wanted)):
        return _literals_fit(given, wanted)
    one, other = class_of(given, exact=exact), class_of(wanted)
    if one is None or other is None:
        return True
    return _classes_fit(one, other, exact) and _parts_fit(given, wanted, exact, level + 1)


def data_fits(data: Any, wanted: Any) -> bool:
    """Say whether JSON data may be a value of an annotation that restores nothing."""
    wanted = unwrap(wanted)
    if is_union(wanted):
        return any(data_fits(data, member) for member in typing.get_args(wanted))
    if typing.get_origin(wanted) is typing.Literal:
        return any(type(one) is type(data) and one == data for one in typing.get_args(wanted))
    if isinstance(data, Mapping):
        return fits(dict, wanted, exact=True) and _entries_fit(data, wanted)
    if isinstance(data, list | tuple):
        items = items_of(wanted)
        return fits(list, wanted, exact=True) and all(
            data_fits(one, item) for item in items for one in data
        )
    return fits(type(data), wanted, exact=True)


def class_of(annotation: Any, *, exact: bool = False) -> Any:
    """Return the class of an annotation's values; None where it says nothing of it.

    Args:
        annotation: Without its wrappers.
        exact: Whether JSON restores the values: what is annotated as a `Sequence` is a list then.
    """
    kind = origin_of(annotation)
    if is_typed_dict(kind):
        return dict
    if kind is Any or not is_class(kind) or getattr(kind, "_is_protocol", False):
        return None
    if exact:
        for kinds, restored in (((*LISTS, *STREAMS), list), (DICTS, dict), (_SETS, set)):
            if kind in kinds:
                return restored
    # What only tells pydantic how to validate is no class of the value: an `EmailStr` is a str.
    validates = hasattr(kind, "__get_pydantic_core_schema__") and not is_model(kind)
    return None if validates else kind


def hints_of(kind: Any) -> dict[str, Any]:
    """Return the annotations of a class's fields; none where they cannot be resolved."""
    try:
        return typing.get_type_hints(kind)
    except Exception:
        return {}


def items_of(annotation: Any) -> tuple[Any, ...]:
    """Return the annotations of what a loop over a value gives; none where that is not said."""
    annotation = unwrap(annotation)
    kind = class_of(annotation)
    args = typing.get_args(annotation)
    if kind is str or is_typed_dict(annotation):
        return (str,)
    if kind is None or not issubclass(kind, abc.Iterable):
        return ()
    if kind is tuple:
        return tuple(one for one in args if one is not ...)
    return args[:1]


def _literals_fit(given: Any, wanted: Any) -> bool:
    if typing.get_origin(given) is typing.Literal:
        values = typing.get_args(given)
        if typing.get_origin(wanted) is typing.Literal:
            return not set(values).isdisjoint(typing.get_args(wanted))
        return any(fits(type(value), wanted, exact=True) for value in values)
    return any(fits(given, type(value), exact=False) for value in typing.get_args(wanted))


def _classes_fit(given: Any, wanted: Any, exact: bool) -> bool:
    if given is list and wanted in _ITERATORS:
        return True  # who asks for an iterator is handed one
    try:
        if issubclass(given, wanted):
            return True
        is_above = issubclass(wanted, given)
        ranks = [sum(issubclass(kind, step) for step in _TOWER) for kind in (given, wanted)]
    except TypeError:
        return True
    if all(ranks) and not issubclass(wanted, enum.Enum):
        return ranks[0] >= ranks[1]
    if exact and not _may_be_a_subclass(given):
        return False
    return is_above or (not exact and _have_a_common_subclass(given, wanted))


def _may_be_a_subclass(kind: Any) -> bool:
    """Say whether even what is restored as one class may be one of a subclass of it."""
    return is_file_path(kind) or inspect.isabstract(kind)


def _have_a_common_subclass(one: Any, other: Any) -> bool:
    """Say whether some class that is loaded is both: a classifier is a mixin and an estimator."""
    waiting, seen = [one], {one}
    while waiting:
        for kind in type.__subclasses__(waiting.pop()):
            if issubclass(kind, other):
                return True
            if kind not in seen:
                seen.add(kind)
                waiting.append(kind)
    return False


def _parts_fit(given: Any, wanted: Any, exact: bool, level: int) -> bool:
    """Compare what two annotations, whose classes fit, say of the values inside."""
    if is_typed_dict(wanted):
        return _fields_fit(given, wanted, exact, level)
    args, has = typing.get_args(wanted), typing.get_args(given)
    kind, giver = class_of(wanted), class_of(given)
    if kind is None or not args or not issubclass(kind, abc.Iterable):
        return True
    if issubclass(kind, abc.Mapping):
        entries = zip(_entries_of(given), args, strict=False)
        couples = [(one, want) for ones, want in entries for one in ones]
    elif kind is tuple and giver is tuple and has and ... not in (*args, *has):
        if len(has) != len(args):
            return False
        couples = list(zip(has, args, strict=True))
    else:
        wants = items_of(wanted) if kind is not tuple or ... in args else ()
        couples = [(one, want) for one in items_of(given) for want in wants]
    return all(fits(one, want, exact=exact, level=level) for one, want in couples)


def _entries_of(given: Any) -> tuple[tuple[Any, ...], ...]:
    """Return the annotations of a mapping's keys and of its values."""
    if is_typed_dict(given):
        hints = hints_of(given)
        return (str,), tuple(hints[key] for key in required_keys(given) if key in hints)
    args = typing.get_args(given)
    return tuple((one,) for one in args) if len(args) == _PAIR else ()


def _fields_fit(given: Any, wanted: Any, exact: bool, level: int) -> bool:
    """Compare with the keys that a typed dict has."""
    wants = hints_of(wanted)
    if is_typed_dict(given):
        has = hints_of(given)
        return required_keys(wanted) <= has.keys() and all(
            fits(has[key], want, exact=exact, level=level)
            for key, want in wants.items()
            if key in has
        )
    entries = _entries_of(given)
    values = entries[1] if entries else ()
    return all(
        fits(value, wants[key], exact=exact, level=level)
        for value in values
        for key in required_keys(wanted) & wants.keys()
    )


def _entries_fit(data: Mapping[str, Any], wanted: Any) -> bool:
    if is_typed_dict(wanted):
        hints = hints_of(wanted)
        return required_keys(wanted) <= data.keys() and all(
            data_fits(value, hints.get(key, Any)) for key, value in data.items()
        )
    args = typing.get_args(wanted)
    return len(args) != _PAIR or all(data_fits(value, args[1]) for value in data.values())
