from kfp import dsl
from oracle.components import function


@function
def make_rows() -> list: ...


@function
def show_text(msg: str) -> str: ...


@function
def show_row(row: dict) -> str: ...


@dsl.pipeline
def pipeline(texts: list):
    with dsl.ParallelFor(texts) as text:
        show_text(msg=text)
    for rows in (make_rows().output, [{"a": "3", "b": "4"}]):
        with dsl.ParallelFor(rows) as row:
            show_row(row=row)
            show_text(msg=row.a)
            show_text(msg=row.b)
