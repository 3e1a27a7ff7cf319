"""An artifact in a mapped pipeline is written by something else than the pipeline says."""

from pathlib import Path

from dagger_providers import artifact, dag, task

DRAWING = "xs -> [inner: count(mode.txt as JSON)]"

DATA = Path(__file__).parents[1] / "data"


@task
def settle() -> list[int]:
    return [1]


@task
def count(words: list[str], x: int) -> int:
    return len(words) + x


@dag
def inner(x: int):
    return count(artifact(DATA / "mode.txt", list[str], serializer="json"), x)


@dag
def artifact_unreadable():
    return [inner(x) for x in settle()]


PIPELINE = artifact_unreadable
PARAMETERS: dict[str, object] = {}
NODE = "inner.count[0]"
TYPE = "dagger_providers.errors.DeserializationError"
MESSAGE = "data/mode.txt: expected JSON"
TRACEBACK = ""
NEVER = ("inner.count",)
COMMITTED = ("settle",)
