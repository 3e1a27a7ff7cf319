"""Three loops in each other, joined at every level, and once more only outside."""

from collections.abc import Iterator

from dagger_providers import dag, task

DRAWING = "xs -> [split -> [split -> [leaf] -> join] -> join] -> join; all leaves -> join"


@task
def split(x: str) -> Iterator[str]:
    """Give as many parts as the text's last digit says: also none."""
    yield from (f"{x}{n}" for n in range(int(x[-1])))


@task
def leaf(x: str, part: str, small: str) -> str:
    return f"{x}/{part}/{small}"


@task
def join(values: list[str]) -> str:
    return f"({' '.join(values)})"


@dag
def three_levels(xs: list[str]):
    tops, leaves = [], []
    for x in xs:
        middles = []
        for part in split(x):
            smalls = []
            for small in split(part):
                found = leaf(x, part, small)
                smalls.append(found)
                leaves.append(found)
            middles.append(join(smalls))
        tops.append(join(middles))
    return {"tree": join(tops), "leaves": join(leaves)}


PIPELINE = three_levels
RUNS = [
    ({"xs": []}, {"tree": "()", "leaves": "()"}),
    (
        {"xs": ["0", "3"]},
        {
            "tree": "(() (() (3/31/310) (3/32/320 3/32/321)))",
            "leaves": "(3/31/310 3/32/320 3/32/321)",
        },
    ),
]
