"""Pipelines that the tests of the local runtime run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dagger_providers import dag, task


@task
def numbers(n: int) -> Iterator[int]:
    yield from range(n)


@task
def double(x: int) -> int:
    return 2 * x


@task
def half(x: int) -> float:
    return x / 2


@task
def total(xs: list[float]) -> float:
    return sum(xs)


@task
def length(xs: list[int]) -> int:
    return len(xs)


@dag
def doubled(n: int = 3):
    return total([half(double(x)) for x in numbers(n)])


@dag
def many(xs: list[int]):
    return total([double(x) for x in xs])


@task
def rows(n: int) -> dict[str, list[dict[str, int]]]:
    return {"rows": [{"x": x} for x in range(n)]}


@task
def change(row: dict[str, int]) -> int:
    row["x"] += 1
    return row["x"]


@dag
def changed_items(n: int = 3):
    """Two loops over one list, whose items each task changes."""
    made = rows(n)
    return {
        "once": [change(row) for row in made["rows"]],
        "again": [change(row) for row in made["rows"]],
    }


@dag
def changed_parameters(given: list[dict[str, int]]):
    return {"once": [change(row) for row in given], "again": [change(row) for row in given]}


@task
def pair(x: int, y: int) -> str:
    return f"{x}{y}"


@task
def joined(texts: list[str]) -> str:
    return " ".join(texts)


@dag
def crossed(xs: list[int], ys: list[int]):
    pairs = [[pair(x, y) for y in ys] for x in xs]
    return joined([joined(row) for row in pairs])


@dag
def gathered_twice(n: int = 4):
    doubles = [double(x) for x in numbers(n)]
    return {"total": total([half(x) for x in doubles]), "length": length(doubles)}


@dag
def everything(n: int = 2):
    numbers_ = numbers(n)
    return {"whole": numbers_, "doubles": [double(x) for x in numbers_], "sum": length(numbers_)}


@task
def kinds(lazy: Iterable[int], once: Iterator[int], some: Sequence[int], eager: list[int]) -> str:
    first = next(once)
    told = [sum(lazy) + sum(lazy), first + sum(once), some[-1], list(some[1:]), len(some), eager]
    return f"{type(eager).__name__} {told}"


@dag
def readers(n: int = 4):
    """Four consumers of one output, each by another annotation."""
    made = numbers(n)
    return kinds(made, made, made, made)


@dag
def gathered_readers(xs: list[int]):
    made = [double(x) for x in xs]
    return length_of(made, made)


@task
def length_of(lazy: Iterable[int], some: Sequence[int]) -> list[int]:
    return [*lazy, len(some), some[-1], *some[:2], sum(lazy)]


@task(retries=2)
def third_time(folder: str, item: int) -> int:
    path = Path(folder, str(item))
    tries = len(path.read_text()) + 1 if path.exists() else 1
    path.write_text("x" * tries)
    if tries < 3:
        raise ValueError(f"try {tries}")
    return tries


@dag
def stubborn(folder: str, items: list[int]):
    return total([third_time(folder, item) for item in items])


@task
def wait(seconds: float, x: int) -> int:
    time.sleep(seconds)
    return x


@dag
def parallel(seconds: float = 0.3):
    return total([wait(seconds, 1), wait(seconds, 2)])


@task
def blocks(n: int, size: int) -> Iterator[bytes]:
    for number in range(n):
        yield bytes([number]) * size


@task
def invert(block: bytes) -> bytes:
    return block.translate(bytes(reversed(range(256))))


@task
def weigh(blocks: Iterable[bytes]) -> int:
    return sum(block[0] for block in blocks)


@dag
def weighed(n: int = 40, size: int = 5_000_000):
    return weigh([invert(block) for block in blocks(n, size)])


@dag
def one_list(xs: list[int]):
    return total(xs)


busy: list[int] = []
"""How many items of `alone` were running when one began."""
_running: set[int] = set()


@task(concurrency=1)
def alone(x: int) -> int:
    _running.add(x)
    busy.append(len(_running))
    time.sleep(0.01)
    _running.remove(x)
    return x


@dag
def one_at_a_time(xs: list[int]):
    return [alone(x) for x in xs]


@task(allow_failure=True)
def even(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


@dag
def lenient(xs: list[int]):
    return [even(x) for x in xs]
