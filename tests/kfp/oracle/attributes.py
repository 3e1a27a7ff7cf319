"""Attributes of a result are outputs, and of an item parts of it; one inside travels whole."""

from kfp import dsl
from oracle.components import function

PROGRAM = "attributes"


@function(slope=float, quality=dict)
def fit(points: int): ...


@function
def show(slope: float, error: dict, quality: dict) -> str: ...


@function
def fits(points: int) -> list: ...


@function
def twice(slope: float) -> float: ...


@dsl.pipeline(name="attributes")
def pipeline(points: int):
    found = fit(points=points)
    quality = found.outputs["quality"]
    show(slope=found.outputs["slope"], error=quality, quality=quality)
    with dsl.ParallelFor(fits(points=points).output) as one:
        twice(slope=one.slope)
