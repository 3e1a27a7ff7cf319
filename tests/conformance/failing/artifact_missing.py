"""An artifact that a loop runs over is not there."""

from pathlib import Path

from dagger_providers import artifact, dag, task

DRAWING = "absent.json -> [shout] -> join"

DATA = Path(__file__).parents[1] / "data"


@task
def shout(word: str) -> str:
    return word.upper()


@task
def join(words: list[str]) -> str:
    return " ".join(words)


@dag
def artifact_missing():
    return join([shout(word) for word in artifact(DATA / "absent.json")])


PIPELINE = artifact_missing
PARAMETERS: dict[str, object] = {}
NODE = ""
TYPE = "dagger_providers.errors.MissingValueError"
MESSAGE = "tests/conformance/data/absent.json"
TRACEBACK = ""
NEVER = ("shout", "join")
