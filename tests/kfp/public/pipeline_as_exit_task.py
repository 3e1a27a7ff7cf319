"""An exit task that is a pipeline, which tells of failures only: a hook for failures.

A hook is one task; this one's container sees by itself whether it applies.
"""

from typing import Any

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_as_exit_task"
CONTAINERS = (3, 4)
DIFFERS = "a hook is one task, which looks at the status; with the SDK a task and a branch do"


@task
def show(message: str) -> str:
    return message


@task
def fail(message: str, works: bool) -> str:
    if not works:
        raise SystemExit(message)
    return message


@task
def notify(record: dict[str, Any]) -> None:
    print(f"notify: {record['failure']['node']} failed")


@dag(on_failure=notify)
def pipeline_as_exit_task(message: str = "Hello!", works: bool = False):
    return [show(message), fail("it failed", works)]


PIPELINE = pipeline_as_exit_task
RUNS = [
    Run(fails="fail: SystemExit: it failed", says=("notify: fail failed",)),
    Run({"works": True}, ["Hello!", "it failed"], never=("notify",)),
]
