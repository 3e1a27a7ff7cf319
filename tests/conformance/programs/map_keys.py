"""Loops over part of a result, and over part of an item."""

from typing import Any

from dagger_providers import dag, task

DRAWING = 'load["groups"] -> [group["rows"] -> [show]] -> join'


@task
def load(n: int) -> dict[str, Any]:
    groups = [{"name": f"g{i}", "rows": list(range(i))} for i in range(n)]
    return {"groups": groups, "total": n}


@task
def show(name: str, row: int, total: int) -> str:
    return f"{name}.{row}/{total}"


@task
def join(texts: list[str]) -> str:
    return " ".join(texts)


@dag
def map_keys(n: int):
    found = load(n)
    shown = []
    for group in found["groups"]:
        for row in group["rows"]:
            shown.append(show(group["name"], row, found["total"]))
    return {"shown": join(shown), "groups": found["groups"]}


PIPELINE = map_keys
RUNS = [
    ({"n": 0}, {"shown": "", "groups": []}),
    (
        {"n": 3},
        {
            "shown": "g1.0/3 g2.0/3 g2.1/3",
            "groups": [
                {"name": "g0", "rows": []},
                {"name": "g1", "rows": [0]},
                {"name": "g2", "rows": [0, 1]},
            ],
        },
    ),
]
