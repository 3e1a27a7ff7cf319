"""The local runtime gives what the plain call gives, however items are run, and keeps a record."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.errors import MissingValueError, UsageError
from dagger_providers.execution import open_run
from dagger_providers.runtimes.local import run_dag
from dagger_providers.runtimes.local.workers import environment
from dagger_providers.storage import open_store
from dagger_providers.tracking import Event, read_record
from unit.runtimes import pipelines

WAYS = [
    pytest.param({}, id="inline"),
    pytest.param({"jobs": 2}, id="processes"),
    pytest.param({"jobs": 2, "workers": "threads"}, id="threads"),
    pytest.param({"jobs": 2, "workers": "command"}, id="command"),
]


def outputs(name: str, store: Path, way: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    run = run_dag(getattr(pipelines, name).build(), parameters, store=store, **way)
    assert run.status == "succeeded"
    return dict(run.outputs)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_one_and_many_items(n: int, way: dict[str, Any], tmp_path: Path) -> None:
    assert outputs("doubled", tmp_path, way, n=n) == {"return_value": sum(range(n))}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("changed_items", {}),
        ("changed_parameters", {"given": [{"x": 1}, {"x": 2}]}),
        ("crossed", {"xs": [1, 2], "ys": [3, 4, 5]}),
        ("crossed", {"xs": [1, 2], "ys": []}),
        ("gathered_twice", {}),
        ("gathered_readers", {"xs": [1, 2, 3]}),
    ],
)
def test_as_the_plain_call(
    name: str, parameters: dict[str, Any], way: dict[str, Any], tmp_path: Path
) -> None:
    plain = getattr(pipelines, name)(**json.loads(json.dumps(parameters)))
    if name.startswith("changed"):
        # In Python the second loop sees what the first changed; between nodes values are copies.
        plain["again"] = plain["once"]
    expected = plain if isinstance(plain, dict) else {"return_value": plain}
    assert outputs(name, tmp_path, way, **parameters) == expected


@pytest.mark.parametrize("way", WAYS)
def test_readers_by_their_annotation(way: dict[str, Any], tmp_path: Path) -> None:
    expected = "list [12, 6, 3, [1, 2, 3], 4, [0, 1, 2, 3]]"
    assert outputs("readers", tmp_path, way) == {"return_value": expected}


def test_all_ways_give_the_same_bytes(tmp_path: Path) -> None:
    seen = {
        str(run_dag(pipelines.everything.build(), {}, store=tmp_path, **way.values[0]).identities)  # type: ignore[arg-type]
        for way in WAYS
    }
    assert len(seen) == 1


def test_outputs_are_read_when_asked_for(tmp_path: Path) -> None:
    run = pipelines.everything.run(store=tmp_path)
    assert list(run.outputs) == ["whole", "doubles", "sum"]
    for path in Path(run.folder).glob("nodes/double/*/attempt-*/return_value.json"):
        path.unlink()
    assert run.outputs["whole"] == [0, 1]
    with pytest.raises(MissingValueError):
        run.outputs["doubles"]
    assert repr(run.outputs) == "<outputs: whole, doubles, sum>"


def test_jobs_run_side_by_side(tmp_path: Path) -> None:
    started = time.monotonic()
    run_dag(pipelines.parallel.build(), {"seconds": 1.0}, store=tmp_path, jobs=2, workers="threads")
    assert time.monotonic() - started < 1.9


@pytest.mark.parametrize("way", [{}, {"jobs": 2}, {"workers": "command"}])
def test_retries_are_counted_per_item(way: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "tries"
    folder.mkdir()
    given = {"folder": str(folder), "items": [1, 2]}
    assert outputs("stubborn", tmp_path, way, **given) == {"return_value": 6}


def test_events_in_order(tmp_path: Path) -> None:
    told: list[Event] = []
    run_dag(pipelines.doubled.build(), {"n": 2}, store=tmp_path, listen=told.append)
    assert [(e.kind, e.address, e.index, e.total) for e in told] == [
        ("run", "doubled", "", 4),
        ("group", "numbers", "", 1),
        ("started", "numbers", "", 1),
        ("done", "numbers", "", 1),
        ("group", "double", "", 2),
        ("group", "half", "", 2),
        ("started", "double", "0", 1),
        ("started", "half", "0", 1),
        ("done", "double", "0", 1),
        ("done", "half", "0", 1),
        ("started", "double", "1", 1),
        ("started", "half", "1", 1),
        ("done", "double", "1", 1),
        ("done", "half", "1", 1),
        ("group", "total", "", 1),
        ("started", "total", "", 1),
        ("done", "total", "", 1),
        ("end", "doubled", "", 1),
    ]


def test_the_record_tells_the_run(tmp_path: Path) -> None:
    records = []

    def listen(event: Event) -> None:
        if event.kind == "run":
            records.append(read_record(open_store(tmp_path / "runs" / "mine")))

    run = run_dag(
        pipelines.everything.build(), {"n": 2}, store=tmp_path, run_id="mine", listen=listen
    )
    assert records[0]["status"] == "running"
    assert records[0]["finished"] == ""
    record = read_record(open_store(run.folder))
    assert record["format"] == "dagger-providers.run/1"
    assert (record["run_id"], record["pipeline"], record["status"]) == (
        "mine", "everything", "succeeded",
    )  # fmt: skip
    assert record["parameters"] == {"n": 2}
    assert record["nodes"]["double"]["items"] == record["nodes"]["double"]["done"] == 2
    assert record["started"] <= record["finished"]
    assert record["failure"] is None
    whole = record["outputs"]["whole"]
    assert whole["sha256"] == run.identities["whole"]
    assert (Path(run.folder) / whole["uri"] / "partitions.json").exists()
    assert record["outputs"]["doubles"]["uri"] is None


def test_runs_have_names_of_their_own(tmp_path: Path) -> None:
    names = {pipelines.doubled.run(store=tmp_path).run_id for _ in range(3)}
    assert len(names) == 3
    with pytest.raises(UsageError, match="no name for a run"):
        open_run(str(tmp_path), "../x", {})


def test_the_store_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert pipelines.doubled.run().folder.startswith(str(tmp_path / ".dagger" / "runs"))
    monkeypatch.setenv("DAGGER_STORE", str(tmp_path / "other"))
    assert pipelines.doubled.run().folder.startswith(str(tmp_path / "other"))


def test_memory_store_in_threads(tmp_path: Path) -> None:
    way = {"jobs": 2, "workers": "threads"}
    assert outputs("doubled", "memory://local-tests", way) == {"return_value": 3}  # type: ignore[arg-type]


def test_long_cards_and_parameters_go_through_files(tmp_path: Path) -> None:
    xs = list(range(20_000))
    run = run_dag(pipelines.one_list.build(), {"xs": xs}, store=tmp_path, workers="command")
    assert run.outputs["return_value"] == sum(xs)


def test_the_environment_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    found = environment({"WHO": "me"})
    assert found["PYTHONHASHSEED"] == "0"
    assert found["WHO"] == "me"
    assert all(Path(folder).is_absolute() for folder in found["PYTHONPATH"].split(":"))


@pytest.mark.parametrize("way", [{"jobs": 0}, {"workers": "magic"}])
def test_options_are_checked_before_anything_runs(way: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        run_dag(pipelines.doubled.build(), {}, store=tmp_path, **way)
    assert not list(tmp_path.iterdir())


def test_a_loop_keeps_to_its_concurrency(tmp_path: Path) -> None:
    pipelines.busy.clear()
    way = {"jobs": 4, "workers": "threads"}
    found = outputs("one_at_a_time", tmp_path, way, xs=list(range(32)))
    assert found == {"return_value": list(range(32))}
    assert set(pipelines.busy) == {1}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_left_out_is_told_in_the_record(way: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    run = run_dag(
        pipelines.lenient.build(), {"xs": [1, 2, 3]}, store=tmp_path, listen=events.append, **way
    )
    assert run.outputs["return_value"] == [2]
    told = [event.index for event in events if event.kind == "done" and event.how == "left out"]
    assert sorted(told) == ["0", "2"]
    node = read_record(open_store(run.folder))["nodes"]["even"]
    assert (node["status"], node["done"], node["left_out"]) == ("succeeded", 3, 2)
