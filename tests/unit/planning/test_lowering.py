"""What lowering makes of switches, repetitions, groups and failures: spaces, needs and axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dagger_providers import dag, loop, switch, task
from dagger_providers.card import (
    Axis,
    Card,
    Carried,
    Choice,
    ForEach,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    Parameter,
    State,
    Value,
)
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import ModelError
from dagger_providers.model import Options
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS
from dagger_providers.planning import Plan, Step, plan
from dagger_providers.planning.bodies import composite, join_groups
from dagger_providers.planning.groups import group_steps, stages
from dagger_providers.planning.reading import (
    axes_of,
    closure,
    gathered_by,
    leaves_of,
    needs_of,
    parameters_of,
)
from dagger_providers.serializers import SerializerSpec

JSON = SerializerSpec("json")


@task
def kind(x: int) -> str:
    return "a" if x else "b"


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
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def turn(x: int, by: int = 1) -> dict[str, Any]:
    return {"x": x + by, "done": x > 3}


@task(allow_failure=True)
def maybe(x: int) -> int:
    return x


def planned(pipeline: DagFunction[..., Any]) -> Plan:
    return plan(pipeline.build())


def spaces(lowered: Plan) -> dict[str, tuple[str, ...]]:
    return {address: step.card.within for address, step in lowered.steps.items()}


def needs(lowered: Plan) -> dict[str, tuple[str, ...]]:
    return {address: step.needs for address, step in lowered.steps.items()}


# Switches


@dag
def summed(n: int):
    return total([double(x) for x in numbers(n)])


@dag
def choosing(x: int, ys: list[int]):
    one = switch(kind(x), {"a": summed, "b": inc}, name="one")(x)
    each = [switch(kind(y), {"a": inc}, default=double, name="each")(y) for y in ys]
    return {"one": inc(one), "each": total(each)}


def test_each_step_of_a_branch_stands_behind_its_guard() -> None:
    found = spaces(planned(choosing))
    assert found["one.a.numbers"] == ("one.a",)
    assert found["one.a.double"] == ("one.a", "one.a.numbers")
    assert found["one.a.total"] == ("one.a",)
    assert found["one.b"] == ("one.b",)
    assert found["each.a"] == ("ys", "each.a")
    assert found["each.default"] == ("ys", "each.default")
    assert found["inc"] == found["total"] == ()


def test_a_guard_knows_the_cases_and_what_chooses() -> None:
    axes = planned(choosing).axes
    assert axes["one.b"].choice == Choice("one", "b", (("a", "a"), ("b", "b")))
    assert axes["one.b"].over == NodeOutput("kind-1", "return_value", (), JSON)
    assert axes["each.default"].choice == Choice("each", "default", (("a", "a"),), "default")
    assert axes["each.default"].within == ("ys",)


def test_what_reads_a_switch_waits_for_every_branch_and_the_selector() -> None:
    lowered = planned(choosing)
    read = lowered.steps["inc"].card.inputs["x"]
    assert isinstance(read, OneOf)
    assert [guard for guard, _ in read.cases] == ["one.a", "one.b"]
    assert set(needs(lowered)["inc"]) == {"one.a.total", "one.b", "kind-1"}
    assert set(needs(lowered)["total"]) == {"each.a", "each.default", "kind-2"}


def test_the_indices_of_a_guard_are_listed_by_a_step_of_its_name() -> None:
    lowered = planned(choosing)
    by_space = {group.space: group.indices_from for group in lowered.groups if group.space}
    assert by_space[("one.a",)] == "kind-1"  # it knows its own result
    assert by_space[("one.b",)] == "one.if-b"
    assert by_space[("ys", "each.a")] == "each.if-a"
    assert by_space[("one.a", "one.a.numbers")] == "one.a.items-of-numbers"


# Repetitions


@dag
def repeating(x: int, ys: list[int]):
    first = loop(turn, name="first")(inc(x))
    each = [loop(turn, name="each")(y, first["x"])["x"] for y in ys]
    return {"first": double(first["x"]), "each": each}


def test_a_repetition_is_one_step_with_its_turns_inside() -> None:
    lowered = planned(repeating)
    assert spaces(lowered) == {"inc": (), "first": (), "double": (), "each": ("ys",), **_listing()}
    card = lowered.steps["each"].card
    assert card.inside == ("each.turn",)
    assert card.body[0].space == ("ys", "each.turns")
    assert card.turns is not None
    assert (card.turns.axis, card.turns.max_iterations) == ("each.turns", 10)


def _listing() -> dict[str, tuple[str, ...]]:
    return {"items-of-ys": ()}


def test_a_repetition_needs_what_its_first_turn_reads() -> None:
    lowered = planned(repeating)
    assert needs(lowered)["first"] == ("inc",)
    assert set(needs(lowered)["each"]) == {"first", "items-of-ys"}
    assert lowered.steps["each"].parameters == ("ys",)


def test_those_who_read_a_repetition_wait_for_the_whole() -> None:
    lowered = planned(repeating)
    assert needs(lowered)["double"] == ("first",)
    read = lowered.steps["double"].card.inputs["x"]
    assert isinstance(read, Last)
    assert read.turns == "first.turns"


def test_what_a_turn_may_leave_out_is_looked_for_in_its_mapping() -> None:
    carried = planned(repeating).axes["first.turns"].carried
    assert set(carried) == {"x", "by"}
    assert carried["x"].mapping is not None
    assert carried["by"].first == Value(1)


@dag
def exact_turn(x: int, y: int):
    return {"x": inc(x), "done": is_big(y)}


@task
def is_big(y: int) -> bool:
    return y > 3


@dag
def repeating_a_pipeline(x: int):
    return loop(exact_turn, name="refine")(x, 3)["x"]


def test_what_a_pipeline_gives_is_known_and_what_it_does_not_stays() -> None:
    carried = planned(repeating_a_pipeline).axes["refine.turns"].carried
    assert carried["x"].then is not None
    assert carried["x"].mapping is None
    assert carried["y"] == State(Value(3))


# Failures that are allowed


@dag
def leaving_out(xs: list[int]):
    kept = []
    for x in xs:
        kept.append(double(maybe(x)))
        inc(x)
    return total(kept)


def test_what_depends_on_a_failure_stands_behind_a_guard() -> None:
    lowered = planned(leaving_out)
    found = spaces(lowered)
    assert found["maybe"] == found["inc"] == ("xs",)
    assert found["double"] == ("xs", "maybe.ok")
    assert lowered.axes["maybe.ok"] == Axis(within=("xs",), survives="maybe")
    assert lowered.steps["total"].card.inputs["xs"] == ListOf(
        (ForEach("xs", (ForEach("maybe.ok", (_output("double", "xs"),)),)),)
    )
    assert set(needs(lowered)["total"]) == {"double", "maybe"}


def _output(address: str, *loops: str) -> NodeOutput:
    return NodeOutput(address, "return_value", loops, JSON)


def test_a_failure_is_left_out_of_a_list_only() -> None:
    @dag
    def alone(x: int) -> Any:
        return maybe(x)

    with pytest.raises(ModelError) as refusal:
        planned(alone)
    assert str(refusal.value) == (
        "task 'maybe' has allow_failure, and is in no loop: there is no list to leave its result "
        "out of; use on_failure for a result that stands in"
    )


def test_a_turn_cannot_be_left_out() -> None:
    @dag
    def turns(xs: list[int]) -> Any:
        return [loop(turn.options(allow_failure=True))(x)["x"] for x in xs]

    with pytest.raises(ModelError) as refusal:
        planned(turns)
    assert str(refusal.value) == (
        "task 'turn.turn' has allow_failure, and runs in the turns of a repetition: there is no "
        "list to leave its result out of; use on_failure for a result that stands in"
    )


# Groups


def step(address: str, *within: str, needs: tuple[str, ...] = (), **options: Any) -> Step:
    """Return a step that reads the ones it needs, at its own place."""
    inputs = {f"x{n}": _output(need, *within) for n, need in enumerate(needs)}
    card = Card(address, "m:f", within=within, inputs=inputs, axes=closure_of(within))
    return Step(card, needs, (), Options(**options), EMPTY)


AXES: Mapping[str, Axis] = {
    "xs": Axis(Parameter("xs", JSON)),
    "ys": Axis(_output("make"), within=()),
    "inner": Axis(_output("split", "xs"), within=("xs",)),
}


def closure_of(within: tuple[str, ...]) -> dict[str, Axis]:
    return closure(Card("", within=within), AXES)


def steps_of(*given: Step) -> dict[str, Step]:
    return {one.address: one for one in given}


def test_a_group_is_one_step_and_others_need_that() -> None:
    joined = join_groups(
        steps_of(step("a"), step("b", needs=("a",)), step("c", needs=("b", "a"))),
        {"a": "g", "b": "g"},
        AXES,
    )
    assert set(joined) == {"g", "c"}
    assert joined["g"].card.inside == ("a", "b")
    assert joined["c"].needs == ("g",)


def test_a_group_stands_in_the_loops_that_all_its_nodes_share() -> None:
    given = steps_of(step("a", "xs"), step("b", "xs", "inner"), step("c", "xs", needs=("b",)))
    joined = join_groups(given, dict.fromkeys(given, "g"), AXES)
    assert joined["g"].card.within == ("xs",)
    found = [(stage.space, [one.address for one in stage.cards]) for stage in joined["g"].card.body]
    assert sorted(found) == [(("xs",), ["a"]), (("xs",), ["c"]), (("xs", "inner"), ["b"])]
    apart = join_groups(steps_of(step("a", "xs"), step("b", "ys")), {"a": "g", "b": "g"}, AXES)
    assert apart["g"].card.within == ()


def test_a_group_needs_what_its_nodes_need_outside() -> None:
    given = steps_of(step("before"), step("a", needs=("before",)), step("b", needs=("a",)))
    joined = join_groups(given, {"a": "g", "b": "g"}, AXES)
    assert joined["g"].needs == ("before",)


@pytest.mark.parametrize(
    ("given", "group", "text"),
    [
        (
            steps_of(step("a"), step("between", needs=("a",)), step("b", needs=("between",))),
            "g",
            "group 'g': node 'between' needs nodes of the group, and other nodes of the group "
            "need it: put it into the group too",
        ),
        (
            steps_of(step("a"), step("b"), step("c")),
            "c",
            "a group and a node are both called 'c'; rename the group",
        ),
        (
            steps_of(step("a"), step("b"), step("c.d")),
            "c",
            "a group and a node are both called 'c'; rename the group",
        ),
        (
            steps_of(step("a", image="one:1"), step("b", image="two:1")),
            "g",
            "the nodes of 'g' run in one container, and want the images one:1, two:1: give them "
            "one",
        ),
        (
            steps_of(step("a", env={"K": "1"}), step("b", env={"K": "2"})),
            "g",
            "the nodes of 'g' run in one container, and want K to be '1' and '2': give them one "
            "value",
        ),
    ],
)
def test_a_group_that_cannot_be_is_refused(given: Any, group: str, text: str) -> None:
    with pytest.raises(ModelError) as refusal:
        join_groups(given, {"a": group, "b": group}, AXES)
    assert str(refusal.value) == text


def test_different_options_of_one_runtime_are_refused() -> None:
    @dag
    def grouped(x: int) -> Any:
        pools = [{"airflow": {"pool": name}} for name in ("a", "b")]
        first = inc.options(group="g", runtime_options=pools[0])(x)
        return double.options(group="g", runtime_options=pools[1])(first)

    with pytest.raises(ModelError) as refusal:
        planned(grouped)
    assert str(refusal.value) == (
        "the nodes of 'g' run in one container, and inc, double have different runtime_options: "
        "give them the same"
    )


def test_a_container_has_what_its_most_demanding_node_needs() -> None:
    given = steps_of(
        step("a", resources={"cpu": "500m", "memory": "2Gi"}, image="one:1"),
        step("b", resources={"cpu": "2", "memory": "100Mi"}, env={"A": "1"}),
        step("c", env={"B": "2"}),
    )
    options = composite(Card("g"), given, AXES).options
    assert options.resources is not None
    assert (options.resources.cpu, options.resources.memory) == ("2", "2Gi")
    assert (options.image, dict(options.env)) == ("one:1", {"A": "1", "B": "2"})


# Stages


def test_steps_of_one_space_run_together_unless_another_stands_between() -> None:
    given = steps_of(
        step("a", "xs"),
        step("b", "xs", needs=("a",)),
        step("out", needs=("a",)),
        step("c", "xs", needs=("out", "b")),
    )
    _, found = stages(given)
    assert found == [(("xs",), ("a", "b")), ((), ("out",)), (("xs",), ("c",))]


def test_what_gathers_over_a_space_waits_for_all_of_it() -> None:
    reads_all = Card(
        "all",
        "m:f",
        within=("xs",),
        inputs={"x": ListOf((ForEach("xs", (_output("a", "xs"),)),))},
        axes=closure_of(("xs",)),
    )
    given = steps_of(step("a", "xs"), Step(reads_all, ("a",), (), DEFAULT_OPTIONS, EMPTY))
    _, found = stages(given)
    assert found == [(("xs",), ("a",)), (("xs",), ("all",))]


def test_what_a_stage_needs_that_is_not_given_is_there_already() -> None:
    _, found = stages(steps_of(step("b", needs=("gone",))))
    assert found == [((), ("b",))]


def test_a_space_made_in_a_group_is_listed_by_the_group() -> None:
    given = join_groups(steps_of(step("make"), step("a", "ys")), {"make": "g"}, AXES)
    steps, groups, _ = group_steps(given, AXES)
    assert [group.indices_from for group in groups if group.space] == ["g"]
    assert steps["g"].card.emits == ("ys",)
    assert steps["a"].needs == ("g",)


# What bindings read


CHOSEN = OneOf((("s.a", _output("one")), ("s.b", Last("r.turns", _output("two", "r.turns")))))
CARRIED = Axis(
    within=("xs",),
    turns="r",
    carried={"x": State(_output("seed"), _output("two", "r.turns"), Parameter("p", JSON))},
)
KNOWN = {
    **AXES,
    "s.a": Axis(_output("kind"), (), (), Choice("s", "a", (("a", "a"),), "b")),
    "s.b": Axis(_output("kind"), (), (), Choice("s", "b", (("a", "a"),), "b")),
    "ok": Axis(within=("xs",), survives="may"),
    "r.turns": CARRIED,
}


def test_the_leaves_and_axes_of_a_choice_are_those_of_its_branches() -> None:
    assert [leaf.address for leaf in leaves_of(CHOSEN)] == ["one", "two"]  # type: ignore[union-attr]
    assert list(axes_of(CHOSEN)) == ["s.a", "s.b", "r.turns", "r.turns"]


def test_a_card_knows_the_axes_that_its_axes_need() -> None:
    card = Card("n", within=("xs", "ok"), inputs={"x": CHOSEN})
    found = closure(card, KNOWN)
    assert set(found) == {"xs", "ok", "s.a", "s.b", "r.turns"}


def test_a_card_needs_who_chooses_who_may_fail_and_who_repeats() -> None:
    card = Card("n", within=("xs", "ok"), inputs={"x": CHOSEN})
    card = Card("n", within=card.within, inputs=card.inputs, axes=closure(card, KNOWN))
    assert set(needs_of(card)) == {"one", "two", "kind", "may", "r"}
    assert set(parameters_of(card)) == {"xs"}


def test_the_first_state_of_a_repetition_may_be_its_last() -> None:
    @dag
    def handed_on(x: int, y: int) -> Any:
        return {"x": double(y), "y": y, "done": is_big(x)}

    @dag
    def repeating_once(first: int, second: int) -> Any:
        found = loop(handed_on, name="refine")(first, second)
        return [inc(found["y"]), double(found["x"])]

    lowered = planned(repeating_once)
    assert lowered.steps["inc"].parameters == ("second",)
    assert lowered.steps["double"].parameters == ()
    assert lowered.steps["inc"].needs == ("refine",)


def test_what_is_carried_is_read_by_the_repetition_alone() -> None:
    card = Card("r", inputs={"x": Carried("r.turns", "x")}, axes=closure_of(()))
    assert list(leaves_of(Carried("r.turns", "x"))) == []
    assert needs_of(card) == {}


def test_a_repetition_does_not_need_itself() -> None:
    card = Card("r", within=("xs",), axes={"xs": AXES["xs"], "r.turns": CARRIED})
    assert needs_of(card) == {}


def test_all_items_are_read_of_what_is_gathered_only() -> None:
    inputs = {"x": ListOf((ForEach("xs", (_output("all", "xs"),)),)), "y": _output("own", "xs")}
    card = Card("n", within=("xs",), inputs=inputs, axes=closure_of(("xs",)))
    assert gathered_by(card) == {"all"}
    assert gathered_by(Card("n", inputs={"x": Item("xs")}, axes=closure_of(("xs",)))) == set()
