"""What a plan promises to every target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import dag
from dagger_providers.card import NodeOutput
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import ModelError
from dagger_providers.model import (
    DAG,
    ForEach,
    FromItem,
    FromKey,
    FromList,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    Loop,
    Task,
    dumps,
    loads,
)
from dagger_providers.planning import Plan, plan
from dagger_providers.planning.reading import leaves_of
from unit.dsl import programs
from unit.dsl.running import outputs_of
from unit.dsl.traced import a, join, once, scale
from unit.model.functions import add, double, numbers, parts, total

WHOLE = {"return_value": FromReturnValue()}
PROGRAMS = {n: p for n, p in vars(programs).items() if isinstance(p, DagFunction)}


def chain_of(nodes: int) -> DAG:
    @dag
    def chain() -> Any:
        value = once()
        for _ in range(nodes - 1):
            value = a(value)
        return value

    return chain.build()


def fan_of(nodes: int) -> DAG:
    @dag
    def fan() -> Any:
        root = once()
        return join([scale(root, factor=number) for number in range(nodes - 2)])

    return fan.build()


@dag
def ordered(x: str) -> Any:
    first = a(x)
    second = scale.options(after=[first], name="second")(x)
    return scale.options(after=second)(x)


def root_of(name: str) -> Plan:
    return plan(PROGRAMS[name].build())


@pytest.mark.parametrize("name", PROGRAMS)
def test_steps_and_groups_stand_in_an_order_that_can_run(name: str) -> None:
    lowered = root_of(name)
    done: set[str] = set()
    for group in lowered.groups:
        assert done.issuperset(group.needs)
        assert not group.indices_from or group.indices_from in done
        done |= set(group.steps)
    assert done == set(lowered.steps)
    done = set()
    for address, step in lowered.steps.items():
        assert done.issuperset(step.needs)
        done.add(address)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_card_tells_all_that_it_needs(name: str) -> None:
    for address, step in root_of(name).steps.items():
        card = step.card
        assert card.address == address
        named = [*card.within, *card.emits]
        for binding in card.inputs.values():
            for leaf in leaves_of(binding):
                if isinstance(leaf, NodeOutput):
                    assert leaf.address in step.needs
                    named += leaf.loops
        assert set(named) <= set(card.axes)
        for axis in card.axes.values():
            assert set(axis.within) | set(axis.zips) <= set(card.axes)


@pytest.mark.parametrize("name", PROGRAMS)
def test_loops_stand_outermost_first(name: str) -> None:
    lowered = root_of(name)
    for step in lowered.steps.values():
        entered: set[str] = set()
        for loop in step.card.within:
            axis = lowered.axes[loop]
            assert entered.issuperset(axis.within)
            for joined in (lowered.axes[one] for one in axis.zips):
                assert entered.issuperset(joined.within)
            entered |= {loop, *axis.zips}


def test_after_makes_a_step_wait() -> None:
    lowered = plan(ordered.build())
    assert lowered.steps["second"].needs == ("a",)
    assert lowered.steps["scale"].needs == ("second",)


def test_a_pipeline_bound_to_another_cannot_be_planned() -> None:
    inner = DAG({"n": Task(double, {"x": FromParam("x")})}, {"x": FromValue(1)}, name="inner")
    with pytest.raises(ModelError, match="pipeline 'inner' cannot run alone: its input 'x' is"):
        plan(inner)


def test_a_pipeline_written_by_hand(tmp_path: Path) -> None:
    pipeline = DAG(
        {
            "numbers": Task(numbers, {"count": FromParam()}, WHOLE),
            "double": Task(double, {"x": FromItem("number")}, WHOLE, within=("number",)),
            "total": Task(
                total, {"values": FromList([ForEach("number", [FromNodeOutput("double")])])}, WHOLE
            ),
            "parts": Task(parts, {}, {"b": FromKey("b", of=FromKey("a"))}),
        },
        {"count": FromParam(default=4)},
        {
            "sum": FromNodeOutput("total"),
            "last": FromNodeOutput("parts", "b", path=(("key", 1),)),
            "first": FromNodeOutput("parts", "b", path=(("key", 0),)),
            "count": FromParam(),
            "literal": FromValue([1, None]),
        },
        loops={"number": Loop(FromNodeOutput("numbers"))},
    )
    found = outputs_of(pipeline, {}, tmp_path / "one")
    assert found == {"sum": 12, "last": 2, "first": 1, "count": 4, "literal": [1, None]}
    assert outputs_of(pipeline, {"count": 0}, tmp_path / "two")["sum"] == 0


@pytest.mark.parametrize(
    ("declared", "given", "expected"),
    [
        ({"b": FromParam(default=20)}, {"b": 7}, 1 + 7 + 3),  # the value that is passed
        ({"b": FromParam(default=20)}, {}, 1 + 20 + 3),  # else the outer default
        ({}, {}, 1 + 2 + 3),  # else the inner one
    ],
)
def test_which_value_a_parameter_takes(
    declared: dict[str, Any], given: dict[str, Any], expected: int, tmp_path: Path
) -> None:
    inner = DAG(
        {"add": Task(add, {name: FromParam() for name in "abc"}, WHOLE)},
        {"a": FromParam(), "b": FromParam(default=2), "c": FromParam("other", default=3)},
        {"sum": FromNodeOutput("add")},
    )
    outer = DAG(
        {"inner": inner}, {"a": FromParam(), **declared}, {"sum": FromNodeOutput("inner", "sum")}
    )
    assert outputs_of(outer, {"a": 1, **given}, tmp_path) == {"sum": expected}


@pytest.mark.parametrize("build", [chain_of, fan_of])
def test_a_long_pipeline_is_built_planned_and_written(build: Callable[[int], DAG]) -> None:
    built = build(2_000)  # twice as many as Python has calls in each other
    assert len(built.nodes) == 2_000
    assert len(plan(built).steps) == 2_000
    assert loads(dumps(built)) == built
