"""A result that its serializer would change is refused, not changed."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "make -> use"


@task
def make() -> dict[str, Any]:
    return {"point": (1, 2)}


@task
def use(value: dict[str, Any]) -> str:
    return repr(value)


@dag
def not_json():
    return use(make())


PIPELINE = not_json
PARAMETERS = {}
NODE = "make"
TYPE = "dagger_providers.errors.SerializationError"
MESSAGE = "JSON turns a tuple into a list"
TRACEBACK = ""
NEVER = ("make", "use")
PLAIN = ""
