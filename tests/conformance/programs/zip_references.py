"""zip of a parameter and of outputs: loops that run in step."""

from dagger_providers import dag, task

DRAWING = "zip(xs, upper(xs), count(xs)) -> [show] -> join"


@task
def upper(xs: list[str]) -> list[str]:
    return [x.upper() for x in xs]


@task
def count(xs: list[str]) -> list[int]:
    return list(range(len(xs)))


@task
def show(x: str, y: str, n: int) -> str:
    return f"{x}{y}{n}"


@task
def join(values: list[str]) -> str:
    return " ".join(values)


@dag
def zip_references(xs: list[str]):
    shown = []
    for x, y, n in zip(xs, upper(xs), count(xs), strict=True):
        shown.append(show(x, y, n))
    return join(shown)


PIPELINE = zip_references
RUNS = [({"xs": []}, ""), ({"xs": ["a", "b"]}, "aA0 bB1")]
