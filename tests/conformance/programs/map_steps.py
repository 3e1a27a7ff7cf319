"""Several tasks in one loop body; one of them gives nothing."""

from dagger_providers import dag, task

DRAWING = "xs -> [clean -> (fit, check)] -> best"


@task
def clean(x: int, shift: int) -> int:
    return x + shift


@task
def fit(row: int, raw: int) -> list[int]:
    return [row * row, raw]


@task
def check(row: int) -> None:
    if row < 0:
        raise ValueError(row)


@task
def best(models: list[list[int]]) -> list[int]:
    return max(models, default=[])


@dag
def map_steps(xs: list[int], shift: int = 1):
    models = []
    for x in xs:
        row = clean(x, shift)
        models.append(fit(row, x))
        check(row)
    return best(models)


PIPELINE = map_steps
RUNS = [({"xs": []}, []), ({"xs": [2, 5]}, [36, 5])]
