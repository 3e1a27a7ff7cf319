"""Order without data, across loops: of a loop after a loop, in one after it, inside another."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "cross_loop_after_topology"
CONTAINERS = (8, 8)


@task
def show(message: str) -> str:
    return message


@dag
def each(items: list[int], message: str):
    return [show(message) for _ in items]


@dag
def in_the_loop(items: list[int], inner: list[int]):
    found = []
    for _ in items:
        three = show("three")
        found.append([show.options(after=three)("four") for _ in inner])
    return found


@dag
def after_the_inner_loop(items: list[int], inner: list[int]):
    found = []
    for _ in items:
        seven = [show("seven") for _ in inner]
        found.append(show.options(after=seven)("eight"))
    return found


@dag
def cross_loop_after_topology():
    one = each([1, 2], "one")
    five = each([1, 2], "five")
    return {
        "two": each.options(after=one)([1, 2], "two"),
        "four": in_the_loop([1, 2], [1, 2]),
        "six": show.options(after=five)("six"),
        "eight": after_the_inner_loop([1, 2], [1, 2]),
    }


PIPELINE = cross_loop_after_topology
RUNS = [
    Run(
        gives={
            "two": ["two", "two"],
            "four": [["four", "four"], ["four", "four"]],
            "six": "six",
            "eight": ["eight", "eight"],
        }
    )
]
