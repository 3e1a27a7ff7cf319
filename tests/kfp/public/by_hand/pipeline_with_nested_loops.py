from kfp import dsl
from oracle.components import function


@function
def show(msg: str, other: str | None = None) -> str: ...


@dsl.pipeline
def pipeline(rows: list):
    with dsl.ParallelFor(rows) as row, dsl.ParallelFor(row.p_a) as part:
        show(msg=part.q_a)
    with dsl.ParallelFor(["1", "2"]) as one:
        show(msg=one)
        with dsl.ParallelFor(["100", "200", "300"]) as other:
            show(msg=one, other=other)
