"""When all tries failed, a function's result stands in for the task's, written as the task's is."""

import os
from dataclasses import dataclass
from pathlib import Path

from dagger_providers import dag, task

DRAWING = "fit (fails: guess) -> show; tried (3 tries: told) -> show; xs -> [half (odd: nothing)]"
PLAIN = "ValueError: no fit for 3"


@dataclass
class Fit:
    slope: float
    told: str = ""


def guess(x: int, error: Exception) -> Fit:
    return Fit(x / 2, f"{type(error).__name__}: {error}")


@task(on_failure=guess)
def fit(x: int) -> Fit:
    raise ValueError(f"no fit for {x}")


def told(folder: str) -> str:
    """Tell how many tries there were, and clean up."""
    counter = Path(folder) / f"{os.getpid()}.txt"
    tries = counter.read_text()
    counter.unlink()
    return f"{len(tries)} tries"


@task(retries=2, on_failure=told)
def tried(folder: str, x: int) -> str:
    with (Path(folder) / f"{os.getpid()}.txt").open("a") as counter:
        counter.write("x")
    raise OSError(f"never {x}")


@task
def nothing() -> int:
    return -1


@task(on_failure=nothing)
def half(x: int) -> int:
    if x % 2:
        raise ValueError(x)
    return x // 2


@task
def show(slope: float, told: str, tries: str) -> str:
    return f"{slope} ({told}) {tries}"


@dag
def stand_ins(folder: str, x: int, xs: list[int]):
    found = fit(x)
    return {
        "shown": show(found.slope, found.told, tried(folder, x)),
        "fit": found,
        "halves": [half(one) for one in xs],
    }


PIPELINE = stand_ins
RUNS = [
    (
        {"folder": "SCRATCH", "x": 3, "xs": []},
        {
            "shown": "1.5 (ValueError: no fit for 3) 3 tries",
            "fit": Fit(1.5, "ValueError: no fit for 3"),
            "halves": [],
        },
    ),
    (
        {"folder": "SCRATCH", "x": 3, "xs": [4, 5, 6]},
        {
            "shown": "1.5 (ValueError: no fit for 3) 3 tries",
            "fit": Fit(1.5, "ValueError: no fit for 3"),
            "halves": [2, -1, 3],
        },
    ),
]
