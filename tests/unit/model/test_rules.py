"""What a model refuses: the thing, what was expected, what exists."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers.errors import (
    CyclicDependencyError,
    ModelError,
    SerializerMismatchError,
    UnknownReferenceError,
    UsageError,
)
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
    Options,
    Resources,
    Task,
    check_parameters,
)
from unit.model.functions import add, anything, double, number, numbers, total

WHOLE = {"return_value": FromReturnValue()}
PICKLED = {"return_value": FromReturnValue(serializer="pickle")}


def task(function: Any = number, inputs: Any = None, **more: Any) -> Task:
    return Task(function, inputs or {}, WHOLE, **more)


def dag(nodes: Any, inputs: Any = None, outputs: Any = None, **more: Any) -> DAG:
    return DAG(nodes, inputs or {}, outputs or {}, **more)


def reading(node: str = "n", output: str = "return_value", **more: Any) -> Task:
    return task(double, {"x": FromNodeOutput(node, output, **more)})


LOOPED = {"n": task(numbers, {"count": FromValue(2)}), "d": task(double, {"x": FromItem("l")})}


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        # tasks
        (lambda: task(len), ModelError, "a task takes a plain Python function, not <built-in"),
        (lambda: task(double), ModelError, "no input for argument x; its arguments are (x)"),
        (
            lambda: task(number, {"z": FromValue(1)}),
            ModelError,
            "has no argument z; its arguments are ()",
        ),
        (
            lambda: task(double, {"x": 3}),
            ModelError,
            "Task: inputs.x: input should be a valid dictionary or object",
        ),
        (
            lambda: task(double, {"x": FromReturnValue()}),
            ModelError,
            "does not match any of the expected tags: 'param', 'node', 'item', 'value', 'list'",
        ),
        (
            lambda: Task(number, {}, {"r": FromParam("x")}),
            ModelError,
            "does not match any of the expected tags: 'return_value', 'key', 'property'",
        ),
        (
            lambda: Task(number, {}, {"not a name": FromReturnValue()}),
            ModelError,
            "output 'not a name' is no valid name: use 1 to 64 letters",
        ),
        (
            lambda: task(anything, {"not a name": FromValue(1)}),
            ModelError,
            "input 'not a name' is no name of an argument",
        ),
        (lambda: Task(number, retries=3), ModelError, "Task has no retries; it has: function"),
        # DAGs
        (lambda: dag({}, name="empty"), ModelError, "pipeline 'empty' has no nodes"),
        (lambda: dag({"n\n": task()}), ModelError, "node 'n\\n' is no valid name"),
        (lambda: dag({"n": 1}), ModelError, "DAG: nodes.n: input should be a valid dictionary"),
        (
            lambda: dag({"d": task(double, {"x": FromParam("p")})}, {"q": FromParam()}),
            UnknownReferenceError,
            "node 'd', input 'x' reads parameter 'p', which pipeline 'pipeline' does not have; "
            "its parameters: q",
        ),
        (
            lambda: dag({"n": task(), "d": reading("m")}),
            UnknownReferenceError,
            "node 'd', input 'x' reads node 'm', which does not exist; nodes: n, d",
        ),
        (
            lambda: dag({"n": task(), "d": reading("n", "o")}),
            UnknownReferenceError,
            "reads output 'o' of node 'n', which it does not have; its outputs: return_value",
        ),
        (
            lambda: dag({"n": task()}, outputs={"r": FromNodeOutput("m")}),
            UnknownReferenceError,
            "'r' reads node 'm', which does not exist; nodes: n",
        ),
        (
            lambda: dag({"n": task(after=("m",))}),
            UnknownReferenceError,
            "node 'n' is to run after 'm', which does not exist; nodes: n",
        ),
        (
            lambda: dag({"n": Task(number, {}, PICKLED), "d": reading(serializer="json")}),
            SerializerMismatchError,
            "expects 'json', but output 'return_value' of node 'n' is written as 'pickle'",
        ),
        (
            lambda: dag(
                {
                    "n": dag({"m": Task(number, {}, PICKLED)}, {}, {"r": FromNodeOutput("m")}),
                    "d": reading("n", "r", serializer="json"),
                }
            ),
            SerializerMismatchError,
            "expects 'json', but output 'r' of node 'n' is written as 'pickle'",
        ),
        (
            lambda: dag(
                {"d": task(double, {"x": FromParam("p", serializer="pickle")})},
                {"p": FromParam()},
            ),
            SerializerMismatchError,
            "expects 'pickle', but parameter 'p' of pipeline 'pipeline' is written as 'json'",
        ),
        (
            lambda: dag({"a": reading("b"), "b": reading("a")}),
            CyclicDependencyError,
            "nodes wait for each other: ",
        ),
        (lambda: dag({"a": reading("a")}), CyclicDependencyError, "a -> a"),
        # loops
        (
            lambda: dag({"n": task(within=("l",))}),
            UnknownReferenceError,
            "node 'n' runs in loop 'l', which does not exist; loops: none",
        ),
        (
            lambda: dag(LOOPED, loops={"l": Loop(FromNodeOutput("n"))}),
            ModelError,
            "node 'd', input 'x' reads the item of loop 'l' outside that loop",
        ),
        (
            lambda: dag(
                {
                    "n": task(numbers, {"count": FromValue(2)}),
                    "d": task(double, {"x": FromItem("l")}, within=("l",)),
                    "t": task(total, {"values": FromNodeOutput("d")}),
                },
                loops={"l": Loop(FromNodeOutput("n"))},
            ),
            ModelError,
            "node 't', input 'values' reads node 'd', which runs once for each item of loop 'l': "
            "gather it with FromList([ForEach('l', [FromNodeOutput('d')])])",
        ),
        (
            lambda: dag({"t": task(total, {"values": FromList([ForEach("l", [FromValue(1)])])})}),
            UnknownReferenceError,
            "gathers over loop 'l', which does not exist; loops: none",
        ),
        (
            lambda: dag({"n": task()}, loops={"l": Loop()}),
            ModelError,
            "loop 'l' must have either 'over' or 'zips'",
        ),
        (
            lambda: dag({"n": task()}, loops={"l": Loop(zips=("l",))}),
            ModelError,
            "loop 'l' zips 'l', which is or joins 'l' itself",
        ),
        (
            lambda: dag({"n": task()}, loops={n: Loop(zips=(m,)) for n, m in ("ab", "bc", "cb")}),
            ModelError,
            "loop 'b' zips 'c', which is or joins 'b' itself",
        ),
        (
            lambda: dag({"n": task()}, loops={"l": Loop(FromNodeOutput("n"), within=("l",))}),
            ModelError,
            "loop 'l' runs in itself",
        ),
        # data and options
        (lambda: FromValue(object()), ModelError, "which JSON does not have"),
        (lambda: FromValue({"a": [float("nan")]}), ModelError, "the value['a'][0] is nan"),
        (lambda: FromValue({1: 2}), ModelError, "the value has the key 1"),
        (lambda: FromParam(default={1, 2}), ModelError, "the value is {1, 2}"),
        (lambda: Options(retries=-1), ModelError, "Options: retries: input should be greater"),
        (lambda: Options(retries=True), ModelError, "retries: input should be a valid integer"),
        (lambda: Options(timeout="soon"), ModelError, "'soon' is no duration: write seconds"),
        (lambda: Options(timeout=0), ModelError, "timeout: input should be greater than 0"),
        (lambda: Options(timeout=float("inf")), ModelError, "should be a finite number"),
        (lambda: Options(retry_delay=True), ModelError, "True is no duration"),
        (lambda: Options(retry_backoff=0.5), ModelError, "greater than or equal to 1"),
        (lambda: Options(env={"A": 1}), ModelError, "env.A: input should be a valid string"),
        (lambda: Options(retry=1), ModelError, "Options has no retry; it has: retries, "),
        (lambda: Resources(cpu="two"), ModelError, "Resources: cpu: string should match"),
        (lambda: Resources(gpu=1), ModelError, "Resources has no gpu; it has: cpu, memory"),
        (
            lambda: task(runtime_options={"airflw": {}}),
            ModelError,
            "unknown runtime 'airflw'; known: airflow",
        ),
        (
            lambda: task(runtime_options={"kfp": 1}),
            ModelError,
            "runtime_options['kfp'] must be a mapping, not 1",
        ),
        (
            lambda: task(runtime_options={"kfp": {"x": object()}}),
            ModelError,
            "runtime_options['kfp']['x'] is <object",
        ),
    ],
)
def test_a_rule(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refusal:
        make()
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_parameters_of_a_call_are_checked() -> None:
    pipeline = dag(
        {"s": task(add, {"a": FromParam("a"), "b": FromParam("b")})},
        {"a": FromParam(), "b": FromParam(default=2)},
    )
    check_parameters(pipeline, {"a": 1})
    with pytest.raises(UsageError, match="has no parameter z; its parameters: a, b"):
        check_parameters(pipeline, {"a": 1, "z": 1})
    with pytest.raises(UsageError, match="needs parameter a; given: b"):
        check_parameters(pipeline, {"b": 1})


def test_a_node_is_found_by_its_address() -> None:
    pipeline = dag({"outer": dag({"inner": task()})})
    assert isinstance(pipeline.node("outer.inner"), Task)
    assert pipeline.node("") is pipeline
    with pytest.raises(UsageError, match="no node 'x' in 'outer'; it has: inner"):
        pipeline.node("outer.x")
    with pytest.raises(UsageError, match=r"'outer\.inner' is a task: it has no node 'x'"):
        pipeline.node("outer.inner.x")


def test_the_order_is_as_written_when_that_can_run() -> None:
    nodes = {f"n{number}": task() for number in (3, 1, 2)}
    assert dag({**nodes, "d": reading("n1")}).order == ("n3", "n1", "n2", "d")
    assert dag({"d": reading("n1"), **nodes}).order[-1] == "d"


def test_an_argument_with_a_python_default_may_be_left_out() -> None:
    assert task(add, {"a": FromValue(1)}).signature == "(a, b=, *, c=)"
    assert task(anything, {"z": FromValue(1)}).signature == "(**values)"


def test_parts_of_parts() -> None:
    made = FromKey("b", of=FromKey("a"), partitioned=True)
    assert made.path == (("key", "a"), ("key", "b"))
