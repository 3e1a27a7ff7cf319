"""A loop with a condition in it, whose results a task collects in a condition of its own.

What a skipped item gives is None, in the list too; in KFP it is not there.
"""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "conditional_producer_and_consumers"
CONTAINERS = (5, 2)
ADDED = {"nothing", "reaches"}


@task
def double(num: int) -> int:
    return 2 * num


@task
def add(nums: list[int | None]) -> int:
    return sum(num for num in nums if num is not None)


@task
def reaches(x: int, threshold: int) -> bool:
    return x >= threshold


@task
def nothing(**ignored: object) -> None:
    """Be the `Else` of an `If` that has none."""


@dag
def doubles(xs: list[int], threshold: int):
    return [switch(reaches(x, threshold), {True: double}, default=nothing)(num=x) for x in xs]


@dag
def conditional_producer_and_consumers(threshold: int = 2):
    found = doubles([1, 2, 3], threshold)
    total = switch(threshold, {2: add}, default=nothing)(nums=found)
    return {"found": found, "total": total}


PIPELINE = conditional_producer_and_consumers
RUNS = [
    Run(gives={"found": [None, 4, 6], "total": 10}),
    Run({"threshold": 3}, {"found": [None, None, 6], "total": None}),
]
