"""If, elif and else in a nested pipeline, which hands on what the chosen branch gives."""

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "if_elif_else_with_oneof_parameters"
CONTAINERS = (5, 5)


@task
def flip_die(toss: int) -> str:
    return ("heads", "tails", "draw")[toss % 3]


@task
def repeat(text: str) -> str:
    return text


@task
def special(text: str) -> dict[str, str]:
    return {"output_key": text}


@dag
def heads():
    return {"output_key": repeat("Heads!")}


@dag
def tails():
    return {"output_key": repeat("Tails!")}


@dag
def a_draw():
    return {"output_key": special("A draw!")["output_key"]}


@dag
def roll_die(toss: int):
    found = switch(flip_die(toss), {"heads": heads, "tails": tails}, default=a_draw)()
    return found["output_key"]


@dag
def outer(toss: int):
    return repeat(roll_die(toss))


PIPELINE = outer
RUNS = [Run({"toss": 0}, "Heads!"), Run({"toss": 1}, "Tails!"), Run({"toss": 2}, "A draw!")]
