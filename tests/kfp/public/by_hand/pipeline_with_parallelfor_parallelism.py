from kfp import dsl
from oracle.components import function


@function
def show(msg: str) -> str: ...


@function
def show_number(x: int) -> int: ...


@function
def make_rows() -> list: ...


@dsl.pipeline
def pipeline(texts: list):
    with dsl.ParallelFor(texts, parallelism=2) as text:
        show(msg=text)
        with dsl.ParallelFor(texts) as other:
            show(msg=other)
    with dsl.ParallelFor([{"a": "1", "b": "2"}]) as row:
        show(msg=row.a)
        show(msg=row.b)
        with dsl.ParallelFor([{"a": "10", "b": "20"}], parallelism=1) as one:
            show(msg=one.a)
            show(msg=one.b)
    with dsl.ParallelFor([{"a": 1}, {"a": 2}], parallelism=1) as row:
        show_number(x=row.a)
    with dsl.ParallelFor(make_rows().output) as row:
        show_number(x=row.a)
