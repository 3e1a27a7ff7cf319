"""A comprehension of two loops in both orders, and one that gives columns."""

from dagger_providers import dag, task

DRAWING = "xs x ys -> [[pair]] -> join, both ways around; columns -> shape"


@task
def pair(x: str, y: int) -> str:
    return f"{x}{y}"


@task
def join(values: list[str]) -> str:
    return " ".join(values)


@task
def shape(rows: list[list[str]]) -> str:
    return "|".join(map(" ".join, rows))


@dag
def comprehensions(xs: list[str], ys: list[int]):
    return {
        "x_first": join([pair(x, y) for x in xs for y in ys]),
        "y_first": join([pair(x, y) for y in ys for x in xs]),
        "columns": shape([[pair(x, y) for x in xs] for y in ys]),
    }


PIPELINE = comprehensions
RUNS = [
    ({"xs": [], "ys": [1]}, {"x_first": "", "y_first": "", "columns": ""}),
    ({"xs": ["a", "b"], "ys": []}, {"x_first": "", "y_first": "", "columns": ""}),
    (
        {"xs": ["a", "b"], "ys": [1, 2]},
        {
            "x_first": "a1 a2 b1 b2",
            "y_first": "a1 b1 a2 b2",
            "columns": "a1 b1|a2 b2",
        },
    ),
]
