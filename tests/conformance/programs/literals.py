"""Literals and defaults, and which goes first in nested pipelines."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "inner(a, b=2, c=3) called with (a, c=20) -> show"


@task
def show(a: int, b: int, c: int, d: str = "default", *, e: tuple[int, ...] = (1, 2)) -> str:
    return f"{a}-{b}-{c}-{d}-{e}"


@dag
def inner(a: int, b: int = 2, c: int = 3):
    return show(a, b, c)


@dag
def literals(a: int = 10):
    return {
        "nested": inner(a, c=20),
        "literals": show(1, a, c=3, d='it\'s "quoted"\n', e=(3,)),
        "containers": echo({"k": [1, 2.0, None, {"deep": "yes"}]}, [True, ""]),
    }


@task
def echo(mapping: dict[str, Any], values: list[Any]) -> list[Any]:
    return [mapping, values]


PIPELINE = literals
RUNS = [
    (
        {},
        {
            "nested": "10-2-20-default-(1, 2)",
            "literals": '1-10-3-it\'s "quoted"\n-(3,)',
            "containers": [{"k": [1, 2.0, None, {"deep": "yes"}]}, [True, ""]],
        },
    )
]
