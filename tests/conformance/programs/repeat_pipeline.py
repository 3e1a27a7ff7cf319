"""A pipeline repeated, whose turns swap two states: the Fibonacci numbers; then walked."""

from dagger_providers import dag, loop, task

DRAWING = "a, b -> (step: (a, b) -> (b, a + b), until above) -> show; [each of the digits]"


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def above(x: int, limit: int) -> bool:
    return x > limit


@task
def digits(x: int) -> list[int]:
    return [int(digit) for digit in str(x)]


@task
def twice(digit: int) -> int:
    return 2 * digit


@dag
def step(a: int, b: int, limit: int = 50):
    c = add(a, b)
    return {"a": b, "b": c, "enough": above(c, limit), "digits": digits(c)}


@dag
def repeat_pipeline(a: int, b: int):
    found = loop(step, until="enough", max_iterations=20)(a, b)
    return {
        "both": [found["a"], found["b"]],
        "sum": add(found["a"], found["b"]),
        "digits": [twice(digit) for digit in found["digits"]],
        "low": loop(step, until="enough")(limit=1, a=a, b=b)["b"],
    }


PIPELINE = repeat_pipeline
RUNS = [
    (
        {"a": 0, "b": 1},
        {"both": [34, 55], "sum": 89, "digits": [10, 10], "low": 2},
    ),
    ({"a": 60, "b": 40}, {"both": [40, 100], "sum": 140, "digits": [2, 0, 0], "low": 100}),
]
