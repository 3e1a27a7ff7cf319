"""Loops in loops: over a list in the items of a parameter, and over constants.

A list that the code of one of our pipelines writes out is not a loop but so many tasks: a loop over
constants is that of a nested pipeline, which is given the list.
"""

from typing import TypedDict

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_nested_loops"
CONTAINERS = (5, 3)


class Part(TypedDict):
    q_a: str


class Row(TypedDict):
    p_a: list[Part]
    p_b: str


@task
def show(msg: str, other: str | None = None) -> str:
    return f"{msg} {other}"


@dag
def pairs(outer: list[str], inner: list[str]):
    alone, both = [], []
    for one in outer:
        alone.append(show(one))
        both.append([show(one, other) for other in inner])
    return {"alone": alone, "both": both}


@dag
def pipeline_with_nested_loops(rows: list[Row]):
    found = [[show(part["q_a"]) for part in row["p_a"]] for row in rows]
    constant = pairs(["1", "2"], ["100", "200", "300"])
    return {"found": found, "alone": constant["alone"], "both": constant["both"]}


PIPELINE = pipeline_with_nested_loops
RUNS = [
    Run(
        {"rows": [{"p_a": [{"q_a": "1"}, {"q_a": "2"}], "p_b": "x"}, {"p_a": [], "p_b": "y"}]},
        {
            "found": [["1 None", "2 None"], []],
            "alone": ["1 None", "2 None"],
            "both": [["1 100", "1 200", "1 300"], ["2 100", "2 200", "2 300"]],
        },
    )
]
