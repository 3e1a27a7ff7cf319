from kfp import dsl
from oracle.components import function


@function
def join(prefix: str, item: str) -> str: ...


@function
def make_prefix() -> str: ...


@dsl.pipeline
def pipeline(prefix: str, items: list):
    with dsl.ParallelFor(items, parallelism=1) as item:
        join(prefix=prefix, item=item)
    made = make_prefix()
    with dsl.ParallelFor(items) as item:
        join(prefix=made.output, item=item)
    with dsl.ParallelFor(["x", "y"], parallelism=2), dsl.ParallelFor(items) as item:
        join(prefix=prefix, item=item)
