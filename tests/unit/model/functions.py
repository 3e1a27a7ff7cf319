"""Plain functions for pipelines that are written by hand."""

from __future__ import annotations

import functools
from typing import Any


def number() -> int:
    return 1


def numbers(count: int) -> list[int]:
    return list(range(count))


def double(x: int) -> int:
    return 2 * x


def add(a: int, b: int = 10, *, c: int = 100) -> int:
    return a + b + c


def total(values: list[int]) -> int:
    return sum(values)


def anything(**values: Any) -> dict[str, Any]:
    return values


def parts() -> dict[str, Any]:
    return {"a": {"b": [1, 2]}}


def traced(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(x: int) -> int:
        return int(function(x)) + 1000

    return wrapper


@traced
def wrapped(x: int) -> int:
    return x
