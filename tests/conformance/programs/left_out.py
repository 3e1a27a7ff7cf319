"""Items that fail are left out of the list, with what depends on them; in a list of lists too."""

from dagger_providers import dag, task

DRAWING = "xs -> [fit: some fail -> half -> [parts]] -> show; xs -> [[fit]]; none is left -> show"
PLAIN = "ValueError: 1 is odd"


@task(allow_failure=True)
def fit(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


@task
def half(x: int) -> int:
    return x // 2


@task
def parts(x: int) -> list[int]:
    return list(range(x))


@task
def show(values: list[int], others: list[int]) -> str:
    return f"{values} {others}"


@task
def pair(x: int, z: int) -> str:
    return f"{x}{z}"


@task(allow_failure=True)
def never(x: int) -> int:
    raise RuntimeError("never")


@task
def all_of(values: list[int]) -> list[int]:
    return values


@dag
def left_out(xs: list[int], ys: list[list[int]], zs: list[int]):
    fits = [fit(x) for x in xs]
    halves = [half(x) for x in fits]
    return {
        "shown": show(fits, halves),
        "fits": fits,
        "pieces": [[half(part) for part in parts(x)] for x in fits],
        "pairs": [pair(x, z) for x in fits for z in zs],
        "rows": [[fit(y) for y in row] for row in ys],
        "flat": all_of([fit(y) for row in ys for y in row]),
        "none": show([never(x) for x in xs], [half(never(x)) for x in xs]),
    }


PIPELINE = left_out
RUNS = [
    (
        {"xs": [1], "ys": [[]], "zs": [1]},
        {
            "shown": "[] []",
            "fits": [],
            "pieces": [],
            "pairs": [],
            "rows": [[]],
            "flat": [],
            "none": "[] []",
        },
    ),
    (
        {"xs": [1, 2, 3, 4], "ys": [[1], [2, 3, 6]], "zs": [1, 2]},
        {
            "shown": "[2, 4] [1, 2]",
            "fits": [2, 4],
            "pieces": [[0, 0], [0, 0, 1, 1]],
            "pairs": ["21", "22", "41", "42"],
            "rows": [[], [2, 6]],
            "flat": [2, 6],
            "none": "[] []",
        },
    ),
]
