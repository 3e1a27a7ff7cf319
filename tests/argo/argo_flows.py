"""Pipelines for Argo's parameters."""

from datetime import date
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


@dag
def echoed(text: str, values: list[Any]):
    return echo(text, values)
