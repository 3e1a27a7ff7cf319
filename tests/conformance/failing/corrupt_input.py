"""What was written is changed in the store before its reader runs."""

from pathlib import Path

from dagger_providers import dag, task

DRAWING = "fragile -> spoil -> read"


@task
def fragile() -> list[int]:
    return [1, 2, 3]


@task
def spoil(values: list[int], store: str) -> int:
    """Overwrite the value of `fragile` on every runtime."""
    for file in Path(store).rglob("nodes/fragile/attempt-*/return_value.json"):
        file.write_text("[1,2,4]")
    return len(values)


@task
def read(values: list[int], number: int) -> int:
    return sum(values) + number


@dag
def corrupt_input(store: str):
    found = fragile()
    return read(found, spoil(found, store))


PIPELINE = corrupt_input
PARAMETERS = {"store": "STORE"}
NODE = "read"
TYPE = "dagger_providers.errors.CorruptValueError"
MESSAGE = "nodes/fragile/attempt-"
TRACEBACK = ""
NEVER = ("read",)
PLAIN = ""
