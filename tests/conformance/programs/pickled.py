"""An object of the program's own class, pickled because its task says so; also item by item."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from dagger_providers import dag, task

DRAWING = "train (pickle) -> [predict]; steps (yields pickles) -> [value]"


class Forest:
    """No dataclass, no model: only pickle can write it."""

    def __init__(self, trees: list[Fraction]) -> None:
        self.trees = trees

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Forest) and other.trees == self.trees

    __hash__ = None  # type: ignore[assignment]


@task(serializer="pickle")
def train(n: int) -> Forest:
    return Forest([Fraction(1, 3 + i) for i in range(n)])


@task(serializer={"forest": "pickle"})
def scored(forest: Forest) -> dict[str, Any]:
    return {"forest": Forest(forest.trees[:1]), "score": 0.5}


@task
def predict(forest: Forest, x: int) -> str:
    return str(sum(forest.trees) * x)


@task(serializer="pickle")
def steps(forest: Forest) -> Iterator[Forest]:
    for tree in forest.trees:
        yield Forest([tree])


@dag
def pickled(n: int, xs: list[int]):
    forest = train(n)
    best = scored(forest)
    return {
        "predictions": [predict(forest, x) for x in xs],
        "trees": [predict(one, 6) for one in steps(forest)],
        "best": best["forest"],
        "score": best["score"],
    }


PIPELINE = pickled
RUNS = [
    (
        {"n": 2, "xs": [12, 0]},
        {
            "predictions": ["7", "0"],
            "trees": ["2", "3/2"],
            "best": Forest([Fraction(1, 3)]),
            "score": 0.5,
        },
    )
]
