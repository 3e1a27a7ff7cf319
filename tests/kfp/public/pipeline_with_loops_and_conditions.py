"""Branches by a task, by a loop's item and by a part of it, in loops that stand in branches.

An `If` without an `Else` is a switch whose default does nothing, and a comparison is a task. A
branch by what a loop's item holds is chosen without one.
"""

from typing import TypedDict

from public_catalog import Run

from dagger_providers import dag, switch, task

UPSTREAM = "pipeline_with_loops_and_conditions"
CONTAINERS = (30, 13)
ADDED = {"nothing", "is_known"}


class Row(TypedDict):
    a: str
    bs: list[str]


@task
def make_rows() -> list[Row]:
    return [{"a": "heads", "bs": ["2"]}, {"a": "tails", "bs": []}]


@task
def show(msg: object, other: object = None) -> str:
    return f"{msg} {other}"


@task
def show_part(part: dict[str, str]) -> str:
    return part["a"]


@task
def flip_coin(toss: int) -> str:
    return ("heads", "tails")[toss % 2]


@task
def is_known(side: str) -> bool:
    return side != "no such result"


@task
def nothing(**ignored: object) -> None:
    """Be the `Else` of an `If` that has none."""


@dag
def show_list(row: Row):
    return show(row["bs"])


@dag
def show_parts(parts: list[dict[str, str]]):
    return [show_part(part) for part in parts]


@dag
def constant_parts(row: Row):
    return show_parts([{"a": "-1"}, {"a": "-2"}])


@dag
def show_each(row: Row):
    return [show(b) for b in row["bs"]]


@dag
def show_one():
    return show("1")


@dag
def constants(texts: list[str]):
    return [[show(text), switch(text, {"1": show_one}, default=nothing)()] for text in texts]


@dag
def known(made: list[Row], rows: list[Row], side: str, msg: str):
    inner = make_rows()
    texts, lists, coins, parts, bs, loops, ends = [], [], [], [], [], [], []
    for row in made:
        texts.append(show(msg))
        lists.append(switch(row["a"], {"heads": show_list}, default=nothing)(row=row))
        coins.append(switch(side, {"heads": show_list}, default=nothing)(row=row))
        parts.append(switch(row["a"], {"tails": constant_parts}, default=nothing)(row=row))
        bs.append([show(b) for b in row["bs"]])
        loops.append([[show(one), [show(one, two["a"]) for two in inner]] for one in rows])
        ends.append(constants(["1", "2"]))
    return {
        "texts": texts, "lists": lists, "coins": coins, "parts": parts, "bs": bs, "loops": loops,
        "ends": ends,
    }  # fmt: skip


@dag
def pipeline_with_loops_and_conditions(given: list[Row], toss: int, msg: str = "hello"):
    side = flip_coin(toss)
    made = make_rows()
    switch(is_known(side), {True: known}, default=nothing)(
        made=made, rows=given, side=side, msg=msg
    )
    return [switch(row["a"], {"heads": show_each}, default=nothing)(row=row) for row in given]


PIPELINE = pipeline_with_loops_and_conditions
RUNS = [
    Run({"given": [{"a": "heads", "bs": ["X", "Y"]}], "toss": 0}, [["X None", "Y None"]]),
]
