"""Tasks that yield; what they yield is read item by item, and is the output."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from dagger_providers import dag, task

DRAWING = "zip(points, letters) (both yield) -> [shift] -> count; repeated -> out"


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
def count(found: list[Point], text: str) -> list[int]:
    return [len(found), len(text)]


@dag
def generators(n: int, text: str):
    shifted = []
    for point, letter in zip(points(n), letters(text), strict=True):
        shifted.append(shift(point, letter))
    return {"shifted": shifted, "count": count(shifted, text), "yielded": letters(text)}


PIPELINE = generators
RUNS = [
    ({"n": 0, "text": ""}, {"shifted": [], "count": [0, 0], "yielded": []}),
    (
        {"n": 2, "text": "xy"},
        {"shifted": [Point(1, 1.5), Point(2, 1.5)], "count": [2, 2], "yielded": ["x", "y"]},
    ),
]
