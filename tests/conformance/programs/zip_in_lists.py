"""Items of a zip that only a list holds together: in pairs, one after the other, with literals."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "zip([a(x)], ys) -> [[a, y]] -> join; [a, 'and', y, ...] -> join; zs -> [[[a, y, z]]]"


@task
def a(x: int) -> int:
    return x + 1


@task
def join(values: list[Any]) -> str:
    return " ".join(map(str, values))


@dag
def zip_in_lists(xs: list[int], ys: list[int], zs: list[int]):
    made = [a(x) for x in xs]
    others = [a(y) for y in ys]
    flat: list[Any] = []
    for m, o in zip(made, others, strict=True):
        flat += [m, "and", o]
    computed = [*made, 0, *others]
    return {
        "pairs": join([[m, y] for m, y in zip(made, ys, strict=True)]),
        "flat": join(flat),
        "each": [[[m, y, z] for m, y in zip(made, ys, strict=True)] for z in zs],
        "computed": join([[m, o] for m, o in zip(computed, [*xs, 0, *ys], strict=True)]),
    }


PIPELINE = zip_in_lists
RUNS = [
    (
        {"xs": [], "ys": [], "zs": [1]},
        {"pairs": "", "flat": "", "each": [[]], "computed": "[0, 0]"},
    ),
    (
        {"xs": [1], "ys": [5], "zs": []},
        {"pairs": "[2, 5]", "flat": "2 and 6", "each": [], "computed": "[2, 1] [0, 0] [6, 5]"},
    ),
    (
        {"xs": [1, 2], "ys": [5, 6], "zs": [7, 8]},
        {
            "pairs": "[2, 5] [3, 6]",
            "flat": "2 and 6 3 and 7",
            "each": [[[2, 5, 7], [3, 6, 7]], [[2, 5, 8], [3, 6, 8]]],
            "computed": "[2, 1] [3, 2] [0, 0] [6, 5] [7, 6]",
        },
    ),
]
