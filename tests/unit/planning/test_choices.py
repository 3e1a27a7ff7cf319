"""Which parameters an engine may compare with the cases of a switch."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from dagger_providers import dag, switch, task
from dagger_providers.planning import nested_plan
from dagger_providers.planning.choices import compared_parameter


class Size(Enum):
    small = "s"
    large = "l"


class Level(IntEnum):
    low = 1
    high = 2


@task
def one(x: str) -> str:
    return x


def compared(annotation: Any, cases: dict[Any, Any], default: Any = None) -> str:
    """The parameter ``p`` of a type, where it is compared with some cases."""

    def flow(p, x: str):
        return switch(p, cases, default=default)(x)

    flow.__annotations__["p"] = annotation
    lowered = nested_plan(dag(flow).build())
    (found,) = {compared_parameter(axis, lowered.parameters) for axis in lowered.axes.values()}
    return found


@pytest.mark.parametrize(
    ("annotation", "cases"),
    [
        (bool, {True: one, False: one}),
        (Literal["a", "b"], {"a": one, "b": one}),
        (Literal["a"], {"a": one, "b": one}),
        (Literal[1, 2], {2: one, 1: one}),
        (Size, {"s": one, Size.large: one}),
        (Level, {Level.low: one, 2: one}),
    ],
)
def test_all_values_have_a_case(annotation: Any, cases: dict[Any, Any]) -> None:
    assert compared(annotation, cases) == "p"


@pytest.mark.parametrize(
    ("annotation", "case"),
    [
        (str, "third, or so"),
        (str, "größer"),
        (Annotated[str, Field(min_length=2)], "a"),
        (int, -1),
        (int, 2**53),
        (bool, True),
        (Literal["a", "b"], "a"),
        (Size, "s"),
    ],
)
def test_all_others_have_a_default(annotation: Any, case: Any) -> None:
    assert compared(annotation, {case: one}) == ""
    assert compared(annotation, {case: one}, default=one) == "p"


@pytest.mark.parametrize(
    ("annotation", "case"),
    [
        (str, 1),
        (bool, 1),
        (int, True),
        (int, 2**53 + 1),
        (str, "it's"),
        (str, "a\\b"),
        (str, "{{a}}"),
        (str | None, "a"),
        (Literal["a", 1], "a"),
        (Any, "a"),
    ],
)
def test_what_not_every_engine_compares_as_python_does(annotation: Any, case: Any) -> None:
    assert compared(annotation, {case: one}, default=one) == ""


@task
def part(x: Any) -> str:
    return str(x)


@dag
def by_a_part(p: dict[str, str]):
    return switch(p["a"], {"a": one}, default=part)(p["b"])


@dag
def by_a_result(p: str):
    return switch(one(p), {"a": one}, default=part)(p)


@pytest.mark.parametrize("pipeline", [by_a_part, by_a_result])
def test_a_part_of_a_parameter_and_a_result_are_told_by_a_step(pipeline: Any) -> None:
    lowered = nested_plan(pipeline.build())
    assert [compared_parameter(a, lowered.parameters) for a in lowered.axes.values()] == ["", ""]
