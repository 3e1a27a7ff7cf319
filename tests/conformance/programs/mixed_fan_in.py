"""Static and dynamic fan-in in one list, deep keys and attributes, two readers of everything."""

from dataclasses import dataclass, field
from typing import Any

from dagger_providers import dag, loop, switch, task

DRAWING = "made.deep, [fit(row).parts], (a | b), (turns), literals -> join, show"


@dataclass
class Part:
    label: str
    sizes: list[int] = field(default_factory=list)


@dataclass
class Made:
    parts: dict[str, Part]
    rows: list[dict[str, Any]]


@task
def make(n: int) -> Made:
    rows = [{"k": {"v": [i, -i]}, "how": "a" if i % 2 else "b"} for i in range(n)]
    return Made({"x": Part("first", [1, 2]), "y": Part("second")}, rows)


@task
def fit(value: int, label: str) -> dict[str, Any]:
    return {"deep": {"text": f"{label}{value}"}, "value": value}


@task
def a(value: int) -> Part:
    return Part("a", [value])


@task
def b(value: int) -> Part:
    return Part("b", [value, value])


@task
def turn(n: int) -> dict[str, Any]:
    return {"n": n + 1, "texts": {"all": [f"t{n}", "-"]}, "done": n > 1}


@task
def join(texts: list[Any]) -> str:
    return " ".join(map(str, texts))


@task
def show(texts: list[Any], sizes: list[list[int]]) -> str:
    return f"{len(texts)} {sizes}"


@dag
def mixed_fan_in(n: int):
    made = make(n)
    turned = loop(turn)(0)
    texts = ["begin", made.parts["x"].label]
    sizes = [made.parts["x"].sizes]
    for row in made.rows:
        found = fit(row["k"]["v"][1], made.parts["y"].label)
        chosen = switch(row["how"], {"a": a, "b": b})(found["value"])
        texts += [found["deep"]["text"], chosen.label]
        sizes.append(chosen.sizes)
    texts += [turned["texts"]["all"][0], None]
    return {"joined": join(texts), "shown": show(texts, sizes), "sizes": sizes, "texts": texts}


PIPELINE = mixed_fan_in
RUNS = [
    (
        {"n": 0},
        {
            "joined": "begin first t2 None",
            "shown": "4 [[1, 2]]",
            "sizes": [[1, 2]],
            "texts": ["begin", "first", "t2", None],
        },
    ),
    (
        {"n": 2},
        {
            "joined": "begin first second0 b second-1 a t2 None",
            "shown": "8 [[1, 2], [0, 0], [-1]]",
            "sizes": [[1, 2], [0, 0], [-1]],
            "texts": ["begin", "first", "second0", "b", "second-1", "a", "t2", None],
        },
    ),
]
