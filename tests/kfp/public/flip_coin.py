"""Conditions in conditions: two by a coin, and in each two by how large a number is.

Each pair of opposite conditions is one switch, and a comparison is a task. What the SDK's text
puts together of outputs is put together in the task that shows it.
"""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "critical/flip_coin"
CONTAINERS = (9, 7)
ADDED = {"exceeds"}


@task
def flip_coin(toss: int) -> str:
    return ("heads", "tails")[toss % 2]


@task
def random_num(low: int, high: int) -> int:
    return high - low


@task
def exceeds(number: int, limit: int) -> bool:
    return number > limit


@task
def show(number: int, text: str) -> str:
    return text % number


@dag
def more(number: int):
    return show(number, "%s is more")


@dag
def less(number: int):
    return show(number, "%s is not more")


@dag
def by_size(low: int, high: int, limit: int):
    number = random_num(low, high)
    return switch(exceeds(number, limit), {True: more, False: less})(number)


@dag
def heads():
    return by_size(0, 9, 5)


@dag
def tails():
    return by_size(10, 19, 15)


@dag
def flipcoin(toss: int):
    return switch(flip_coin(toss), {"heads": heads, "tails": tails})()


PIPELINE = flipcoin
RUNS = [Run({"toss": 0}, "9 is more"), Run({"toss": 1}, "9 is not more")]
