"""Match the arguments of a recorded call to the names that the function gives them."""

from __future__ import annotations

from typing import Any

from dagger_providers.card.functions import required_names, signature_text
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.errors import BuildError

_VARKEYWORDS = 0x08


def bind(
    function: Recordable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], place: str
) -> dict[str, Any]:
    """Return the value of each argument by name; those left to their default are not there.

    Raises:
        BuildError: The call does not fit the function; the message shows its arguments.
    """
    names = function.names
    if not kwargs and len(args) == len(names) == function.positional:
        return dict(zip(names, args, strict=True))
    given = dict(zip(names, args, strict=False))
    problem = ""
    if len(args) > function.positional:
        problem = f"{len(args)} positional arguments"
    for name, value in kwargs.items():
        problem = problem or _problem(function, name, given)
        given[name] = value
    if not problem and len(given) < len(names):
        missing = [name for name in required_names(function) if name not in given]
        problem = f"argument {', '.join(missing)} is missing" if missing else ""
    if problem:
        called = f"call of {function.kind} {function.__name__!r}"
        raise BuildError(f"{place}: {called}: {problem}; it takes {signature_text(function)}")
    return given


def _problem(function: Recordable[..., Any], name: str, given: dict[str, Any]) -> str:
    if name in given:
        return f"two values for {name!r}"
    if name in function.names:
        return ""
    if not function.__wrapped__.__code__.co_flags & _VARKEYWORDS:
        return f"no argument {name!r}"
    return "" if name.isidentifier() else f"{name!r} is no name of an argument"
