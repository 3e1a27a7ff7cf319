"""A loop over what is no list: a text would give its letters."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "make -> [use]"


@task
def make() -> Any:
    return "abc"


@task
def use(value: str) -> str:
    return value


@dag
def no_list():
    return [use(value) for value in make()]


PIPELINE = no_list
PARAMETERS = {}
NODE = "make"
TYPE = "dagger_providers.errors.SerializationError"
MESSAGE = "expected a list or generator of partitions, got str"
TRACEBACK = ""
NEVER = ("make", "use")
PLAIN = ""
