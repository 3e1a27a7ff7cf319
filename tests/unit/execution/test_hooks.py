"""A hook's card finds in the store whether it applies, and what to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import (
    Axis,
    Card,
    Item,
    ListOf,
    NodeOutput,
    Parameter,
    RunRecord,
    Told,
    Value,
    dumps,
    loads,
)
from dagger_providers.execution import Resolver, RunContext, open_run, run_card
from dagger_providers.execution.failures import write_failure
from dagger_providers.execution.hooks import applies
from dagger_providers.storage import CommitRecord, new_attempt_id, write_commit
from unit.execution import cards
from unit.execution.cards import JSON

LOOP = {"loop": Axis(Parameter("n", JSON))}


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    return open_run(str(tmp_path), "some/run", {"n": "[10, 20]"})


def hook(when: str, *nodes: Told, axes: Any = LOOP, **parameters: Any) -> Card:
    record = RunRecord("flow", "", (), nodes, parameters)
    return Card(
        when,
        f"{cards.__name__}:same",
        axes=axes,
        inputs={"x": record},
        when=when,
    )


def commit(run: RunContext, address: str, *index: int) -> None:
    path = "/".join(("nodes", address, *map(str, index)))
    write_commit(run.store, path, CommitRecord(address, index, new_attempt_id()))


def fail(run: RunContext, address: str, message: str, *index: int) -> None:
    write_failure(run.store, "/".join(("nodes", address, *map(str, index))), ValueError(message))


def told(card: Card, run: RunContext) -> Any:
    return Resolver(run, card.axes).value(card.inputs["x"], {})


def which(run: RunContext, *nodes: Told) -> list[str]:
    hooks = [hook(when, *nodes) for when in ("on_success", "on_failure", "on_exit")]
    return [card.when for card in hooks if applies(card, (), Resolver(run, card.axes))]


def test_success_is_a_commit_of_every_execution(run: RunContext) -> None:
    node = Told("node", ("loop",))
    commit(run, "node", 0)
    assert which(run, node) == ["on_failure", "on_exit"]
    commit(run, "node", 1)
    assert which(run, node) == ["on_success", "on_exit"]


def test_what_does_not_apply_runs_nothing_and_commits_nothing(run: RunContext) -> None:
    commit(run, "node")
    run_card(hook("on_failure", Told("node")), (), run)
    assert run.store.list("nodes") == ["node"]
    run_card(hook("on_success", Told("node")), (), run)
    assert run.store.list("nodes") == ["node", "on_success"]


def test_a_failure_counts_until_a_later_attempt_is_committed(run: RunContext) -> None:
    fail(run, "node", "first")
    assert which(run, Told("node")) == ["on_failure", "on_exit"]
    commit(run, "node")
    assert which(run, Told("node")) == ["on_success", "on_exit"]


def test_a_failure_after_a_commit_counts(run: RunContext) -> None:
    commit(run, "node")
    fail(run, "node", "cleared and run again")
    assert which(run, Told("node")) == ["on_failure", "on_exit"]


def test_the_first_failure_is_told(run: RunContext) -> None:
    fail(run, "late", "first", 1)
    fail(run, "early", "second")
    record = told(hook("on_exit", Told("early"), Told("late", ("loop",))), run)

    assert record["failure"] == {
        "node": "late[1]",
        "address": "late",
        "index": "1",
        "type": "ValueError",
        "message": "first",
    }
    assert record["nodes"] == {
        "early": {"status": "failed", "done": 0, "items": 1},
        "late": {"status": "failed", "done": 0, "items": 2},
    }


def test_a_loop_that_is_not_known_is_unfinished(run: RunContext) -> None:
    axes = {"made": Axis(NodeOutput("maker", "out", (), JSON))}
    record = told(hook("on_exit", Told("node", ("made",)), axes=axes), run)

    assert (record["status"], record["failure"]) == ("failed", None)
    assert record["nodes"]["node"] == {"status": "unfinished", "done": 0, "items": None}


def test_a_nested_hook_is_asked_for_where_it_applies(run: RunContext) -> None:
    nodes = (
        Told("inner.node", ("loop",)),
        Told("inner.on_success", ("loop",), "on_success"),
        Told("inner.on_failure", ("loop",), "on_failure"),
        Told("inner.on_exit", ("loop",), "on_exit"),
    )
    commit(run, "inner.node", 0)
    fail(run, "inner.node", "no", 1)
    for place in (("on_success", 0), ("on_failure", 1), ("on_exit", 0), ("on_exit", 1)):
        commit(run, f"inner.{place[0]}", place[1])
    record = told(hook("on_exit", *nodes), run)

    assert {name: node["items"] for name, node in record["nodes"].items()} == {
        "inner.node": 2,
        "inner.on_success": 1,
        "inner.on_failure": 1,
        "inner.on_exit": 2,
    }
    assert record["nodes"]["inner.on_failure"]["status"] == "succeeded"


def test_the_run_and_its_parameters_are_told(run: RunContext) -> None:
    record = told(
        hook(
            "on_exit",
            literal=Value({"a": 1}),
            whole=Parameter("n", JSON),
            second=Parameter("n", JSON, (("key", 1),)),
            both=ListOf((Parameter("n", JSON), Value(0))),
        ),
        run,
    )

    assert record["run_id"] == "some/run"
    assert (record["pipeline"], record["status"]) == ("flow", "succeeded")
    assert record["parameters"] == {
        "literal": {"a": 1},
        "whole": [10, 20],
        "second": 20,
        "both": [[10, 20], 0],
    }


def test_a_mapped_pipeline_is_told_of_its_own_item(run: RunContext) -> None:
    record = RunRecord(
        "each", "each.", ("loop",), (Told("each.node", ("loop",)),), {"x": Item("loop")}
    )
    card = Card("each.on_exit", within=("loop",), axes=LOOP, inputs={"x": record}, when="on_exit")
    commit(run, "each.node", 1)
    found = [Resolver(run, LOOP).value(card.inputs["x"], {"loop": n}) for n in (0, 1)]

    assert [(one["index"], one["parameters"]["x"], one["status"]) for one in found] == [
        ("0", 10, "failed"),
        ("1", 20, "succeeded"),
    ]


def test_a_card_says_what_it_tells() -> None:
    card = hook("on_exit", Told("a", ("loop",)), Told("b", (), "on_success"), x=Value(1))

    assert loads(dumps(card)) == card
