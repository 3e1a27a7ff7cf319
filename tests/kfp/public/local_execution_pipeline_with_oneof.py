"""What the branch gives that a parameter chooses, read by the next task."""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "local_execution/local_execution_pipeline_with_oneof"
CONTAINERS = (3, 3)


@task
def one() -> str:
    return "A"


@task
def other() -> str:
    return "B"


@task
def tag(value: str) -> str:
    return f"selected: {value}"


@dag
def pipeline_with_oneof(first: bool = True):
    return tag(switch(first, {True: one}, default=other)())


PIPELINE = pipeline_with_oneof
RUNS = [Run(gives="selected: A"), Run({"first": False}, "selected: B")]
