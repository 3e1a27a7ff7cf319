"""Order without data."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "essential/pipeline_with_after"
CONTAINERS = (3, 3)


@task
def show(text: str) -> str:
    return text


@dag
def pipeline_with_after():
    one = show("first")
    two = show.options(after=one)("second")
    return show.options(after=[one, two])("third")


PIPELINE = pipeline_with_after
RUNS = [Run(gives="third")]
