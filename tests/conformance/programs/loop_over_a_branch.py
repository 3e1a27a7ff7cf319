"""A loop in a branch: joined inside, given out as a list and walked outside, and read whole."""

from dagger_providers import dag, switch, task

DRAWING = "kind -> (many: numbers -> [double] | few: listed) -> [show], total; inside: -> total"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task
def few(n: int) -> list[int]:
    return [n, n]


@task
def show(x: int) -> str:
    return f"<{x}>"


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def join(texts: list[str]) -> str:
    return " ".join(texts)


@task
def nothing(n: int) -> int:
    return -n


@dag
def many(n: int):
    return [double(x) for x in numbers(n)]


@dag
def summed(n: int):
    return total([double(x) for x in numbers(n)])


@dag
def loop_over_a_branch(kind: str, n: int):
    found = switch(kind, {"many": many, "few": few})(n)
    shown = [show(x) for x in found]
    return {
        "total": total(found),
        "shown": join(shown),
        "found": found,
        "inside": switch(kind, {"many": summed, "few": nothing})(n),
    }


PIPELINE = loop_over_a_branch
RUNS = [
    ({"kind": "few", "n": 3}, {"total": 6, "shown": "<3> <3>", "found": [3, 3], "inside": -3}),
    ({"kind": "many", "n": 0}, {"total": 0, "shown": "", "found": [], "inside": 0}),
    ({"kind": "many", "n": 1}, {"total": 0, "shown": "<0>", "found": [0], "inside": 0}),
    (
        {"kind": "many", "n": 3},
        {"total": 6, "shown": "<0> <2> <4>", "found": [0, 2, 4], "inside": 6},
    ),
]
