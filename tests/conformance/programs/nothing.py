"""None as a result, as an item and as an argument."""

from dagger_providers import dag, task

DRAWING = "some -> [odd] -> show"


@task
def odd(n: int | None) -> int | None:
    return n if n is not None and n % 2 else None


@task
def some(n: int) -> list[int | None]:
    return [None, n]


@task
def show(values: list[int | None], first: int | None) -> str:
    return f"{values} {first}"


@dag
def nothing(n: int, missing: int | None = None):
    found = [odd(x) for x in some(n)]
    return {"shown": show(found, odd(missing)), "found": found}


PIPELINE = nothing
RUNS = [({"n": 3}, {"shown": "[None, 3] None", "found": [None, 3]})]
