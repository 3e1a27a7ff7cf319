"""Pipelines for the node command, as py-dagger's users know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dagger_providers import dag, loop, switch, task


@task(serializer="pickle")
def pickled(n: int) -> Any:
    return {n}


@task
def times(made: Any, factor: int) -> int:
    return sum(made) * factor


@dag
def inner(made: Any, factor: int):
    return times.options(name="l2-b")(made, factor)


@dag
def nested(n: int = 3, factor: int = 10):
    return inner.options(name="l1-b")(pickled.options(name="l1-a")(n), factor)


@task
def numbers(n: int) -> Iterator[int]:
    yield from range(n)


@task
def triple(x: int) -> int:
    return 3 * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def map_reduce(n: int = 5):
    """0..4, times 3, summed."""
    return total([triple(x) for x in numbers(n)])


@dataclass
class Point:
    x: int


@task
def point(x: int) -> Point:
    return Point(x)


@task
def widest(points: list[Point]) -> int:
    return max(point.x for point in points)


@dag
def points(n: int = 3):
    made = [point(x) for x in numbers(n)]
    return {"points": made, "widest": widest(made)}


@task
def keys(x: int) -> dict[str, int]:
    return {"a": x, "b": -x}


@dag
def by_key(x: int = 2):
    made = keys(x)
    return {"a": made["a"], "b": made["b"], "parts": numbers(x)}


@task
def shown(x: Any) -> str:
    return repr(x)


@dag
def show(x: Any):
    return shown(x)


@task
def own(x: int) -> int:
    return x


@dag
def over_parameter(xs: list[int]):
    return total([own(x) for x in xs])


@task
def sign(x: int) -> str:
    return "low" if x < 0 else "high"


@task
def upward(x: int, by: int = 1) -> dict[str, int | bool]:
    return {"x": x + by, "done": x + by >= 3}


@dag
def branching(x: int = 1):
    return switch(sign(x), {"low": own}, default=climbing)(x)


@task
def marked(folder: str, bad: bool) -> str:
    """Leave a mark for each time that it runs."""
    Path(folder, f"mark-{len(list(Path(folder).glob('mark-*')))}").touch()
    if bad:
        raise ValueError("no luck")
    return "done"


@dag
def marking(folder: str, bad: bool):
    return marked(folder, bad)


@task
def marked_item(folder: str, bad: int, item: int) -> int:
    Path(folder, f"item-{item}").touch()
    if item == bad:
        raise ValueError("no luck")
    return item


@dag
def marking_items(folder: str, bad: int, items: list[int]):
    return [marked_item(folder, bad, item) for item in items]


@dag
def by_parameter(mode: Literal["own", "show"], x: int = 1):
    return switch(mode, {"own": own, "show": shown})(x)


@dag
def climbing(x: int):
    return loop(upward)(x)["x"]
