"""A repetition in a branch, and a switch in each turn: the Collatz numbers."""

from typing import Any

from dagger_providers import dag, loop, switch, task

DRAWING = "ns -> [kind -> (collatz: (even | odd) until one) | refuse] -> show -> join"


@task
def kind(n: int) -> str:
    return "positive" if n > 0 else "other"


@task
def is_odd(n: int) -> bool:
    return n % 2 == 1


@task
def half(n: int) -> dict[str, int]:
    return {"n": n // 2}


@task
def triple(n: int) -> dict[str, int]:
    return {"n": 3 * n + 1}


@task
def look(n: int, steps: int) -> dict[str, Any]:
    return {"steps": steps + 1, "one": n == 1}


@task
def refuse(n: int) -> dict[str, Any]:
    return {"n": n, "steps": -1}


@task
def show(n: int, steps: int) -> str:
    return f"{n} after {steps}"


@task
def join(texts: list[str]) -> str:
    return ", ".join(texts)


@dag
def turn(n: int, steps: int):
    following = switch(is_odd(n), {True: triple, False: half})(n)
    looked = look(following["n"], steps)
    return {"n": following["n"], "steps": looked["steps"], "one": looked["one"]}


@dag
def collatz(n: int):
    found = loop(turn, until="one", max_iterations=30)(n, 0)
    return {"n": found["n"], "steps": found["steps"]}


@dag
def repeat_and_switch(ns: list[int]):
    texts = []
    for n in ns:
        found = switch(kind(n), {"positive": collatz}, default=refuse)(n)
        texts.append(show(found["n"], found["steps"]))
    return {"texts": join(texts), "first": collatz(6)["steps"]}


PIPELINE = repeat_and_switch
RUNS = [
    ({"ns": []}, {"texts": "", "first": 8}),
    ({"ns": [2]}, {"texts": "1 after 1", "first": 8}),
    (
        {"ns": [7, 0, 1, -3]},
        {"texts": "1 after 16, 0 after -1, 1 after 3, -3 after -1", "first": 8},
    ),
]
