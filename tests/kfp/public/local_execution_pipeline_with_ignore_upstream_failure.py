"""A task that cleans up after one that failed, and does not read it: a hook."""

from pathlib import Path
from typing import Any

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "local_execution/local_execution_pipeline_with_ignore_upstream_failure"
CONTAINERS = (2, 2)


@task
def fail() -> str:
    raise RuntimeError("it was meant to")


@task
def write_marker(record: dict[str, Any]) -> None:
    marker = Path(record["parameters"]["folder"], "marker")
    marker.write_text("cleaned up")
    print(marker.read_text())


@dag(on_exit=write_marker)
def ignore_upstream_failure(folder: str):
    fail()


PIPELINE = ignore_upstream_failure
RUNS = [
    Run(
        {"folder": "SCRATCH"},
        fails="fail: RuntimeError: it was meant to",
        says=("cleaned up",),
    )
]
