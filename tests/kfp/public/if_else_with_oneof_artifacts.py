"""An artifact of one of two branches, read in the pipeline of the branches and outside it."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "if_else_with_oneof_artifacts"
CONTAINERS = (5, 5)
DIFFERS = "a nested pipeline is no unit of order: tasks wait only for what they read of it"


@task
def flip_coin(toss: int) -> str:
    return ("heads", "tails")[toss % 2]


@task
def write(text: str) -> Path:
    file = Path("text.txt")
    file.write_text(text)
    return file


@task
def show(file: Path) -> str:
    return file.read_text()


@dag
def flipped(toss: int):
    side = flip_coin(toss)
    file = switch(side, {"heads": write}, default=write)(side)
    return {"file": file, "inside": show(file)}


@dag
def outer(toss: int):
    found = flipped(toss)
    return {"inside": found["inside"], "outside": show(found["file"])}


PIPELINE = outer
RUNS = [
    Run({"toss": 0}, {"inside": "heads", "outside": "heads"}),
    Run({"toss": 1}, {"inside": "tails", "outside": "tails"}),
]
