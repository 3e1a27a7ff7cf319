"""Conditions of tasks in CEL, the language that KFP has for them; written as its SDK does."""

from __future__ import annotations

from collections.abc import Iterable


def equals(name: str, kind: str, value: str | int | bool) -> str:
    """Return the condition that an input of a task has a value.

    Args:
        name: The input.
        kind: Its type: KFP holds a ``NUMBER_INTEGER`` as a double.
        value: The value; a text without quotes and backslashes.
    """
    found = f"inputs.parameter_values['{name}']"
    if kind == "NUMBER_INTEGER":
        found = f"int({found})"
    match value:
        case str():
            return f"{found} == '{value}'"
        case bool():
            return f"{found} == {str(value).lower()}"
        case _:
            return f"{found} == {value}"


def any_of(conditions: Iterable[str]) -> str:
    """Return the condition that one of some holds."""
    return " || ".join(conditions)


def none_of(conditions: Iterable[str]) -> str:
    """Return the condition that none of some holds; empty, which always does, without any."""
    return " && ".join(f"!({condition})" for condition in conditions)
