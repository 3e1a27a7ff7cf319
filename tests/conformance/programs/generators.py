"""Tasks that yield, and what they yield read whole, item by item, and as the output."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from dagger_providers import dag, task

DRAWING = "points (yields) -> [shift] -> out; points -> count"


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.5


@task
def points(n: int) -> Iterator[Point]:
    for x in range(n):
        yield Point(x)


@task
def letters(text: str) -> Generator[str, None, None]:
    yield from text


@task
def shift(point: Point, letter: str) -> Point:
    return Point(point.x + 1, point.y + len(letter))


@task
def count(found: Iterable[Point], texts: list[str]) -> list[int]:
    return [sum(1 for _ in found), len(texts)]


@dag
def generators(n: int, text: str):
    found, texts = points(n), letters(text)
    shifted = []
    for point, letter in zip(found, texts, strict=True):
        shifted.append(shift(point, letter))
    return {"shifted": shifted, "count": count(found, texts)}


PIPELINE = generators
RUNS = [
    ({"n": 0, "text": ""}, {"shifted": [], "count": [0, 0]}),
    ({"n": 2, "text": "xy"}, {"shifted": [Point(1, 1.5), Point(2, 1.5)], "count": [2, 2]}),
]
