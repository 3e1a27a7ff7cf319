"""Artifacts in a loop, from one task to the next, named alike on KFP's page.

An artifact is a file: a task returns its path, and its reader gets a path.
"""

from pathlib import Path

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "parallel_and_nested/loop_consume_upstream"
CONTAINERS = (4, 4)
SHOWN = {"kfp": {"display_name": "same display name"}}


@task(runtime_options=SHOWN)
def split(text: str) -> list[str]:
    return text.split(",")


@task(runtime_options=SHOWN)
def create_file(content: str) -> Path:
    file = Path(f"{content}.txt")
    file.write_text(content)
    return file


@task(runtime_options=SHOWN)
def read_file(file: Path) -> str:
    return file.read_text()


@task(runtime_options=SHOWN)
def show(texts: list[str]) -> str:
    return " ".join(texts)


@dag
def loop_consume_upstream():
    ids = split("one,two")
    return {"read": [read_file(create_file(one)) for one in ids], "shown": show(ids)}


PIPELINE = loop_consume_upstream
RUNS = [Run(gives={"read": ["one", "two"], "shown": "one two"})]
