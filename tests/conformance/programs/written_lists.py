"""Loops over lists that the pipeline writes down: in loops, in each other, and of no items."""

from dagger_providers import dag, task

DRAWING = "xs -> [[1, 2] -> [[a, b, c] -> [add] -> join] -> join] -> join; [] -> [twice] -> total"


@task
def add(x: int, n: int, letter: str) -> str:
    return f"{x * n}{letter}"


@task
def join(texts: list[str]) -> str:
    return " ".join(texts)


@task
def twice(n: int) -> int:
    return 2 * n


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@dag
def with_letters(x: int, n: int, letters: list[str]):
    return join([add(x, n, letter) for letter in letters])


@dag
def with_numbers(x: int, numbers: list[int]):
    return join([with_letters(x, n, ["a", "b", "c"]) for n in numbers])


@dag
def doubled(numbers: list[int]):
    return total([twice(n) for n in numbers])


@dag
def written_lists(xs: list[int]):
    return {
        "texts": [with_numbers(x, [1, 2]) for x in xs],
        "few": with_numbers(5, [7]),
        "none": doubled([]),
    }


PIPELINE = written_lists
RUNS = [
    ({"xs": []}, {"texts": [], "few": "35a 35b 35c", "none": 0}),
    (
        {"xs": [1, 3]},
        {
            "texts": ["1a 1b 1c 2a 2b 2c", "3a 3b 3c 6a 6b 6c"],
            "few": "35a 35b 35c",
            "none": 0,
        },
    ),
]
