"""A condition in a condition, the inner one by what a task outside and one inside give.

An `If` without an `Else` is a switch whose default does nothing, and a comparison is a task.
"""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "essential/pipeline_with_nested_conditions"
CONTAINERS = (12, 8)
ADDED = {"nothing", "is_known", "are_same"}


@task
def flip_coin(toss: int) -> str:
    return ("heads", "tails")[toss % 2]


@task
def show(msg: str) -> str:
    return msg


@task
def is_known(side: str) -> bool:
    return side != "no such result"


@task
def are_same(one: str, other: str) -> bool:
    return one == other


@task
def nothing(**ignored: object) -> None:
    """Be the `Else` of an `If` that has none."""


@dag
def same(toss: int):
    return show(flip_coin(toss))


@dag
def known(toss: int, second: str):
    third = flip_coin(toss)
    show(third)
    return switch(are_same(second, third), {True: same}, default=nothing)(toss=toss)


@dag
def nested_conditions(toss: int):
    first = flip_coin(0)
    show(first)
    second = flip_coin(1)
    show(second)
    return switch(is_known(first), {True: known}, default=nothing)(toss=toss, second=second)


PIPELINE = nested_conditions
RUNS = [Run({"toss": 1}, "tails"), Run({"toss": 2}, None)]
