"""Switches and repetitions as models: their rules, and their documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dagger_providers.errors import CyclicDependencyError, ModelError, UnknownReferenceError
from dagger_providers.model import (
    DAG,
    Case,
    ForEach,
    FromItem,
    FromKey,
    FromList,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    Loop,
    Repeat,
    Switch,
    Task,
    dumps,
    json_schema,
    loads,
    to_json,
)
from dagger_providers.model.nodes import tasks
from unit.model.functions import add, double, number, numbers

FIXTURE = Path(__file__).parent / "fixtures" / "dag-branches.v1.json"
WHOLE = {"return_value": FromReturnValue()}
DONE = {"key_done": FromKey("done"), "key_x": FromKey("x")}


def branch(**more: Any) -> Task:
    return Task(double, {"x": FromParam("x")}, WHOLE, **more)


def choosing(**changes: Any) -> Switch:
    parts: dict[str, Any] = {
        "selector": FromParam("kind"),
        "nodes": {"a": branch(), "b": branch()},
        "cases": (Case("a", "a"), Case("b", "b")),
        "inputs": {"x": FromParam("x")},
    }
    return Switch(**{**parts, **changes})


def repeated(**changes: Any) -> Repeat:
    body = Task(double, {"x": FromParam("x")}, DONE)
    return Repeat(**{"node": body, "inputs": {"x": FromParam("x")}, **changes})


def pipeline(node: Any, outputs: Any = None, **more: Any) -> DAG:
    inputs = {"x": FromParam(default=1), "kind": FromParam(default="a")}
    return DAG({"n": node, **more}, inputs, outputs or {})


def everything() -> DAG:
    """Return a model with a switch in a loop, a repetition in a branch, and all their options."""
    turn = DAG(
        {"fit": Task(function="flow.py:fit", inputs={"x": FromParam("x")}, outputs=DONE)},
        {"x": FromParam("x")},
        {"x": FromNodeOutput("fit", "key_x"), "enough": FromNodeOutput("fit", "key_done")},
        name="turn",
        group="shared",
    )
    refined = DAG(
        {
            "refine": Repeat(
                node=turn,
                until="enough",
                max_iterations=3,
                exhausted="return",
                inputs={"x": FromParam("x")},
            )
        },
        {"x": FromParam("x")},
        {"return_value": FromNodeOutput("refine", path=(("key", "x"),))},
        name="refined",
    )
    chosen = Switch(
        selector=FromItem("rows", path=(("key", "kind"),)),
        nodes={"one": branch(on_failure="flow.py:rescue"), "2": refined, "default": branch()},
        cases=(Case("1", "one"), Case("2", "2")),
        default="default",
        inputs={"x": FromItem("rows")},
        within=("rows",),
        after=("first",),
    )
    return DAG(
        {
            "first": Task(
                function="flow.py:first",
                outputs=WHOLE,
                options={"group": "shared", "retries": 1},
            ),
            "maybe": Task(
                double,
                {"x": FromItem("rows")},
                WHOLE,
                within=("rows",),
                options={"allow_failure": True},
            ),
            "choose": chosen,
        },
        {"rows": FromParam("rows")},
        {"all": FromList([ForEach("rows", [FromNodeOutput("choose"), FromNodeOutput("maybe")])])},
        loops={"rows": Loop(FromParam("rows"))},
        name="branches",
    )


def test_a_document_gives_the_model_back() -> None:
    dag = everything()
    assert loads(dumps(dag)) == dag
    assert dumps(loads(dumps(dag))) == dumps(dag)
    jsonschema.validate(to_json(dag), json_schema())


def test_version_1_is_read_and_written_as_ever() -> None:
    text = FIXTURE.read_text("utf-8")
    assert loads(text) == everything()
    assert dumps(everything()) == text


def test_the_kind_of_a_case_survives() -> None:
    cases = (Case(True, "a"), Case(False, "b"))
    again: Any = loads(dumps(pipeline(choosing(cases=cases)))).nodes["n"]
    assert [case.value for case in again.cases] == [True, False]
    assert [type(case.value) for case in again.cases] == [bool, bool]
    numbers_: Any = loads(dumps(pipeline(choosing(cases=(Case(1, "a"), Case("1", "b"))))))
    assert [type(case.value) for case in numbers_.nodes["n"].cases] == [int, str]


def test_what_has_its_default_is_left_out() -> None:
    document = json.loads(dumps(pipeline(repeated())))["nodes"]["n"]
    assert set(document) == {"kind", "node", "inputs"}


def test_addresses_lead_into_branches_and_turns() -> None:
    dag = everything()
    found = [address for address, _ in tasks(dag)]
    assert found == [
        "first",
        "maybe",
        "choose.one",
        "choose.2.refine.turn.fit",
        "choose.default",
    ]
    assert all(isinstance(dag.node(address), Task) for address in found)
    assert dag.node("choose.2.refine.turn").kind == "dag"


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (
            lambda: choosing(nodes={}, cases=()),
            ModelError,
            "a switch needs at least one branch, and a case or default for it",
        ),
        (
            lambda: choosing(cases=()),
            ModelError,
            "a switch needs at least one branch, and a case or default for it",
        ),
        (
            lambda: choosing(cases=(Case("a", "c"),)),
            UnknownReferenceError,
            "a switch names branch 'c', which it does not have; its branches: a, b",
        ),
        (
            lambda: choosing(default="c"),
            UnknownReferenceError,
            "a switch names branch 'c', which it does not have; its branches: a, b",
        ),
        (
            lambda: choosing(cases=(Case(1, "a"), Case(True, "b"))),
            ModelError,
            "a switch has cases of bool and of int",
        ),
        (
            lambda: choosing(cases=(Case("a", "a"), Case("a", "b"))),
            ModelError,
            "a switch has two cases for 'a'",
        ),
        (
            lambda: choosing(cases=(Case(1.5, "a"),)),
            ModelError,
            "1.5",
        ),
        (
            lambda: choosing(nodes={"a b": branch()}, cases=(Case("a", "a b"),)),
            ModelError,
            "branch 'a b' is no valid name",
        ),
        (
            lambda: choosing(inputs={}),
            UnknownReferenceError,
            "branch 'a', input 'x', reads 'x', which it is not given; given: none",
        ),
        (
            lambda: choosing(nodes={"a": branch(within=("l",)), "b": branch()}),
            ModelError,
            "branch 'a' stands alone: it has no 'within' and no 'after'",
        ),
        (
            lambda: choosing(
                nodes={"a": Task(double, {"x": FromNodeOutput("m")}, WHOLE), "b": branch()}
            ),
            ModelError,
            "branch 'a', input 'x', may read only what the switch is given",
        ),
        (
            lambda: choosing(nodes={"a": choosing(selector=FromParam("z")), "b": branch()}),
            UnknownReferenceError,
            "branch 'a', input 'selector', reads 'z', which it is not given; given: x",
        ),
        (
            lambda: repeated(inputs={}),
            UnknownReferenceError,
            "what is repeated, input 'x', reads 'x', which it is not given; given: none",
        ),
        (
            lambda: repeated(until="enough"),
            UnknownReferenceError,
            "a repetition ends when key 'enough' of its result is True, and task",
        ),
        (lambda: repeated(max_iterations=0), ModelError, "Repeat: max_iterations: input should be"),
        (lambda: repeated(exhausted="stop"), ModelError, "Repeat: exhausted: input should be"),
    ],
)
def test_is_refused_when_it_is_made(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refusal:
        make()
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (
            lambda: pipeline(choosing(selector=FromParam("z"))),
            UnknownReferenceError,
            "node 'n', input 'selector' reads parameter 'z', which pipeline 'pipeline' does not",
        ),
        (
            lambda: pipeline(choosing(), {"o": FromNodeOutput("n", "key_a")}),
            UnknownReferenceError,
            "'o' reads output 'key_a' of node 'n', a switch, which has only 'return_value'; name "
            "the part in 'path'",
        ),
        (
            lambda: pipeline(
                choosing(nodes={"a": branch(), "b": Task(number, {}, {"key_k": FromKey("k")})}),
                {"o": FromNodeOutput("n")},
            ),
            UnknownReferenceError,
            "'o' reads node 'n': branch 'b': task unit.model.functions:number is read as a whole, "
            "which it does not keep; its outputs: key_k",
        ),
        (
            lambda: pipeline(repeated(), {"o": FromNodeOutput("n", path=(("key", "z"),))}),
            UnknownReferenceError,
            "'o' reads node 'n': task unit.model.functions:double is read ['z'], which it does not "
            "keep; its outputs: key_done, key_x",
        ),
        (
            lambda: pipeline(
                choosing(selector=FromNodeOutput("m")),
                m=Task(double, {"x": FromNodeOutput("n")}, WHOLE),
            ),
            CyclicDependencyError,
            "nodes wait for each other",
        ),
    ],
)
def test_a_pipeline_with_it_is_refused(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refusal:
        make()
    assert text in str(refusal.value)


def test_a_part_of_a_part_that_is_kept_may_be_read() -> None:
    path = (("key", "x"), ("key", 0))
    dag = pipeline(
        repeated(),
        {"o": FromNodeOutput("n", path=path)},
        m=Task(add, {"a": FromNodeOutput("n", path=path), "b": FromValue(1)}, WHOLE),
        k=Task(numbers, {"count": FromNodeOutput("n", path=path)}, WHOLE),
    )
    assert dag.order == ("n", "m", "k")
