"""An artifact has another checksum than the pipeline says."""

from pathlib import Path

from dagger_providers import artifact, dag, task

DRAWING = "settle -> read(words.json)"

DATA = Path(__file__).parents[1] / "data"


@task
def settle() -> int:
    return 1


@task
def read(words: list[str], number: int) -> int:
    return len(words) + number


@dag
def artifact_differs():
    number = settle()
    return read(artifact(DATA / "words.json", sha256="0" * 64), number)


PIPELINE = artifact_differs
PARAMETERS: dict[str, object] = {}
NODE = "read"
TYPE = "dagger_providers.errors.CorruptValueError"
MESSAGE = "words.json was changed since it was written, or is another file than is meant"
TRACEBACK = ""
NEVER = ("read",)
COMMITTED = ("settle",)
