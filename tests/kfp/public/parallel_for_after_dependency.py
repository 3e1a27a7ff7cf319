"""Two tasks after all items of a loop whose results nobody reads."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "critical/parallel_for_after_dependency"
CONTAINERS = (3, 3)


@task
def show(message: str) -> str:
    return message


@dag
def each(items: list[int]):
    return [show("foo") for _ in items]


@dag
def parallel_for_after_dependency():
    one = each([1, 2, 3])
    return [show.options(after=one)("bar"), show.options(after=one)("baz")]


PIPELINE = parallel_for_after_dependency
RUNS = [Run(gives=["bar", "baz"])]
