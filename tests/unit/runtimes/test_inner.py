"""Nodes inside others, and those that do not run: events, states, and which of them failed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.dsl import DagFunction
from dagger_providers.errors import NoCaseError, RunFailed, TaskFailed
from dagger_providers.runtimes.local import run_dag
from dagger_providers.storage import open_store
from dagger_providers.tracking import Event, Run
from dagger_providers.tracking.run import read_record
from unit.runtimes import inner

WAYS = [
    pytest.param({}, id="inline"),
    pytest.param({"jobs": 2}, id="processes"),
    pytest.param({"jobs": 2, "workers": "threads"}, id="threads"),
    pytest.param({"workers": "command"}, id="command"),
]


def states(run: Run) -> Mapping[str, tuple[str, int | None, int]]:
    return {name: (state.status, state.items, state.done) for name, state in run.nodes.items()}


def failure(pipeline: DagFunction[..., Any], store: Path, **options: Any) -> RunFailed:
    with pytest.raises(RunFailed) as caught:
        pipeline.run(store=store, **options)
    return caught.value


@pytest.mark.parametrize("way", WAYS)
def test_what_runs_inside_is_told_and_counted(way: dict[str, Any], tmp_path: Path) -> None:
    heard: list[Event] = []
    run = run_dag(inner.turning.build(), {"xs": [3, 9]}, store=tmp_path, listen=heard.append, **way)
    kinds = Counter((event.kind, event.address, event.index) for event in heard)
    for index in ("0.0", "0.1", "1.0"):
        assert kinds["inner", "refine.turn", index] == 1
    assert kinds["done", "refine", "0"] == kinds["done", "refine", "1"] == 1
    assert states(run) == {
        "refine": ("succeeded", 2, 2),
        "refine.turn": ("succeeded", 3, 3),
        "total": ("succeeded", 1, 1),
    }
    assert read_record(open_store(run.folder))["nodes"]["refine.turn"]["done"] == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_loop_over_nothing_skips_what_is_inside_too(way: dict[str, Any], tmp_path: Path) -> None:
    run = inner.turning.run(xs=[], store=tmp_path, **way)
    assert run.outputs["return_value"] == 0
    assert states(run)["refine"] == ("skipped", 0, 0)
    assert states(run)["refine.turn"] == ("skipped", 0, 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_branch_that_is_not_chosen_is_skipped(way: dict[str, Any], tmp_path: Path) -> None:
    run = inner.choosing.run(xs=[1, 7, 8], x=3, store=tmp_path, **way)
    found = states(run)
    assert dict(run.outputs) == {"each": 32, "one": 4}
    assert found["each.small"] == ("succeeded", 1, 1)
    assert found["each.large"] == ("succeeded", 2, 2)
    assert found["one.small"] == ("succeeded", 1, 1)
    assert found["one.large"] == ("skipped", 0, 0)
    assert read_record(open_store(run.folder))["nodes"]["one.large"]["status"] == "skipped"


@pytest.mark.parametrize("way", WAYS)
def test_a_turn_that_fails_is_the_node_that_failed(way: dict[str, Any], tmp_path: Path) -> None:
    error = failure(inner.turning, tmp_path, xs=[3, 11], **way)
    assert (error.node, error.index) == ("refine.turn", (1, 2))
    assert str(error) == "refine.turn[1.2] failed: ValueError: thirteen"
    told = {name: state.status for name, state in error.run.nodes.items()}
    assert told == {"refine": "failed", "refine.turn": "failed", "total": "unfinished"}
    assert (error.run.failure["address"], error.run.failure["index"]) == ("refine.turn", "1.2")


@pytest.mark.parametrize("way", WAYS)
def test_the_node_of_a_group_that_fails_is_told(way: dict[str, Any], tmp_path: Path) -> None:
    error = failure(inner.pairing, tmp_path, x=30, **way)
    assert (error.node, error.index) == ("picky", ())
    assert str(error) == "picky failed: ValueError: too large"
    statuses = {name: state.status for name, state in error.run.nodes.items()}
    # What the fresh process of a group that failed has done, only its commit records tell.
    done = "unfinished" if way.get("workers") == "command" else "succeeded"
    assert statuses == {"pair": "failed", "double": done, "picky": "failed", "inc": "unfinished"}
    told = read_record(open_store(error.run.folder))["nodes"]
    assert {name: node["status"] for name, node in told.items()} == statuses


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_is_heard_once_and_as_the_innermost(way: dict[str, Any], tmp_path: Path) -> None:
    heard: list[Event] = []
    run_dag(
        inner.turning.build(), {"xs": [11]}, store=tmp_path, check=False, listen=heard.append, **way
    )
    [event] = [event for event in heard if event.kind == "failed"]
    assert (event.address, event.index, event.message) == (
        "refine.turn",
        "0.2",
        "ValueError: thirteen",
    )


@pytest.mark.parametrize("way", WAYS)
def test_its_place_is_told_though_the_exception_cannot_be(
    way: dict[str, Any], tmp_path: Path
) -> None:
    error = failure(inner.turning_oddly, tmp_path, x=1, **way)
    assert (error.node, error.index) == ("raises-odd.turn", (0,))
    own = type(error.__cause__) is inner.OddError
    assert own == (way == {} or way.get("workers") == "threads")
    assert own or type(error.__cause__) is TaskFailed


@pytest.mark.parametrize("way", WAYS)
def test_a_switch_without_a_case_is_told_with_its_item(way: dict[str, Any], tmp_path: Path) -> None:
    error = failure(inner.lacking, tmp_path, xs=[1, 2, 9], **way)
    assert (error.node, error.index) == ("only-small", (2,))
    assert type(error.__cause__) is NoCaseError
    assert error.run.nodes["only-small.small"].status == "failed"


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_that_is_allowed_is_noted(
    way: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dagger_providers"):
        run = inner.leaving_out.run(xs=[1, 2, 3], store=tmp_path, **way)
    assert run.outputs["return_value"] == 4
    assert states(run)["double"] == ("succeeded", 1, 1)
    if not way or way.get("workers") == "threads":
        assert caplog.messages == [
            "maybe[0] failed and is left out: ValueError: 1 is odd",
            "maybe[2] failed and is left out: ValueError: 3 is odd",
        ]
    failed = read_commit_extra(run, "maybe/0")
    assert failed == {"failed": "ValueError: 1 is odd"}


def read_commit_extra(run: Run, place: str) -> Any:
    from dagger_providers.storage import read_commit

    return dict(read_commit(open_store(run.folder), f"nodes/{place}").extra)


def test_a_single_failure_that_is_allowed_is_still_recorded(tmp_path: Path) -> None:
    run = inner.leaving_out.run(xs=[1], store=tmp_path)
    assert run.outputs["return_value"] == 0
    assert states(run)["double"] == ("skipped", 0, 0)
    assert Path(run.folder, "nodes", "maybe", "0", "failure.json").exists()
