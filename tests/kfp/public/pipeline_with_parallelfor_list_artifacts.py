"""Loops over artifacts, of which a nested pipeline makes a list."""

from pathlib import Path

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_parallelfor_list_artifacts"
CONTAINERS = (4, 2)


@task
def make_file(text: str) -> Path:
    file = Path(f"{text}.txt")
    file.write_text(text)
    return file


@task
def show(file: Path) -> str:
    return file.read_text()


@dag
def files(texts: list[str]):
    return [make_file(text) for text in texts]


@dag
def pipeline_with_parallelfor_list_artifacts(texts: list[str]):
    return [show(file) for file in files(texts)]


PIPELINE = pipeline_with_parallelfor_list_artifacts
RUNS = [Run({"texts": ["Hello", "world"]}, ["Hello", "world"])]
