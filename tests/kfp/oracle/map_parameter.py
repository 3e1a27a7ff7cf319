"""A loop over a parameter that has a default."""

from kfp import dsl
from oracle.components import function

PROGRAM = "map_parameter"


@function
def name(carrier: str) -> str: ...


@function
def join(names: list) -> str: ...


@dsl.pipeline(name="map-parameter")
def pipeline(carriers: list = ["AA", "UA"]):  # noqa: B006 - KFP's way of a default
    with dsl.ParallelFor(carriers) as carrier:
        named = name(carrier=carrier)
    join(names=dsl.Collected(named.output))
