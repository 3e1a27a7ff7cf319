"""A pipeline with two conditions, in a loop of another.

The two opposite conditions are one switch.
"""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "parallel_and_nested/pipeline_in_pipeline_complex"
CONTAINERS = (4, 4)


@task
def repeat(msg: str) -> str:
    return msg


@task
def greet(msg: str) -> str:
    return msg


@task
def leave(msg: str) -> str:
    return msg


@dag
def world():
    return greet("world")


@dag
def bye():
    return leave("Bye!")


@dag
def answered(msg: str):
    return switch(repeat(msg), {"Hello": world}, default=bye)()


@dag
def each(items: list[str]):
    return [answered(item) for item in items]


@dag
def pipeline_in_pipeline_complex(msg: str = "Hello"):
    return {"first": repeat(msg), "each": each(["Hello", "world!"])}


PIPELINE = pipeline_in_pipeline_complex
RUNS = [Run(gives={"first": "Hello", "each": ["world", "Bye!"]})]
