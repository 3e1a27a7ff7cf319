"""A named tuple of a task, handed on by a pipeline in a pipeline, and read by its fields."""

from typing import NamedTuple

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "critical/multiple_parameters_namedtuple"
CONTAINERS = (2, 2)


class Pair(NamedTuple):
    one: str
    other: str


@task
def make() -> Pair:
    return Pair("foo", "bar")


@task
def show(one: str, other: str) -> str:
    return f"{one} {other}"


@dag
def core():
    return make()


@dag
def mantle():
    return core()


@dag
def crust():
    found = mantle()
    return show(found.one, found.other)


PIPELINE = crust
RUNS = [Run(gives="foo bar")]
