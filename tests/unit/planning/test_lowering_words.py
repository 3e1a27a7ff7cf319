"""What is said of loops, conditions, repetitions and groups: how targets express each step."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import artifact, dag, loop, switch, task
from dagger_providers.planning import Plan, plan
from dagger_providers.planning.lowering import StepView, lowering_of, step_views

EVERY_TARGET = ("local", "airflow", "kfp", "argo")


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task
def square(x: int) -> int:
    return x * x


@task(allow_failure=True)
def fit(x: int) -> int:
    return x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def grow(x: int) -> dict[str, Any]:
    return {"x": 2 * x, "done": x > 9}


@dag
def chosen(kind: str, x: int):
    return switch(kind, {"twice": double}, default=square)(x)


@dag
def chosen_in_a_loop(kinds: list[str], x: int):
    return total([switch(kind, {"twice": double}, default=square)(x) for kind in kinds])


@dag
def left_out(xs: list[int]):
    return total([double(fit(x)) for x in xs])


@dag
def left_out_and_chosen(kind: str, xs: list[int]):
    return total([switch(kind, {"twice": double}, default=square)(fit(x)) for x in xs])


@dag
def mapped(n: int):
    return [double(x) for x in numbers(n)]


@dag
def branch_with_a_loop(kind: str, n: int):
    return switch(kind, {"mapped": mapped}, default=numbers)(n)


@dag
def over_a_branch(kind: str, n: int):
    return [square(x) for x in switch(kind, {"list": numbers}, default=numbers)(n)]


@dag
def repeated(x: int):
    return loop(grow)(x)["x"]


@dag
def repeated_in_a_loop(xs: list[int]):
    return total([loop(grow)(x)["x"] for x in xs])


@dag
def both_turns(x: int):
    return loop(repeating)(x)["x"]


@dag
def repeating(x: int):
    inner = loop(grow, name="inner")(x)
    return {"x": inner["x"], "done": inner["done"]}


@dag
def grouped(n: int):
    xs = numbers.options(group="prepare")(n)
    return total.options(group="prepare")([double.options(group="prepare")(x) for x in xs])


@dag
def grouped_in_a_loop(xs: list[int]):
    return total([square.options(group="g")(double.options(group="g")(x)) for x in xs])


@dag
def alone(x: int):
    return square.options(group="g")(x)


def planned(pipeline: Any) -> Plan:
    return plan(pipeline.build())


def view(pipeline: Any, address: str, target: str = "airflow") -> StepView:
    (found,) = (one for one in step_views(planned(pipeline), target) if one.address == address)
    return found


@pytest.mark.parametrize(
    ("pipeline", "address", "why"),
    [
        (
            chosen_in_a_loop,
            "switch.if-twice",
            "tells for which items switch chose twice",
        ),
        (left_out, "if-fit-ok", "tells which items of fit did not fail"),
        (
            left_out_and_chosen,
            "switch.if-twice",
            "tells for which items fit did not fail and switch chose twice",
        ),
        (chosen, "switch.if-default", "tells whether switch chose default"),
        (
            branch_with_a_loop,
            "switch.mapped.items-of-numbers",
            "lists the indices of switch.mapped.numbers, where switch chose mapped: "
            "switch.mapped.numbers, which makes the list, may not run",
        ),
        (
            over_a_branch,
            "items-of-switch",
            "lists the indices of switch: one branch of a switch makes the list",
        ),
    ],
)
def test_why_a_step_was_inserted(pipeline: Any, address: str, why: str) -> None:
    assert (view(pipeline, address).inserted, view(pipeline, address).runs) == (why, "once")


@pytest.mark.parametrize(
    ("pipeline", "address", "runs"),
    [
        (chosen, "switch.twice", "if switch.twice"),
        (chosen_in_a_loop, "switch.twice", "for each of kinds, if switch.twice"),
        (left_out, "double", "for each of xs, if fit.ok"),
        (
            branch_with_a_loop,
            "switch.mapped.double",
            "if switch.mapped, for each of switch.mapped.numbers",
        ),
        (repeated, "grow", "once"),
    ],
)
def test_how_often_a_step_runs(pipeline: Any, address: str, runs: str) -> None:
    assert view(pipeline, address).runs == runs


@pytest.mark.parametrize(
    ("pipeline", "address", "words"),
    [
        (repeated, "grow", "one container: turn by turn"),
        (repeated_in_a_loop, "grow", "mapped tasks, one container: turn by turn"),
        (grouped, "prepare", "one container: 3 nodes"),
        (grouped_in_a_loop, "g", "mapped tasks, one container: 2 nodes"),
        (alone, "g", "one container: 1 node"),
        (chosen_in_a_loop, "switch.twice", "mapped tasks"),
    ],
)
def test_what_a_step_becomes(pipeline: Any, address: str, words: str) -> None:
    assert view(pipeline, address).lowering == words


def test_a_condition_alone_is_no_loop_here() -> None:
    assert view(chosen, "switch.twice", "local").lowering == "condition"
    assert view(chosen_in_a_loop, "switch.twice", "local").lowering == "loop"


@pytest.mark.parametrize("target", EVERY_TARGET)
@pytest.mark.parametrize("pipeline", [repeated, repeated_in_a_loop, both_turns, grouped, alone])
def test_one_container_where_there_are_repetitions_or_groups(pipeline: Any, target: str) -> None:
    assert "one container" in lowering_of(planned(pipeline), target).split(", ")


@pytest.mark.parametrize("target", EVERY_TARGET)
@pytest.mark.parametrize("pipeline", [chosen, chosen_in_a_loop, left_out, mapped])
def test_no_such_container_elsewhere(pipeline: Any, target: str) -> None:
    assert "container" not in lowering_of(planned(pipeline), target)


@pytest.mark.parametrize(
    ("pipeline", "target", "words"),
    [
        (chosen, "local", "conditions"),
        (chosen, "kfp", "ParallelFor, inserted step"),
        (chosen_in_a_loop, "local", "loops, conditions"),
        (mapped, "local", "loops"),
        (repeated, "local", "one container"),
        (repeated_in_a_loop, "argo", "withParam, inserted step, one container"),
        (grouped, "airflow", "one container"),
        (alone, "airflow", "one container"),
    ],
)
def test_a_pipeline_in_a_few_words(pipeline: Any, target: str, words: str) -> None:
    assert sorted(lowering_of(planned(pipeline), target).split(", ")) == sorted(words.split(", "))


def test_the_nodes_of_a_container_are_told() -> None:
    inside = view(grouped, "prepare").inside

    assert [(node.address, node.runs) for node in inside] == [
        ("numbers", "once"), ("double", "for each of numbers"), ("total", "once"),
    ]  # fmt: skip
    assert inside[1].function.endswith(":double")


def test_the_nodes_of_a_repetition_in_a_repetition_are_told() -> None:
    (turn,) = view(both_turns, "repeating").inside

    assert (turn.address, turn.runs) == (
        "repeating.turn.inner", "in each turn of repeating",
    )  # fmt: skip
    assert turn.function == ""
    assert [(node.address, node.runs, node.inside) for node in turn.inside] == [
        (
            "repeating.turn.inner.turn",
            "in each turn of repeating, in each turn of repeating.turn.inner",
            (),
        )
    ]


def test_a_step_that_lists_an_artifact_names_it() -> None:
    @dag
    def over_a_file():
        return total([double(x) for x in artifact("s3://b/xs.json")])

    views = {view.address: view for view in step_views(plan(over_a_file.build()), "argo")}
    assert views["items-of-xs"].inserted == (
        "lists the indices of xs: the list is artifact 's3://b/xs.json'"
    )
