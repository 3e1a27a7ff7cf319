from kfp import dsl
from oracle.components import function


@function
def make_rows() -> list: ...


@function
def show(msg: str, other: str | None = None) -> str: ...


@function
def show_part(part: dict) -> str: ...


@function
def flip_coin(toss: int) -> str: ...


@dsl.pipeline
def pipeline(given: list, toss: int, msg: str = "hello"):
    side = flip_coin(toss=toss).output
    made = make_rows()
    with dsl.If(side != "no such result"):
        inner = make_rows()
        with dsl.ParallelFor(made.output) as row:
            show(msg=msg)
            with dsl.If(row.a == "heads"):
                show(msg=row.bs)
            with dsl.If(side == "heads"):
                show(msg=row.bs)
            with dsl.If(row.a == "tails"), dsl.ParallelFor([{"a": "-1"}, {"a": "-2"}]) as part:
                show_part(part=part)
            with dsl.ParallelFor(row.bs) as b:
                show(msg=b)
            with dsl.ParallelFor(given) as one:
                show(msg=one)
                with dsl.ParallelFor(inner.output) as two:
                    show(msg=one, other=two.a)
            with dsl.ParallelFor(["1", "2"]) as text:
                show(msg=text)
                with dsl.If(text == "1"):
                    show(msg="1")
    with dsl.ParallelFor(given) as row, dsl.If(row.a == "heads"), dsl.ParallelFor(row.bs) as b:
        show(msg=b)
