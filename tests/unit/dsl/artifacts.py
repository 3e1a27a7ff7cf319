"""Pipelines that read files beside them, and the files' contents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from dagger_providers import artifact, dag, task


@dataclass
class Limit:
    name: str
    at: float


@task
def total(rows: pd.DataFrame) -> int:
    return int(rows.n.sum())


@task
def summed(rows: pl.DataFrame) -> int:
    return int(rows["n"].sum())


@task
def above(limit: Limit, x: int) -> bool:
    return x > limit.at


@task
def show(value: Any) -> str:
    return repr(value)


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def length(words: list[str]) -> int:
    return len(words)


@dag
def at_the_working_folder():
    return show(artifact("here.json"))


@dag
def of_classes(x: int = 3):
    one = above(artifact("limit.json", Limit), x)
    return [one, *[above(limit, x) for limit in artifact("limits.json", list[Limit])]]


@dag
def mapped():
    return [add(x, artifact("more.json")["by"]) for x in artifact("xs.json")]


@dag
def walks_a_frame():
    return [show(x) for x in artifact("s3://b/rows.csv", pd.DataFrame)]


@dag
def plain_json_for_a_class():
    return above(artifact("s3://b/limit.json"), 1)


@dag
def items_for_a_class():
    return [above(limit, 1) for limit in artifact("s3://b/limits.json")]


@dag
def another_frame():
    return summed(artifact("s3://b/rows.parquet"))


@dag
def the_frame_it_takes():
    return summed(artifact("s3://b/rows.csv", pl.DataFrame))


@dag
def an_attribute_of_json():
    return show(artifact("s3://b/settings.json").by)


@dag
def returns_it():
    return {"shown": show(1), "as_it_is": [artifact("s3://b/rows.csv")]}


@dag
def through(value):
    show(1)
    return value


@dag
def hands_it_on():
    return through(artifact("s3://b/xs.json"))


@dag
def hands_it_to_a_task():
    return length(through(artifact("xs.json")))


def written(folder: Path) -> None:
    """Write what the pipelines read."""
    (folder / "here.json").write_text("[1, 2]")
    (folder / "limit.json").write_text('{"name": "low", "at": 2}')
    (folder / "limits.json").write_text('[{"name": "low", "at": 2}, {"name": "high", "at": 9}]')
    (folder / "more.json").write_text('{"by": 10}')
    (folder / "xs.json").write_text("[1, 2, 3]")
