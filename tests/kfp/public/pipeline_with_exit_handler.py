"""An exit task, which runs whether the tasks that it guards fail or not: a hook."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "failing/pipeline_with_exit_handler"
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
def leave(record: dict) -> None:
    print("the exit handler has worked")


@dag(on_exit=leave)
def pipeline_with_exit_handler(message: str = "Hello World!", works: bool = False):
    return [show(message), fail("it failed", works)]


PIPELINE = pipeline_with_exit_handler
RUNS = [
    Run(fails="fail: SystemExit: it failed", says=("the exit handler has worked",)),
    Run({"works": True}, ["Hello World!", "it failed"], says=("the exit handler has worked",)),
]
