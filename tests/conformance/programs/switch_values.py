"""A selector that is a str, an int, a bool or an enum's member; any other value has a default."""

from enum import Enum

from dagger_providers import dag, switch, task

DRAWING = "kind | level | even | size -> (one of: small, large, other) -> out"


class Size(Enum):
    small = "s"
    large = "l"


@task
def even(n: int) -> bool:
    return n % 2 == 0


@task
def twice(n: int) -> int:
    return 2 * n


@task
def third(n: int) -> float:
    return n / 3


@task
def other(n: int) -> str:
    return f"other {n}"


@dag
def switch_values(kind: str, level: int, size: Size, n: int):
    return {
        "by_text": switch(kind, {"twice": twice, "third, or so": third}, default=other)(n),
        "by_number": switch(level, {1: twice, -1: third}, default=other)(n),
        "by_bool": switch(even(n), {True: twice, False: other})(n),
        "by_member": switch(size, {Size.small: twice, "l": third})(n),
    }


PIPELINE = switch_values
RUNS = [
    (
        {"kind": "twice", "level": 1, "size": Size.small, "n": 6},
        {"by_text": 12, "by_number": 12, "by_bool": 12, "by_member": 12},
    ),
    (
        {"kind": "third, or so", "level": -1, "size": Size.large, "n": 3},
        {"by_text": 1.0, "by_number": 1.0, "by_bool": "other 3", "by_member": 1.0},
    ),
    (
        {"kind": "1", "level": 0, "size": Size.large, "n": 3},
        {"by_text": "other 3", "by_number": "other 3", "by_bool": "other 3", "by_member": 1.0},
    ),
]
