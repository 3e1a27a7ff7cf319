"""Reads the parts of a Python type annotation that decide how a value travels."""

from __future__ import annotations

import types
import typing
from collections import abc
from typing import Any

NoneType = type(None)

LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
"""Annotations whose values travel as a JSON array and come back as a list."""

DICTS = (dict, abc.Mapping, abc.MutableMapping)
"""Annotations whose values travel as a JSON object and come back as a dict."""

STREAMS = (abc.Iterator, abc.Iterable, abc.Generator)
"""Annotations of a result that is produced one item at a time."""

LAZY_READERS = (abc.Iterable, abc.Iterator, abc.Sequence)
"""Annotations of an argument that may be read one item at a time."""

_WRAPPERS = (typing.Annotated, typing.Required, typing.NotRequired, typing.Final, typing.ClassVar)


def unwrap(annotation: Any) -> Any:
    """The type that an annotation means, without what only documents or renames it."""
    while True:
        if annotation is None:
            return NoneType
        if annotation is object:
            return Any
        if isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or Any
        elif typing.get_origin(annotation) in _WRAPPERS:
            annotation = typing.get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):  # typing.NewType
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":  # `type X = ...` of Python 3.12
            annotation = annotation.__value__
        else:
            return annotation


def origin_of(annotation: Any) -> Any:
    """`list` for `list[int]` and for `list`; the annotation itself when it is not generic."""
    return typing.get_origin(annotation) or annotation


def is_union(annotation: Any) -> bool:
    """Whether it is `A | B`, `Union[A, B]` or `Optional[A]`."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def is_class(annotation: Any) -> bool:
    """Whether it is a class and no parametrised generic (`list[int]` passes for a type)."""
    return isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias)


def is_typed_dict(annotation: Any) -> bool:
    """Whether it is a class of typed dicts, of `typing` or of `typing_extensions`."""
    return typing.is_typeddict(annotation) or (
        is_class(annotation)
        and issubclass(annotation, dict)
        and hasattr(annotation, "__required_keys__")
    )


def required_keys(kind: Any) -> frozenset[str]:
    """The keys that every value of a typed dict has.

    The class itself knows nothing of `NotRequired[...]` where annotations are text, as
    `from __future__ import annotations` makes them.
    """
    marks = {
        name: typing.get_origin(hint)
        for name, hint in typing.get_type_hints(kind, include_extras=True).items()
    }
    return frozenset(
        name
        for name, mark in marks.items()
        if mark is typing.Required
        or (mark is not typing.NotRequired and name in kind.__required_keys__)
    )


def is_file_path(annotation: Any) -> bool:
    """Whether it is a class of `pathlib`, told without importing that."""
    return is_class(annotation) and annotation.__module__.partition(".")[0] == "pathlib"


def frame_library(annotation: Any) -> str | None:
    """`pandas`, `polars` or `arrow` for a class of data frames, told without importing them."""
    if not is_class(annotation):
        return None
    package = annotation.__module__.partition(".")[0]
    return _FRAMES.get((package, annotation.__name__))


_FRAMES = {
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("pyarrow", "Table"): "arrow",
}


def type_name(annotation: Any) -> str:
    """How an annotation is called in an error: `datetime`, `list[Model]`, `int | None`.

    Modules are left out: a script's `__main__` has another name in the next process.
    """
    annotation = NoneType if annotation is None else annotation
    args = typing.get_args(annotation)
    if is_union(annotation):
        return " | ".join(type_name(member) for member in args)
    if annotation is NoneType:
        return "None"
    if annotation is Ellipsis:
        return "..."
    if typing.get_origin(annotation) is typing.Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    origin = origin_of(annotation)
    name = getattr(origin, "__qualname__", None) or str(origin).removeprefix("typing.")
    return f"{name}[{', '.join(map(type_name, args))}]" if args else str(name)
