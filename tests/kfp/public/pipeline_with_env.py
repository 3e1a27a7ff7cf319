"""Environment variables of tasks."""

import os

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "critical/pipeline_with_env"
CONTAINERS = (2, 2)


def seen(*names: str) -> list[str | None]:
    return [os.environ.get(name) for name in names]


@task(env={"ENV1": "val1"})
def show() -> list[str | None]:
    return seen("ENV1", "ENV2")


@task(env={"ENV1": "val0", "ENV2": "val0"})
def show_more() -> list[str | None]:
    return seen("ENV1", "ENV2", "ENV3")


@dag
def pipeline_with_env():
    more = show_more.options(env={"ENV2": "val2", "ENV3": "val3"})
    return {"one": show(), "other": more()}


PIPELINE = pipeline_with_env
RUNS = [Run(gives={"one": ["val1", None], "other": ["val0", "val2", "val3"]}, plain=False)]
