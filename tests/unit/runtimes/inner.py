"""Pipelines whose nodes run inside others, or not at all."""

from __future__ import annotations

from typing import Any

from dagger_providers import dag, loop, switch, task


@task
def kind(x: int) -> str:
    return "small" if x < 5 else "large"


@task
def inc(x: int) -> int:
    return x + 1


@task
def double(x: int) -> int:
    return 2 * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def refine(x: int) -> dict[str, Any]:
    if x == 13:
        raise ValueError("thirteen")
    return {"x": x + 1, "done": (x + 1) % 5 == 0}


@task(group="pair", retries=1)
def picky(x: int) -> int:
    if x > 20:
        raise ValueError("too large")
    return x


class OddError(Exception):
    """One that a pickle does not give back."""

    def __init__(self, x: int, y: int) -> None:
        super().__init__(f"{x} and {y}")


@task
def raises_odd(x: int) -> dict[str, Any]:
    raise OddError(x, x)


@dag
def turning(xs: list[int]):
    return total([loop(refine)(x)["x"] for x in xs])


@dag
def turning_oddly(x: int):
    return loop(raises_odd)(x)["x"]


@dag
def pairing(x: int):
    return inc(picky(double.options(group="pair")(x)))


@dag
def choosing(xs: list[int], x: int):
    each = [switch(kind(one), {"small": inc, "large": double}, name="each")(one) for one in xs]
    one = switch(kind(x), {"small": inc, "large": double}, name="one")(x)
    return {"each": total(each), "one": one}


@dag
def lacking(xs: list[int]):
    return [switch(kind(x), {"small": inc}, name="only-small")(x) for x in xs]


@task(allow_failure=True)
def maybe(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


@dag
def leaving_out(xs: list[int]):
    return total([double(maybe(x)) for x in xs])
