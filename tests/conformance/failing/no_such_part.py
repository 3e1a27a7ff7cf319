"""A task's result lacks a part that the pipeline reads."""

from typing import Any

from dagger_providers import dag, task

DRAWING = 'make["missing"] -> use'


@task
def make() -> dict[str, Any]:
    return {"there": 1}


@task
def use(value: int) -> int:
    return value


@dag
def no_such_part():
    return use(make()["missing"])


PIPELINE = no_such_part
PARAMETERS = {}
NODE = "make"
TYPE = "dagger_providers.errors.SerializationError"
MESSAGE = "the result, a dict, has no 'missing'; it has keys 'there'"
TRACEBACK = ""
NEVER = ("make", "use")
PLAIN = "KeyError: 'missing'"
