"""An exit task that looks at how the tasks ended: the record that a hook gets says so.

Other arguments of a hook are in the record, as parameters of the run.
"""

from typing import Any

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "pipeline_with_task_final_status"
CONTAINERS = (3, 3)


@task
def show(message: str) -> str:
    return message


@task
def fail(message: str, works: bool) -> str:
    if not works:
        raise SystemExit(message)
    return message


@task
def leave(record: dict[str, Any]) -> None:
    failure = record["failure"] or {"node": "no task", "message": "nothing"}
    told = f"{record['parameters']['message']} {record['status']}"
    print(f"{told}: {failure['node']}, {failure['message']}")


@dag(on_exit=leave)
def pipeline_with_task_final_status(message: str = "Hello!", works: bool = False):
    return [show(message), fail("it failed", works)]


PIPELINE = pipeline_with_task_final_status
RUNS = [
    Run(fails="fail: SystemExit: it failed", says=("Hello! failed: fail, it failed",)),
    Run({"works": True}, ["Hello!", "it failed"], says=("Hello! succeeded: no task, nothing",)),
]
