"""A loop over one of two outputs, a loop over a part of its items, and other parts read inside."""

from kfp import dsl
from oracle.components import function

PROGRAM = "map_keys"


@function(groups=list, total=int)
def load(n: int): ...


@function
def show(name: str, row: int, total: int) -> str: ...


@function
def join(texts: list) -> str: ...


@dsl.pipeline(name="map-keys")
def pipeline(n: int):
    found = load(n=n)
    with dsl.ParallelFor(found.outputs["groups"]) as group, dsl.ParallelFor(group.rows) as row:
        # `group.name` is the channel's own name, and no part of the item.
        name = group.__getattr__("name")
        shown = show(name=name, row=row, total=found.outputs["total"])
    join(texts=dsl.Collected(shown.output))
