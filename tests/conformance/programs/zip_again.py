"""zip of what a zip made: with its lists, with another zip's, and with what was made of it."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "zip(xs, ys) -> [sums]; zip(sums, xs), zip(xs, sums, ys), zip(sums, plus(sums)); in zs"


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def plus(xs: list[int], n: int) -> list[int]:
    return [x + n for x in xs]


@task
def listed(x: int, y: int, z: int) -> list[int]:
    return [x, y, z]


@task
def join(values: list[Any]) -> str:
    return " ".join(map(str, values))


@dag
def zip_again(xs: list[int], zs: list[int]):
    ys = plus(xs, 10)
    sums = [add(x, y) for x, y in zip(xs, ys, strict=True)]
    others = [add(y, x) for x, y in zip(xs, ys, strict=True)]
    later = [add(s, p) for s, p in zip(sums, plus(sums, 100), strict=True)]
    each = []
    for z in zs:
        scaled = [listed(x, y, z) for x, y in zip(xs, ys, strict=True)]
        each.append(join([listed(s[0], s[2], x) for s, x in zip(scaled, xs, strict=True)]))
    return {
        "with_its_source": [add(s, x) for s, x in zip(sums, xs, strict=True)],
        "three": join([listed(x, s, y) for x, s, y in zip(xs, sums, ys, strict=True)]),
        "later": [listed(s, o, p) for s, o, p in zip(sums, others, later, strict=True)],
        "each": each,
    }


PIPELINE = zip_again
RUNS = [
    ({"xs": [], "zs": [1]}, {"with_its_source": [], "three": "", "later": [], "each": [""]}),
    (
        {"xs": [1], "zs": []},
        {"with_its_source": [13], "three": "[1, 12, 11]", "later": [[12, 12, 124]], "each": []},
    ),
    (
        {"xs": [1, 2], "zs": [7, 8]},
        {
            "with_its_source": [13, 16],
            "three": "[1, 12, 11] [2, 14, 12]",
            "later": [[12, 12, 124], [14, 14, 128]],
            "each": ["[1, 7, 1] [2, 7, 2]", "[1, 8, 1] [2, 8, 2]"],
        },
    ),
]
