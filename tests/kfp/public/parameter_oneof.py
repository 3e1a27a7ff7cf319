"""What one of two branches gives, handed on by a pipeline in a pipeline in a pipeline."""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "critical/parameter_oneof"
CONTAINERS = (4, 4)


@task
def flip_coin(toss: int) -> str:
    return ("heads", "tails")[toss % 2]


@task
def one(text: str) -> str:
    return text


@task
def other(text: str) -> str:
    return text


@task
def show(text: str) -> str:
    return text


@dag
def heads():
    return one("Heads!")


@dag
def tails():
    return other("Tails!")


@dag
def core(toss: int):
    return switch(flip_coin(toss), {"heads": heads}, default=tails)()


@dag
def mantle(toss: int):
    return core(toss)


@dag
def crust(toss: int):
    return show(mantle(toss))


PIPELINE = crust
RUNS = [Run({"toss": 0}, "Heads!"), Run({"toss": 1}, "Tails!")]
