"""A pipeline with cached tasks."""

from __future__ import annotations

from dagger_providers import dag, task


@task(cache=True)
def triple(x: int) -> int:
    return 3 * x


@task(cache=True)
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def sums(xs: list[int] = [1, 2]):  # noqa: B006 - a pipeline's default is its parameter's
    return total([triple(x) for x in xs])


@task(cache=True, group="together")
def inner(x: int) -> int:
    return -x


@dag
def grouped(x: int = 1):
    return inner(x)
