"""`switch` and `loop`: what a plain call of them does, and what is refused when one is recorded."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypedDict

import pytest

from dagger_providers import dag, loop, switch, task
from dagger_providers.errors import BuildError, ModelError, NoCaseError, NotDoneError


class Kind(Enum):
    small = "small"
    large = "large"


class Typed(TypedDict):
    x: int


@task
def inc(x: int) -> int:
    return x + 1


@task
def double(x: int) -> int:
    return 2 * x


@task
def pair(x: int, y: int) -> list[int]:
    return [x, y]


@task
def nothing() -> str:
    return "nothing"


@task
def kind(x: int) -> str:
    return "small" if x < 5 else "large"


@task
def until_ten(x: int, by: int = 1) -> dict[str, Any]:
    return {"x": x + by, "done": x + by >= 10, "seen": [x, by]}


@task
def typed(x: int) -> Typed:
    return {"x": x}


@task
def says(done: Any) -> Any:
    return done


@dag
def keyed(x: int):
    return {"a": inc(x)}


@dag
def keyed_more(x: int):
    return {"a": inc(x), "b": double(x)}


@dag
def endless(x: int):
    return {"x": inc(x)}


def plain(x: int) -> int:
    return x


# Plain calls


@pytest.mark.parametrize(
    ("selector", "cases", "result"),
    [
        ("small", {"small": inc, "large": double}, 4),
        ("large", {"small": inc, "large": double}, 6),
        (Kind.large, {"small": inc, "large": double}, 6),
        ("large", {Kind.small: inc, Kind.large: double}, 6),
        (True, {True: inc, False: double}, 4),
        (False, {True: inc, False: double}, 6),
        (-2, {1: inc, -2: double}, 6),
        ("a", {"a": keyed}, {"a": 4}),
    ],
)
def test_a_plain_switch_calls_the_branch_of_its_value(
    selector: Any, cases: dict[Any, Any], result: Any
) -> None:
    assert switch(selector, cases)(3) == result


def test_a_value_chooses_by_its_type_too() -> None:
    assert switch(True, {1: inc}, default=double)(3) == 6
    assert switch("1", {1: inc}, default=double)(3) == 6
    assert switch(1, {True: inc}, default=double)(3) == 6


def test_a_plain_switch_without_a_case_says_which_there_are() -> None:
    with pytest.raises(NoCaseError) as refusal:
        switch("huge", {"small": inc, "large": double}, name="size")
    assert str(refusal.value) == (
        "switch 'size' has no case for 'huge' and no default; its cases: 'small', 'large'"
    )
    with pytest.raises(NoCaseError, match=r"selects by str, int or bool, not by 1\.5"):
        switch(1.5, {"small": inc}, default=double)


def test_a_plain_loop_hands_on_what_its_body_gives() -> None:
    assert loop(until_ten)(1, 4) == {"x": 13, "done": True, "seen": [9, 4]}
    assert loop(until_ten)(x=11) == {"x": 12, "done": True, "seen": [11, 1]}


def test_a_plain_loop_that_is_not_done_fails_unless_it_returns() -> None:
    with pytest.raises(NotDoneError) as refusal:
        loop(until_ten, max_iterations=3)(1)
    assert str(refusal.value) == (
        "loop of 'until_ten' was not done after 3 turns; raise max_iterations, or take what there "
        "is with exhausted='return'"
    )
    found = loop(until_ten, max_iterations=3, exhausted="return")(1)
    assert found == {"x": 4, "done": False, "seen": [3, 1]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "must return a mapping with the key 'done', got 3"),
        ({"x": 1}, "must return a mapping with the key 'done', got {'x': 1}"),
        ({"done": 1}, "'done' must be a bool, got 1"),
    ],
)
def test_a_plain_loop_needs_a_bool_to_end(given: Any, said: str) -> None:
    with pytest.raises(NotDoneError) as refusal:
        loop(says)(given)
    assert said in str(refusal.value)


def test_a_composition_shows_what_it_is_made_of() -> None:
    assert repr(loop(until_ten)) == "<loop of until_ten>"


def test_a_selector_that_is_known_while_recording_chooses_then() -> None:
    @dag
    def chosen(x: int) -> Any:
        return switch("small", {"small": inc, "large": double})(x)

    assert list(chosen.build().nodes) == ["inc"]


# Names


def test_branches_are_named_by_their_values() -> None:
    @dag
    def named(x: int, how: str) -> Any:
        cases = {"Read CSV!": inc, "read csv": double, "": inc, "default": inc}
        return switch(how, cases, default=double, name="choose")(x)

    node: Any = named.build().nodes["choose"]
    assert list(node.nodes) == ["read-csv", "read-csv-2", "case", "default-2", "default"]
    assert [case.value for case in node.cases] == ["Read CSV!", "read csv", "", "default"]


def test_a_loop_is_named_as_its_body() -> None:
    @dag
    def named(x: int) -> Any:
        return [loop(until_ten)(x)["x"], loop(until_ten)(x)["x"], loop(until_ten, name="z")(x)["x"]]

    assert list(named.build().nodes) == ["until-ten-1", "until-ten-2", "z"]


# What is refused


def building(body: Any) -> Any:
    """Return what builds a pipeline of one parameter with this body."""

    def build() -> Any:
        @dag
        def pipeline(x: int) -> Any:
            return body(x)

        return pipeline.build()

    return build


@pytest.mark.parametrize(
    ("body", "text"),
    [
        # switch
        (
            lambda x: switch(kind(x), {"a": plain})(x),
            "switch: case 'a' must be a task or a pipeline, not function 'plain'; decorate a "
            "function with @task or @dag",
        ),
        (
            lambda x: switch(kind(x), {"a": inc}, default=plain)(x),
            "switch: the default must be a task or a pipeline, not function 'plain'; decorate a "
            "function with @task or @dag",
        ),
        (
            lambda x: switch(kind(x), {"a": inc(x)})(x),
            "switch: case 'a' must be a task or a pipeline, not a result: give the task itself, "
            "and its arguments to what switch(...) returns",
        ),
        (
            lambda x: switch(kind(x), {"a": loop(until_ten)})(x),
            "switch: case 'a' must be a task or a pipeline, not a loop: call it in a pipeline (a "
            "function with @dag), and give that",
        ),
        (
            lambda x: switch(kind(x), {"a": inc.options(after=double(x))})(x),
            "switch: case 'a' has after=, which is for a call: give it to switch(...) itself",
        ),
        (
            lambda x: switch(x, {True: inc, 2: double})(x),
            "a switch has cases of bool and of int, which Python takes for the same (True is 1): "
            "use one of them",
        ),
        (
            lambda x: switch(kind(x), {"small": inc, Kind.small: double})(x),
            "a switch has two cases for 'small'",
        ),
        (
            lambda x: switch(x, {1.5: inc})(x),
            "switch: case 1.5 is no str, int or bool, and no member of an enum of such; choose by "
            "one of these",
        ),
        (
            lambda x: switch(kind(x), {}, default=inc)(x),
            "switch takes a dict of tasks or pipelines by value, as in {'csv': read_csv}, not {}",
        ),
        (
            lambda x: switch(kind(x), {"a": inc, "b": pair})(x),
            "pipeline 'pipeline', case 'b': call of task 'pair': argument y is missing; it takes "
            "(x, y)",
        ),
        (
            lambda x: switch(kind(x), {"a": keyed, "b": keyed_more})(x)["b"],
            "'return_value' reads node 'switch': branch 'a': pipeline 'keyed' is read ['b']; it "
            "gives: a; read one of these by its key",
        ),
        (
            lambda x: inc(switch(kind(x), {"a": inc})),
            "pipeline 'pipeline': call of task 'inc', argument 'x': <switch of inc> is not called "
            "yet; write switch(...)(arguments)",
        ),
        (
            lambda x: switch(kind(x), {"a": inc}).options(name="b")(x),
            "a switch has no options(): give name= and after= to switch(...) itself, and what is "
            "run its own",
        ),
        (
            lambda x: switch(kind(x), {"a": inc}, after=3)(x),
            "pipeline 'pipeline': after= of 'switch' takes results of tasks, not 3",
        ),
        # loop
        (
            lambda x: loop(plain)(x)["x"],
            "loop: its body must be a task or a pipeline, not function 'plain'; decorate a "
            "function with @task or @dag",
        ),
        (
            lambda x: loop(endless)(x)["x"],
            "a repetition ends when key 'done' of its result is True, and pipeline 'endless' is "
            "read ['done']; it gives: x; read one of these by its key; return that key, or name "
            "another in 'until'",
        ),
        (
            lambda x: loop(typed)(x)["x"],
            f"a repetition ends when key 'done' of its result is True, and task {__name__}:typed "
            "is read ['done'], which it does not keep; its outputs: key_x; return that key, or "
            "name another in 'until'",
        ),
        (
            lambda x: loop(until_ten, until=3)(x)["x"],  # type: ignore[arg-type]
            "loop: until is a key of what the body returns, a str, not 3",
        ),
        (
            lambda x: loop(until_ten, max_iterations=0)(x)["x"],
            "loop: max_iterations is an int from 1, known when the pipeline is built, not 0",
        ),
        (
            lambda x: loop(until_ten, max_iterations=inc(x))(x),
            "loop: max_iterations is an int from 1, known when the pipeline is built, not "
            "<reference to the result of 'inc'>",
        ),
        (
            lambda x: loop(until_ten, exhausted="stop")(x)["x"],
            "loop: exhausted is 'fail' or 'return', not 'stop'",
        ),
        (
            lambda x: loop(until_ten)(x, 1, 2),
            "pipeline 'pipeline': call of task 'until_ten': 3 positional arguments; it takes "
            "(x, by=)",
        ),
        (
            lambda x: loop(until_ten)(x, float("nan")),
            "loop(until_ten)(by=...): what is given is no JSON literal: value: JSON has no nan: "
            "use None, or choose serializer='pickle'; make it in a task",
        ),
    ],
)
def test_is_refused_with_what_to_write_instead(body: Any, text: str) -> None:
    with pytest.raises((BuildError, ModelError)) as refusal:
        building(body)()
    assert str(refusal.value) == text


def asks_a_switch(x: int) -> Any:
    return inc(1) if switch("a", {"a": inc})(3) is None else x


def asks_a_loop(x: int) -> Any:
    return inc(1) if loop(until_ten)(3) is None else x


def asks_by_a_variable(x: int) -> Any:
    repeated = loop(until_ten)
    found = repeated(3)
    return inc(1) if found is None else x


def asks_a_choice_by_a_variable(x: int) -> Any:
    choose = switch("a", {"a": inc})
    return inc(len([choose(3)]))


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (asks_a_switch, "an if expression looks at a result"),
        (asks_a_loop, "an if expression looks at a result"),
        (asks_by_a_variable, "an if expression looks at a result"),
        (asks_a_choice_by_a_variable, "len() looks at a result"),
    ],
)
def test_a_question_about_their_results_is_seen_in_the_source(function: Any, said: str) -> None:
    with pytest.raises(BuildError) as refusal:
        dag(function).build()
    assert said in str(refusal.value)


def test_a_switch_of_one_pipeline_is_not_called_in_another() -> None:
    kept: list[Any] = []

    @dag
    def outer(x: int) -> Any:
        kept.append(switch(kind(x), {"small": nothing}))
        return inc(x)

    outer.build()
    with pytest.raises(BuildError, match="where that pipeline is not being recorded"):
        kept[0]()


# Options


def needs_more(z: int) -> int:
    return z


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"group": "a b"}, "task 'inc': group 'a b' is no valid name"),
        ({"group": 3}, "task 'inc': Options: group: input should be a valid string, got 3"),
        (
            {"allow_failure": "yes"},
            "task 'inc': Options: allow_failure: input should be a valid boolean, got 'yes'",
        ),
        ({"on_failure": 3}, "task 'inc': on_failure takes a function, not 3"),
        (
            {"on_failure": needs_more},
            "task 'inc': on_failure gets the task's arguments (x) and 'error', and 'needs_more' "
            "needs z: give that a default",
        ),
        ({"name": 3}, "node 3 is no valid name"),
    ],
)
def test_an_option_of_a_wrong_type_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises((BuildError, ModelError)) as refusal:
        building(lambda x: [inc.options(**options)(x)])()
    assert text in str(refusal.value)


def test_options_of_a_branch_are_its_own() -> None:
    @dag
    def chosen(x: int) -> Any:
        cases = {"small": until_ten.options(retries=2), "large": keyed.options(group="g")}
        return switch(kind(x), cases)(x)["a"]

    node: Any = chosen.build().nodes["switch"]
    assert node.nodes["small"].options.retries == 2
    assert node.nodes["large"].group == "g"
