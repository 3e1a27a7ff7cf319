"""Hooks run when their pipeline is over, know what became of it, and hide no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import RunFailed, dag, loop, task
from dagger_providers.errors import CapabilityError, ModelError
from dagger_providers.planning import plan
from dagger_providers.storage import open_store
from dagger_providers.tracking import Event, Run, read_record
from unit.runtimes import hooked
from unit.runtimes.hooked import lines, names

WAYS = [
    pytest.param({}, id="inline"),
    pytest.param({"jobs": 2}, id="processes"),
    pytest.param({"jobs": 2, "workers": "threads"}, id="threads"),
    pytest.param({"jobs": 2, "workers": "command"}, id="command"),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def ran(name: str, log: Path, way: dict[str, Any] | None = None, **parameters: Any) -> Run:
    pipeline = getattr(hooked, name)
    given = {"log": str(log), **parameters}
    run: Run = pipeline.run(store=log.parent / "store", check=False, **given, **(way or {}))
    return run


@pytest.mark.parametrize("way", WAYS)
def test_after_success(way: dict[str, Any], log: Path) -> None:
    run = ran("flat", log, way, numbers=[1, 2])

    assert run.status == "succeeded"
    assert names(log) == ["flat:success", "flat:exit"]
    assert [line["status"] for line in lines(log)] == ["succeeded", "succeeded"]
    assert [line["run_id"] for line in lines(log)] == [run.run_id] * 2


@pytest.mark.parametrize("way", WAYS)
def test_after_failure(way: dict[str, Any], log: Path) -> None:
    run = ran("flat", log, way, numbers=[1, 0])

    assert run.status == "failed"
    assert names(log) == ["flat:failure", "flat:exit"]
    told = lines(log)[0]
    assert told["failure"] == {
        "node": "invert[1]",
        "address": "invert",
        "index": "1",
        "type": "ZeroDivisionError",
        "message": "division by zero",
    }
    assert told["nodes"]["gather"]["status"] == "unfinished"
    assert run.failure["node"] == "invert[1]"


@pytest.mark.parametrize("way", WAYS)
def test_nested_hooks_run_once_for_each_item_and_before_the_outer(
    way: dict[str, Any], log: Path
) -> None:
    ran("outer", log, way, numbers=[1, 2])

    found = names(log)
    assert sorted(found[:4]) == [
        "each:exit[0]",
        "each:exit[1]",
        "each:success[0]",
        "each:success[1]",
    ]
    assert found[4:] == ["outer:success", "outer:exit"]
    for position in "01":
        assert found.index(f"each:success[{position}]") < found.index(f"each:exit[{position}]")


def test_each_item_has_the_hooks_that_fit_it(log: Path) -> None:
    ran("outer", log, {"jobs": 2, "workers": "command"}, numbers=[4, 0])

    assert sorted(names(log)) == [
        "each:exit[0]", "each:exit[1]", "each:failure[1]", "each:success[0]",
        "outer:exit", "outer:failure",
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_items_no_hooks_of_the_nested_pipeline(way: dict[str, Any], log: Path) -> None:
    run = ran("outer", log, way, numbers=[])

    assert names(log) == ["outer:success", "outer:exit"]
    assert run.nodes["each.on_success"].status == "skipped"


@pytest.mark.parametrize("way", WAYS)
def test_a_nested_hook_does_not_wait_for_the_rest_of_the_run(
    way: dict[str, Any], log: Path
) -> None:
    ran("soon", log, {} if way.get("jobs") is None else way)

    if not way:
        assert names(log) == ["first", "first:exit", "second", "soon:exit"]
    assert names(log)[-1] == "soon:exit"
    assert sorted(names(log)) == ["first", "first:exit", "second", "soon:exit"]


@pytest.mark.parametrize("way", WAYS)
def test_a_hook_that_fails_makes_the_run_fail(way: dict[str, Any], log: Path) -> None:
    run = ran("broken_hook", log, way)

    assert run.status == "failed"
    assert run.failure["node"] == "on_success"
    assert run.reason == "RuntimeError: a hook broke"
    assert names(log) == ["step", "broken-hook:broken", "broken-hook:exit"]
    assert lines(log)[-1]["failure"]["node"] == "on_success"


def test_a_hook_that_fails_is_raised(log: Path) -> None:
    with pytest.raises(RunFailed, match="on_success failed: RuntimeError: a hook broke") as caught:
        hooked.broken_hook.run(log=str(log), store=log.parent / "store")
    assert type(caught.value.__cause__) is RuntimeError


@pytest.mark.parametrize("way", WAYS)
def test_a_nested_hook_that_fails_stops_nothing(way: dict[str, Any], log: Path) -> None:
    run = ran("broken_inside", log, way, numbers=[1, 2])

    assert run.failure["address"] == "each-broken.on_exit"
    assert run.nodes["gather"].status == "succeeded"
    assert sorted(names(log)) == [
        "broken-inside:exit", "broken-inside:failure",
        "each-broken:broken[0]", "each-broken:broken[1]",
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_hook_hides_no_failure(way: dict[str, Any], log: Path) -> None:
    run = ran("both_fail", log, way, numbers=[0])

    assert run.failure["node"] == "invert[0]"
    assert names(log) == ["both-fail:broken", "both-fail:exit"]
    assert run.nodes["on_failure"].status == "failed"


def test_a_hook_has_retries(log: Path) -> None:
    assert ran("tried_again", log).status == "succeeded"
    assert len(lines(log)) == 3


def test_hooks_are_nodes_of_the_run_record_and_of_its_events(log: Path) -> None:
    events: list[Event] = []
    run = ran("flat", log, {"listen": events.append}, numbers=[1])

    nodes = read_record(open_store(run.folder))["nodes"]
    assert {name: node["status"] for name, node in nodes.items()} == {
        "invert": "succeeded",
        "gather": "succeeded",
        "on_success": "succeeded",
        "on_failure": "skipped",
        "on_exit": "succeeded",
    }
    assert [e.address for e in events if e.kind == "done"][-2:] == ["on_success", "on_exit"]
    assert events[0].total == 5


def test_a_loop_that_never_came_to_be_has_no_hooks_inside(log: Path) -> None:
    run = ran("not_a_list", log)

    assert run.status == "failed"
    assert names(log) == ["not-a-list:failure", "not-a-list:exit"]
    assert "list" in lines(log)[0]["failure"]["message"]


def test_hooks_are_told_of_each_node_of_a_group(log: Path) -> None:
    ran("in_a_group", log)

    assert names(log) == ["in-a-group:success", "in-a-group:exit"]
    assert list(lines(log)[0]["nodes"]) == ["one", "two"]


def test_hooks_run_when_a_worker_dies(log: Path) -> None:
    run = ran("killed", log, {"jobs": 2})

    assert "signal 9" in run.failure["message"]
    assert names(log) == ["killed:failure", "killed:exit"]


INTERRUPTED = """
import sys
from unit.runtimes.hooked import interrupted
interrupted.run(numbers=[0, 1], log=sys.argv[1], store=sys.argv[2], run_id="r")
"""


def test_ctrl_c_ends_the_run_and_then_its_hooks_run(log: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, log, tmp_path / "store"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    folder = tmp_path / "store/runs/r"
    assert f"\nKeyboardInterrupt\nrecord: {folder}/run.json\n" in ended.stderr, ended.stderr
    assert names(log) == ["interrupted:failure", "interrupted:exit"]
    record = read_record(open_store(str(tmp_path / "store" / "runs" / "r")))
    assert (record["status"], record["failure"]["type"]) == ("failed", "KeyboardInterrupt")
    assert record["nodes"]["on_exit"]["status"] == "succeeded"


def test_the_plain_call_ignores_hooks(log: Path) -> None:
    assert hooked.flat([1, 2], str(log)) == [1, 0.5]
    assert not log.exists()


def test_a_hook_of_this_process_only_needs_this_process(tmp_path: Path) -> None:
    seen: list[Any] = []

    @dag(on_exit=lambda_free(seen))
    def local() -> Any:
        return hooked.no_list()

    local.run(store=tmp_path)
    assert [record["status"] for record in seen] == ["succeeded"]
    with pytest.raises(CapabilityError, match="'on_exit' needs a function that only this process"):
        local.run(store=tmp_path, jobs=2)


def lambda_free(seen: list[Any]) -> Any:
    def keep(record: Any) -> None:
        seen.append(record)

    return keep


@task
def turn(x: int) -> dict[str, Any]:
    return {"x": x, "done": True}


@dag(on_exit=hooked.leave)
def body(x: int) -> Any:
    result = turn(x)
    return {"x": result["x"], "done": result["done"]}


def test_a_repetition_has_no_hooks_inside() -> None:
    @dag
    def repeated() -> Any:
        return loop(body)(1)["x"]

    with pytest.raises(ModelError, match=r"'body\.turn.on_exit' is a hook in a repetition"):
        plan(repeated.build())
