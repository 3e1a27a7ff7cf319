"""Three steps in one loop, one of them without a result."""

from kfp import dsl
from oracle.components import function

PROGRAM = "map_steps"


@function
def clean(x: int, shift: int) -> int: ...


@function
def fit(row: int, raw: int) -> list: ...


@function
def check(row: int) -> None: ...


@function
def best(models: list) -> list: ...


@dsl.pipeline(name="map-steps")
def pipeline(xs: list, shift: int = 1):
    with dsl.ParallelFor(xs) as x:
        row = clean(x=x, shift=shift)
        model = fit(row=row.output, raw=x)
        check(row=row.output)
    best(models=dsl.Collected(model.output))
