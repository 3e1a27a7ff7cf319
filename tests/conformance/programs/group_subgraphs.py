"""A loop with its reducer in one container, and a nested pipeline as a group, alone and mapped."""

from dagger_providers import dag, loop, task

DRAWING = "xs -> {[half] -> total} -> show; {sums: numbers -> [half] -> total}; xs -> [{sums}]"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def half(x: float) -> float:
    return x / 2


@task
def total(xs: list[float]) -> float:
    return sum(xs)


@task
def show(value: float, halves: list[float]) -> str:
    return f"{value} {halves}"


@task
def shrink(x: float) -> dict[str, object]:
    return {"x": x / 2, "done": x < 4}


@dag
def sums(n: int):
    halves = [half(x) for x in numbers(n)]
    return {"sum": total(halves), "halves": halves, "small": loop(shrink)(total(halves))["x"]}


@dag
def group_subgraphs(n: int, xs: list[int]):
    halves = [half.options(group="all")(x) for x in xs]
    value = total.options(group="all", name="sum-up")(halves)
    one = sums.options(group="one")(n)
    each = [sums.options(group="each", name="each-sums")(x) for x in xs]
    return {
        "shown": show(value, halves),
        "one": show(one["sum"], one["halves"]),
        "small": one["small"],
        "sums": [found["sum"] for found in each],
        "halves": [found["halves"] for found in each],
        "again": [half.options(name="again")(x) for x in one["halves"]],
    }


PIPELINE = group_subgraphs
RUNS = [
    (
        {"n": 0, "xs": []},
        {"shown": "0 []", "one": "0 []", "small": 0.0, "sums": [], "halves": [], "again": []},
    ),
    (
        {"n": 1, "xs": [2]},
        {
            "shown": "1.0 [1.0]",
            "one": "0.0 [0.0]",
            "small": 0.0,
            "sums": [0.5],
            "halves": [[0.0, 0.5]],
            "again": [0.0],
        },
    ),
    (
        {"n": 4, "xs": [0, 3]},
        {
            "shown": "1.5 [0.0, 1.5]",
            "one": "3.0 [0.0, 0.5, 1.0, 1.5]",
            "small": 1.5,
            "sums": [0, 1.5],
            "halves": [[], [0.0, 0.5, 1.0]],
            "again": [0.0, 0.25, 0.5, 0.75],
        },
    ),
]
