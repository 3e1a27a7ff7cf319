"""A pipeline in a pipeline. We compile its tasks as tasks of the outer one."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "parallel_and_nested/pipeline_in_pipeline"
CONTAINERS = (3, 3)


@task
def repeat(msg: str) -> str:
    return msg


@task
def echo(msg: str) -> str:
    return msg.upper()


@dag
def inner(msg: str):
    return echo(repeat(msg))


@dag
def pipeline_in_pipeline():
    return [repeat("Hello"), inner("world")]


PIPELINE = pipeline_in_pipeline
RUNS = [Run(gives=["Hello", "WORLD"])]
