"""If, elif and else in a loop, with conditions, chosen values and a loop of constants in them.

The comparisons are one task, which says where a number lies: its answers are the branches.
"""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "if_elif_else_complex"
CONTAINERS = (19, 13)
ADDED = {"nothing", "compare"}


@task
def draw(trial: int) -> int:
    return (5000, 4998, 5000, 4999, 5002, 5001)[trial]


@task
def compare(num: int) -> str:
    if num == 5000:
        return "lucky"
    return "low" if num < 5000 else "high"


@task
def even_or_odd(num: int) -> str:
    return "odd" if num % 2 else "even"


@task
def repeat(text: str) -> str:
    return text


@task
def show(ints: list[int]) -> str:
    return str(ints)


@task
def nothing(**ignored: object) -> None:
    """Be the `Else` of an `If` that has none."""


@dag
def last():
    return repeat("drum roll")


@dag
def drum_roll(trial: int):
    return switch(trial, {3: last}, default=nothing)()


@dag
def even():
    return repeat("even")


@dag
def odd():
    return repeat("odd")


@dag
def unlucky(num: int, again: bool):
    return repeat(switch(even_or_odd(num), {"even": even}, default=odd)())


@dag
def repeated(times: list[int]):
    return [repeat("again") for _ in times]


@dag
def twice():
    return repeated([1, 2])


@dag
def lucky(num: int, again: bool):
    switch(again, {True: twice}, default=nothing)()
    return repeat("lucky")


@dag
def lucky_number(trials: list[int], drums: bool = True, again: bool = True):
    numbers, told = [], []
    for trial in trials:
        num = draw(trial)
        switch(drums, {True: drum_roll}, default=nothing)(trial=trial)
        numbers.append(num)
        cases = {"low": unlucky, "high": unlucky}
        told.append(switch(compare(num), cases, default=lucky)(num, again))
    return {"told": told, "shown": show(numbers)}


PIPELINE = lucky_number
RUNS = [
    Run(
        {"trials": [1, 2, 3, 5]},
        {"told": ["even", "lucky", "odd", "odd"], "shown": "[4998, 5000, 4999, 5001]"},
    ),
    Run({"trials": [2], "drums": False, "again": False}, {"told": ["lucky"], "shown": "[5000]"}),
]
