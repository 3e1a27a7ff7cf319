"""Three exit handlers beside each other, each with tasks of its own: hooks of nested pipelines."""

from public_catalog import Run

from dagger_providers import dag, task

UPSTREAM = "failing/pipeline_with_multiple_exit_handlers"
REFUSED = "nested-hook"


@task
def show(message: str) -> str:
    return message


@task
def fail(message: str) -> str:
    raise SystemExit(message)


@task
def first_exit(record: dict) -> None:
    print("the first exit handler has worked")


@task
def second_exit(record: dict) -> None:
    print("the second exit handler has worked")


@dag(on_exit=first_exit)
def first(message: str):
    show(message)
    fail("it failed")


@dag(on_exit=second_exit)
def second(message: str):
    return show(message)


@dag
def pipeline_with_multiple_exit_handlers(message: str = "Hello World!"):
    first(message)
    second(message)


PIPELINE = pipeline_with_multiple_exit_handlers
RUNS: list[Run] = []
