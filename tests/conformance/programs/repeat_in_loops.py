"""A repetition for each item, a loop with a reducer in each turn, and a repetition in a turn."""

from typing import Any

from dagger_providers import dag, loop, task

DRAWING = "ns -> [(grow: row -> [double] -> total, until big)] -> best; (outer: (inner: count))"


@task
def row(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def next_of(n: int, sum: int) -> dict[str, Any]:
    return {"n": n + 1, "big": sum > 10}


@task
def best(rows: list[dict[str, Any]]) -> list[int]:
    return max((row["doubles"] for row in rows), default=[])


@task
def count(x: int, to: int) -> dict[str, Any]:
    return {"x": x + 1, "done": (x + 1) % to == 0}


@task
def above(x: int, limit: int) -> bool:
    return x >= limit


@task
def listed(doubles: list[int], n: int) -> dict[str, Any]:
    return {"doubles": doubles, "n": n}


@dag
def grow(n: int):
    doubles = [double(x) for x in row(n)]
    then = next_of(n, total(doubles))
    return {"n": then["n"], "big": then["big"], "doubles": doubles}


@dag
def outer(x: int, limit: int):
    found = loop(count)(x, 4)
    return {"x": found["x"], "done": above(found["x"], limit)}


@dag
def repeat_in_loops(ns: list[int], x: int):
    found = []
    for n in ns:
        grown = loop(grow, until="big")(n)
        found.append(listed(grown["doubles"], grown["n"]))
    return {
        "best": best(found),
        "found": found,
        "outer": loop(outer)(x, 10)["x"],
        "outers": [loop(outer, name="each-outer")(n, 2)["x"] for n in ns],
    }


PIPELINE = repeat_in_loops
RUNS = [
    ({"ns": [], "x": 0}, {"best": [], "found": [], "outer": 12, "outers": []}),
    (
        {"ns": [3], "x": 12},
        {
            "best": [0, 2, 4, 6],
            "found": [{"doubles": [0, 2, 4, 6], "n": 5}],
            "outer": 16,
            "outers": [4],
        },
    ),
    (
        {"ns": [0, 5], "x": 2},
        {
            "best": [0, 2, 4, 6, 8],
            "found": [{"doubles": [0, 2, 4, 6], "n": 5}, {"doubles": [0, 2, 4, 6, 8], "n": 6}],
            "outer": 12,
            "outers": [4, 8],
        },
    ),
]
