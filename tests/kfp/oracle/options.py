"""Display names, limits, a retry, and what runs after what without reading it, in a loop too.

KFP's SDK has no timeout of a task.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "options"


@function
def write(folder: str, name: str) -> None: ...


@function
def look(folder: str) -> list: ...


@function
def show(found: list, name: str, after: int, retries: int) -> str: ...


@dsl.pipeline(name="options")
def pipeline(folder: str):
    one = write(folder=folder, name="one").set_display_name("write-it")
    two = write(folder=folder, name="two").set_retry(num_retries=1)
    for written in (one, two):
        written.set_cpu_limit("500m").set_memory_limit("256Mi")
    found = look(folder=folder).after(one, two)
    with dsl.ParallelFor(found.output) as x:
        first = look(folder=folder).set_display_name("look-again")
        show(found=[x], name=x, after=0, retries=0).after(first)
    last = show(found=found.output, name="mine", after=1, retries=7)
    last.set_display_name("show")
