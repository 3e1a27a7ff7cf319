"""Pipelines in pipelines, written flat: a loop in a loop, joined inside and only outside."""

from kfp import dsl
from oracle.components import function

PROGRAM = "nested_maps"


@function
def split(k: int) -> list: ...


@function
def scale(x: int, by: int) -> int: ...


@function
def total(values: list) -> int: ...


@function
def listed(values: list) -> list: ...


@dsl.pipeline(name="nested-maps")
def pipeline(ks: list, by: int):
    with dsl.ParallelFor(ks) as k:
        with dsl.ParallelFor(split(k=k).output) as x:
            scaled = scale(x=scale(x=x, by=by).output, by=2)
        summed = total(values=dsl.Collected(scaled.output))
    listed(values=dsl.Collected(summed.output))
    listed(values=dsl.Collected(scaled.output))
