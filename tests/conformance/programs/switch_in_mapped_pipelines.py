"""A mapped pipeline that switches and maps: each item has its own branch and its own widths."""

from dagger_providers import dag, switch, task

DRAWING = "ks -> [unit: width -> (split -> [scale] -> total | flat) -> mark] -> listed"


@task
def width(k: int) -> str:
    return "wide" if k > 1 else "flat"


@task
def split(k: int) -> list[int]:
    return list(range(k))


@task
def is_even(x: int) -> bool:
    return x % 2 == 0


@task
def scale(x: int, by: int) -> int:
    return x * by


@task
def negate(x: int, by: int) -> int:
    return -x


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def flat(k: int, by: int) -> dict[str, object]:
    return {"sum": k, "each": [by]}


@task
def mark(value: int) -> str:
    return f"!{value}"


@task
def listed(values: list[str]) -> list[str]:
    return values


@dag
def spread(k: int, by: int):
    each = [switch(is_even(x), {True: scale, False: negate})(x, by) for x in split(k)]
    return {"sum": total(each), "each": each}


@dag
def unit(k: int, by: int = 10):
    found = switch(width(k), {"wide": spread, "flat": flat})(k, by)
    return {"mark": mark(found["sum"]), "each": found["each"]}


@dag
def switch_in_mapped_pipelines(ks: list[int]):
    units = [unit(k) for k in ks]
    return {
        "marks": listed([one["mark"] for one in units]),
        "each": [one["each"] for one in units],
        "again": [mark(x) for one in units for x in one["each"]],
    }


PIPELINE = switch_in_mapped_pipelines
RUNS = [
    ({"ks": []}, {"marks": [], "each": [], "again": []}),
    ({"ks": [0]}, {"marks": ["!0"], "each": [[10]], "again": ["!10"]}),
    (
        {"ks": [4, 1, 2]},
        {
            "marks": ["!16", "!1", "!-1"],
            "each": [[0, -1, 20, -3], [10], [0, -1]],
            "again": ["!0", "!-1", "!20", "!-3", "!10", "!0", "!-1"],
        },
    ),
]
