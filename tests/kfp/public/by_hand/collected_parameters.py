from kfp import dsl
from oracle.components import function


@function
def split(ids: str) -> list: ...


@function
def prepend(content: str) -> str: ...


@function
def consume(ids: list) -> str: ...


@function
def consume_one(one: str) -> str: ...


def collecting(ids: str) -> list:
    with dsl.ParallelFor(split(ids=ids).output) as one:
        found = prepend(content=one)
        consume_one(one=found.output)
    consume(ids=dsl.Collected(found.output))
    return dsl.Collected(found.output)


nested = dsl.pipeline(collecting)


@dsl.pipeline
def pipeline(ids: str = "s1,s2"):
    consume(ids=nested(ids=ids).output)


@dsl.pipeline
def alike(ids: str = "s1,s2"):
    consume(ids=collecting(ids))
