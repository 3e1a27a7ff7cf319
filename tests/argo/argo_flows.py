"""Pipelines for Argo's parameters."""

import time
from datetime import date
from pathlib import Path
from typing import Any, Literal

from dagger_providers import dag, task


@task
def echo(text: str, values: list[Any]) -> list[Any]:
    return [text, *values]


@task
def show(number: int, mode: str, day: date, size: int) -> str:
    return f"{number} {mode} {day} {size}"


@dag
def typed(
    text: str,
    number: int = 2**60,
    mode: Literal["fast", "slow"] = "fast",
    day: date = date(2026, 1, 2),
    size: Literal[1, 2] = 1,
):
    return {"echo": echo(text, []), "show": show(number, mode, day, size)}


@task(concurrency=2)
def slow(x: int, folder: str) -> int:
    mark = Path(folder, f"{x}.on")
    mark.touch()
    time.sleep(0.3)
    running = len(list(Path(folder).glob("*.on")))
    mark.unlink()
    return running


@dag
def limited(xs: list[int], folder: str):
    """At most two items at a time."""
    return sum_up([slow(x, folder) for x in xs])


@task
def sum_up(values: list[int]) -> list[int]:
    return values


@dag
def echoed(text: str, values: list[Any]):
    return echo(text, values)


@task
def invert(number: int) -> float:
    return 1 / number


@task
def gather(values: list[float]) -> list[float]:
    return values


@task
def hear(record: dict) -> None:
    assert record["parameters"]["numbers"]


@task
def break_(record: dict) -> None:
    raise RuntimeError("a hook broke")


@dag(on_success=hear, on_failure=hear, on_exit=hear)
def hooked(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag(on_success=break_, on_exit=hear)
def hook_fails(numbers: list[int]):
    return gather([invert(number) for number in numbers])


@dag(on_exit=hear)
def inner(numbers: list[float]):
    return gather(numbers)


@dag
def hook_inside(numbers: list[float]):
    return inner(numbers)
