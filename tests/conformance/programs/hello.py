"""One task that gives nothing."""

from dagger_providers import dag, task

DRAWING = "say-hello-world"


@task
def say_hello_world() -> None:
    print("Hello, world!")  # noqa: T201 - what it is for


@dag
def hello():
    say_hello_world()


PIPELINE = hello
RUNS = [({}, None)]
