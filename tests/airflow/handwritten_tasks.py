"""Functions that handwritten DAGs run; importing this file imports no Airflow."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_providers import dag, switch, task


@dataclass
class Model:
    name: str
    score: float


def numbers(n: int) -> list[int]:
    return list(range(n))


def double(x: int) -> int:
    return 2 * x


def total(values: list[int]) -> int:
    return sum(values)


def fit(name: str, score: float = 1.0) -> Model:
    return Model(name, score)


def models(names: list[str]) -> list[Model]:
    return [Model(name, len(name)) for name in names]


def best(models: list[Model]) -> str:
    return max(models, key=lambda model: model.score).name


def name_of(model: Model) -> str:
    return model.name


def long_list(n: int) -> list[str]:
    return ["x" * 20_000] * n


def length(text: str) -> int:
    return len(text)


def split(n: int) -> dict[str, Any]:
    return {"low": n // 2, "high": n - n // 2}


def long_texts() -> dict[str, str]:
    return {"a": "a" * 40_000, "b": "b" * 40_000}


def year(day: datetime.date) -> int:
    return day.year


def fails(x: int) -> int:
    if x == 1:
        raise ValueError(f"no {x}\n  please")
    return x


def fails_until(log: str, tries: int) -> int:
    path = Path(log)
    done = len(path.read_text()) + 1 if path.exists() else 1
    path.write_text("x" * done)
    if done < tries:
        raise ValueError(f"try {done}")
    return done


@task(serializer="pickle")
def letters(text: str) -> object:
    return set(text)


def count(found: object) -> int:
    return len(found)


@task(retries=2)
def own_retries(log: str, tries: int) -> int:
    return fails_until(log, tries)


# Pipelines

list_of = task(numbers)
twice = task(double)
sum_of = task(total)
make = task(fit)
pick = task(best)


@dag
def summed(n: int = 2):
    return sum_of([twice(x) for x in list_of(n)])


@dag
def several(n: int, day: datetime.date = datetime.date(2026, 1, 31)):
    doubled = [twice(x) for x in list_of(n)]
    return {"doubled": doubled, "model": make("m"), "n": n, "total": summed(n), "day": day}


@dag
def branched(kind: str):
    return switch(kind, {"small": summed, "large": summed})(3)


@task
def hear(record: dict) -> None:
    Path(record["parameters"]["log"]).write_text(record["pipeline"])


@dag(on_exit=hear)
def heard(log: str):
    return twice(1)


@dag
def listed(n: int):
    return list_of(n)
