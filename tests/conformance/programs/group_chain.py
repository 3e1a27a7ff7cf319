"""Nodes of one group share a container: a chain, read outside by several, once per item too."""

from dagger_providers import dag, task

DRAWING = "x -> {first -> second -> third} -> two readers; xs -> [{first -> second} -> last]"


@task
def first(x: int) -> list[int]:
    return [x, x + 1]


@task
def second(xs: list[int]) -> tuple[int, ...]:
    return tuple(2 * x for x in xs)


@task(group="chain")
def third(xs: tuple[int, ...]) -> int:
    return sum(xs)


@task
def last(number: int, xs: tuple[int, ...]) -> str:
    return f"{number} of {xs}"


@task
def join(texts: list[str]) -> str:
    return " | ".join(texts)


@dag
def group_chain(x: int, xs: list[int]):
    halfway = second.options(group="chain")(first.options(group="chain")(x))
    number = third(halfway)
    texts = []
    for one in xs:
        made = first.options(name="make", group="item")(one)
        doubled = second.options(name="double", group="item")(made)
        texts.append(last(third.options(name="sum", group="item")(doubled), doubled))
    return {
        "one": last(number, halfway),
        "number": number,
        "halfway": halfway,
        "joined": join(texts),
    }


PIPELINE = group_chain
RUNS = [
    (
        {"x": 1, "xs": []},
        {"one": "6 of (2, 4)", "number": 6, "halfway": (2, 4), "joined": ""},
    ),
    (
        {"x": 1, "xs": [0]},
        {"one": "6 of (2, 4)", "number": 6, "halfway": (2, 4), "joined": "2 of (0, 2)"},
    ),
    (
        {"x": 0, "xs": [5, 7]},
        {
            "one": "2 of (0, 2)",
            "number": 2,
            "halfway": (0, 2),
            "joined": "22 of (10, 12) | 30 of (14, 16)",
        },
    ),
]
