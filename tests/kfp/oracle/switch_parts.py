"""A switch's result read whole, by a part, and walked; a second switch by the same output."""

from typing import Any

from kfp import dsl
from oracle.components import function

PROGRAM = "switch_parts"


@function(kind=str, n_=int)
def look(n: int): ...


@function(output=dict, rows=list)
def wide(size: int, by: int, label: str): ...


@function(output=dict, rows=list)
def deep(depth: int, times: int, label: str = "?"): ...


@function(total=int)
def wide_report(rows: list): ...


@function(total=int)
def deep_report(values: list): ...


def showing(kind: type) -> Any:
    """Type the program's `show(value: Any)`, for which KFP has no type."""

    @function
    def show(value: kind) -> str: ...

    return show


@dsl.pipeline(name="switch-parts")
def pipeline(n: int):
    found = look(n=n)
    kind, size = found.outputs["kind"], found.outputs["n_"]
    with dsl.If(kind == "wide"):
        one = wide(size=size, by=2, label="x")
    with dsl.Else():
        other = deep(depth=size, times=2, label="x")
    rows = dsl.OneOf(one.outputs["rows"], other.outputs["rows"])
    with dsl.If(kind == "wide"):
        one_report = wide_report(rows=rows)
    with dsl.Else():
        other_report = deep_report(values=rows)
    showing(dict)(value=dsl.OneOf(one.outputs["output"], other.outputs["output"]))
    # KFP has no first item of a list: it travels whole.
    showing(list)(value=rows)
    with dsl.ParallelFor(rows) as row:
        showing(int)(value=row)
    showing(int)(value=dsl.OneOf(one_report.outputs["total"], other_report.outputs["total"]))
