"""Find the Python annotation that an address such as ``module:function#return`` names."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from dagger_providers.card.bindings import Step
from dagger_providers.card.functions import function_here, load, plain_function, reference_of
from dagger_providers.errors import BuildError

_hints: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def hints(function: Any) -> dict[str, Any]:
    """Return the annotations of a function, with names given as text resolved.

    Raises:
        BuildError: A name in an annotation does not exist.
    """
    plain = plain_function(function)
    found = _hints.get(plain)
    if found is None:
        if not getattr(plain, "__annotations__", None):
            found = {}
        else:
            from typing import get_type_hints

            try:
                found = get_type_hints(plain)
            except (NameError, TypeError, AttributeError) as error:
                raise BuildError(
                    f"an annotation of {plain.__name__!r} cannot be resolved: {error}"
                ) from error
        _hints[plain] = found
    return found


def part(annotation: Any, path: tuple[Step, ...]) -> Any:
    """Return the annotation of a part of a value; None where it cannot be known."""
    for kind, name in path:
        if annotation is None:
            return None
        annotation = _part_of(annotation, kind, name)
    return annotation


def _part_of(annotation: Any, kind: str, name: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    if kind == "key" and isinstance(origin, type):
        if issubclass(origin, tuple) and isinstance(name, int) and Ellipsis not in arguments:
            return arguments[name] if -len(arguments) <= name < len(arguments) else None
        named = [argument for argument in arguments if argument is not Ellipsis]
        return named[-1] if named else None
    if isinstance(annotation, type):
        from typing import get_type_hints

        try:
            return get_type_hints(annotation).get(name)
        except (NameError, TypeError):
            return None
    return None


def resolve(address: str, root: str | None = None) -> Any:
    """Return the annotation at an address; None when there is none any more.

    Args:
        address: ``REFERENCE#return`` or ``REFERENCE#ARGUMENT``, then ``/NAME`` for each part; or
            what `address_of_class` gives.
        root: The folder that a file reference is relative to.
    """
    reference, mark, place = address.partition("#")
    if not mark:
        of_item = reference.removesuffix(_EACH)
        found = function_here(of_item) or load(of_item, root)
        return found if of_item == reference else list[found]  # type: ignore[valid-type]
    argument, *names = place.split("/")
    annotation = hints(load(reference, root)).get(argument)
    return part(annotation, tuple(("key", _name_from(name)) for name in names))


_EACH = "[]"


def address_of_class(annotation: Any) -> str | None:
    """Return the address of a class, or of a list of one; None for what has no name of its own."""
    items: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if getattr(annotation, "__origin__", None) is list and len(items) == 1:
        of_item = address_of_class(items[0])
        return None if of_item is None or _EACH in of_item else of_item + _EACH
    if not isinstance(annotation, type) or hasattr(annotation, "__origin__"):
        return None
    return reference_of(annotation)


def address_of(reference: str, argument: str, path: tuple[Step, ...]) -> str:
    """Return the address of a function's argument or result, or of a part of it."""
    return "/".join((f"{reference}#{argument}", *(_name_text(name) for _, name in path)))


def _name_text(name: str | int) -> str:
    """Return a key as a segment: escaped as in a JSON pointer, a number in brackets."""
    return f"[{name}]" if isinstance(name, int) else name.replace("~", "~0").replace("/", "~1")


def _name_from(text: str) -> str | int:
    if text.startswith("[") and text.endswith("]") and text[1:-1].lstrip("-").isdecimal():
        return int(text[1:-1])
    return text.replace("~1", "/").replace("~0", "~")
