"""Two switches in a row for each item, by a part of it and by a result; a lone one in another loop.

The program's second walk over the chosen is a further step of the loop: there is no barrier.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "switch_in_a_loop"


@function
def add(row: dict, by: int) -> int: ...


@function
def multiply(row: dict, by: int) -> int: ...


@function
def size(x: int) -> int: ...


@function
def keep(x: int) -> int: ...


@function
def cut(x: int) -> int: ...


@function
def total(xs: list | None = None) -> int: ...


@function
def named(letter: str) -> str: ...


@dsl.pipeline(name="switch-in-a-loop")
def pipeline(rows: list, by: int, letters: list):
    with dsl.ParallelFor(rows) as row:
        with dsl.If(row.how == "add"):
            added = add(row=row, by=by)
        with dsl.Else():
            multiplied = multiply(row=row, by=by)
        made = dsl.OneOf(added.output, multiplied.output)
        with dsl.If(size(x=made).output == 0):
            kept = keep(x=made)
        with dsl.Else():
            shortened = cut(x=made)
        keep(x=dsl.OneOf(kept.output, shortened.output))
    # Collected takes no OneOf.
    total().after(kept, shortened)
    with dsl.ParallelFor(letters) as letter, dsl.If(letter == "a"):
        named(letter=letter)
