"""A switch for each item: chosen by the item, by a part of it, and by what the body made of it."""

from typing import Any

from dagger_providers import dag, switch, task

DRAWING = "rows -> [by item part -> (add | multiply) -> by size -> (keep | cut)] -> total; [again]"


@task
def add(row: dict[str, Any], by: int) -> int:
    return int(row["x"]) + by


@task
def multiply(row: dict[str, Any], by: int) -> int:
    return int(row["x"]) * by


@task
def size(x: int) -> int:
    return 1 if x > 5 else 0


@task
def keep(x: int) -> int:
    return x


@task
def cut(x: int) -> int:
    return 5


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def named(letter: str) -> str:
    return f"<{letter}>"


@dag
def switch_in_a_loop(rows: list[dict[str, Any]], by: int, letters: list[str]):
    found = []
    for row in rows:
        made = switch(row["how"], {"add": add}, default=multiply)(row, by)
        found.append(switch(size(made), {0: keep, 1: cut})(made))
    return {
        "total": total(found),
        "found": found,
        "again": [keep(x) for x in found],
        "letters": [switch(x, {"a": named})(x) for x in letters],
    }


PIPELINE = switch_in_a_loop
RUNS = [
    (
        {"rows": [], "by": 3, "letters": []},
        {"total": 0, "found": [], "again": [], "letters": []},
    ),
    (
        {"rows": [{"how": "add", "x": 1}], "by": 3, "letters": ["a"]},
        {"total": 4, "found": [4], "again": [4], "letters": ["<a>"]},
    ),
    (
        {
            "rows": [{"how": "add", "x": 4}, {"how": "", "x": 1}, {"how": "add", "x": 0}],
            "by": 3,
            "letters": ["a", "a"],
        },
        {"total": 11, "found": [5, 3, 3], "again": [5, 3, 3], "letters": ["<a>", "<a>"]},
    ),
]
