"""A task that takes any keyword."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "once -> show(x, **options)"


@task
def once(n: int) -> int:
    return n + 1


@task
def show(x: str, **options: Any) -> dict[str, Any]:
    return {"x": x, **options}


@dag
def keywords(n: int):
    return show("it", second=once(n), first=[1], name="not the node's")


PIPELINE = keywords
RUNS = [({"n": 1}, {"x": "it", "second": 2, "first": [1], "name": "not the node's"})]
