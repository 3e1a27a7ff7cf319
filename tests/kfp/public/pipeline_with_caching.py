"""A task whose result a second run takes from the first; the cache is our own, in the store."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "local_execution/pipeline_with_caching"
CONTAINERS = (1, 1)


@task(cache=True)
def add_one(x: int) -> int:
    print(f"adding to {x}")
    return x + 1


@dag
def pipeline_with_caching(x: int = 1):
    return add_one(x)


PIPELINE = pipeline_with_caching
RUNS = [
    Run(gives=2, says=("adding to 1",)),
    Run(gives=2, never=("adding",)),
    Run({"x": 2}, 3, says=("adding to 2",)),
]
