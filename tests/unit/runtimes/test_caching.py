"""A task with a cache runs once for the same code and inputs, however and in whichever run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import task
from dagger_providers.errors import BuildError, UsageError
from dagger_providers.execution.caching import VARIABLE
from dagger_providers.runtimes.local import run_dag
from dagger_providers.storage import open_store, read_commit
from dagger_providers.tracking import Event, Run, read_record
from unit.runtimes import cached

WAYS = [
    pytest.param({}, id="inline"),
    pytest.param({"jobs": 2}, id="processes"),
    pytest.param({"jobs": 2, "workers": "threads"}, id="threads"),
    pytest.param({"workers": "command"}, id="command"),
]

Start = Callable[..., Run]


@pytest.fixture(autouse=True)
def _on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def notes(tmp_path: Path) -> Callable[[], list[str]]:
    """Return what ran since the last look."""
    folder = tmp_path / "notes"

    def look() -> list[str]:
        file = folder / "ran.txt"
        found = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return sorted(found)

    return look


@pytest.fixture
def start(tmp_path: Path) -> Start:
    (tmp_path / "notes").mkdir()

    def run(name: str, **given: Any) -> Run:
        options = {key: given.pop(key) for key in list(given) if key in OPTIONS}
        pipeline = getattr(cached, name).build()
        given["folder"] = str(tmp_path / "notes")
        return run_dag(pipeline, given, **{"store": tmp_path / "store", **options})

    return run


OPTIONS = {"store", "jobs", "workers", "cache", "listen", "run_id"}


@pytest.mark.parametrize("way", WAYS)
def test_a_second_run_takes_results_from_the_first(
    way: dict[str, Any], start: Start, notes: Any
) -> None:
    first = start("squares", **way)
    assert notes() == ["square 0", "square 1", "square 2"]
    told: list[Event] = []
    second = start("squares", **way, listen=told.append)
    assert notes() == []
    assert (second.identities, second.outputs) == (first.identities, first.outputs)
    assert {a: n.cached for a, n in second.nodes.items()} == {"numbers": 0, "square": 3, "total": 0}
    assert [e.how for e in told if (e.kind, e.address) == ("done", "square")] == ["cached"] * 3
    commit = read_commit(open_store(second.folder), "nodes/square/2")
    assert commit.extra["cached"]["run"] == first.run_id
    assert commit.outputs["return_value"].uri.startswith(f"../{first.run_id}/nodes/square/2/")


def test_a_longer_loop_runs_what_is_new(start: Start, notes: Any) -> None:
    start("squares", n=2)
    notes()
    assert start("squares", n=4).outputs == {"return_value": 14}
    assert notes() == ["square 2", "square 3"]


def test_the_record_of_the_run_tells(start: Start) -> None:
    start("squares")
    run = start("squares")
    nodes = read_record(open_store(run.folder))["nodes"]
    assert nodes["square"]["cached"] == 3
    assert "cached" not in nodes["total"]


@pytest.mark.parametrize("where", ["folder", "memory"])
@pytest.mark.parametrize("depth", ["r{}", "airflow/dag/r{}"])
def test_every_kind_of_result(
    where: str, depth: str, start: Start, notes: Any, tmp_path: Path
) -> None:
    store = tmp_path / "s" if where == "folder" else f"memory://{tmp_path.name}-{len(depth)}"
    first = start("kinds", store=store, run_id=depth.format(1))
    expected = dict(first.outputs)
    assert len(notes()) == 8
    second = start("kinds", store=store, run_id=depth.format(2))
    assert notes() == []
    assert (second.identities, dict(second.outputs)) == (first.identities, expected)
    assert sum(node.cached for node in second.nodes.values()) == 8


def test_labels_are_part_of_the_key(start: Start, notes: Any) -> None:
    start("labelled")
    assert notes() == ["square 5"] * 3
    start("labelled")
    assert notes() == ["square 5"]


def test_variables_of_the_task_are_part_of_the_key(start: Start, notes: Any) -> None:
    assert start("modes").outputs == {"return_value": ["fast", "slow"]}
    notes()
    assert start("modes").outputs == {"return_value": ["fast", "slow"]}
    assert notes() == []


def test_other_inputs_are_other_results(start: Start, notes: Any) -> None:
    start("changing")
    start("changing")
    assert notes() == ["noted", "noted"]


def test_what_failed_is_not_kept(start: Start, notes: Any) -> None:
    for _ in range(2):
        assert start("failures").outputs == {"return_value": -1}
    assert notes() == ["may_fail 0", "may_fail 1", "may_fail 1", "recovers 1", "recovers 1"]


def test_retries_are_as_ever(start: Start, notes: Any) -> None:
    assert start("retried").outputs == {"return_value": 3}
    assert notes() == ["flaky"] * 3
    assert start("retried").outputs == {"return_value": 3}
    assert notes() == []


@pytest.mark.parametrize("way", [WAYS[0], WAYS[1], WAYS[3]])
def test_cards_of_a_body_cache_on_their_own(way: dict[str, Any], start: Start, notes: Any) -> None:
    assert start("grouped", **way).outputs == {"return_value": 1}
    assert notes() == ["square 0", "square 1"]
    run = start("grouped", n=3, **way)
    assert (run.outputs, notes()) == ({"return_value": 5}, ["square 2"])
    assert run.nodes["square"].cached == 2


def test_turns_of_a_repetition_cache_on_their_own(start: Start, notes: Any) -> None:
    assert start("turns").outputs == {"return_value": 4}
    assert notes() == ["turn 0", "turn 1", "turn 2", "turn 3"]
    run = start("turns", start=2)  # a literal is not read as a part of a turn's result is
    assert (run.outputs, notes()) == ({"return_value": 4}, ["turn 2"])
    assert run.nodes["turn.turn"].cached == 1


# Leaving the cache alone


@pytest.mark.parametrize("way", WAYS)
def test_a_run_without_cache_runs_all_and_keeps_nothing(
    way: dict[str, Any], start: Start, notes: Any, tmp_path: Path
) -> None:
    start("squares", n=1, cache=False, **way)
    assert not (tmp_path / "store" / "cache").exists()
    start("squares", n=1, **way)
    start("squares", n=1, cache=False, **way)
    assert notes() == ["square 0"] * 3


def test_the_environment_turns_it_off(
    start: Start, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("squares", n=1)
    monkeypatch.setenv(VARIABLE, "off")
    start("squares", n=1)
    assert notes() == ["square 0"] * 2


def test_the_environment_says_on_or_off(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "of")
    with pytest.raises(Exception, match="DAGGER_CACHE must be on or off, got 'of'") as raised:
        start("squares", n=1)
    assert isinstance(raised.value.__cause__, UsageError)


def test_a_function_without_a_file_cannot_be_cached() -> None:
    @task(cache=True)
    def inner() -> int:
        return 1

    from dagger_providers import dag

    @dag
    def flow():  # type: ignore[no-untyped-def]
        return inner()

    with pytest.raises(BuildError, match="'inner' has cache, and its function lives only in this"):
        flow.build()


# Entries of no use


def entries(store: Path) -> list[Path]:
    return sorted((store / "cache").glob("??/*.json"))


def spoil_data(store: Path) -> None:
    for file in store.glob("runs/first/nodes/square/*/attempt-*/*"):
        file.write_text("7")


def remove_data(store: Path) -> None:
    for file in store.glob("runs/first/nodes/square/*/attempt-*/*"):
        file.unlink()


def spoil_entry(store: Path) -> None:
    for file in entries(store):
        file.write_text("no JSON")


def escape(store: Path) -> None:
    for file in entries(store):
        file.write_text(file.read_text().replace("runs/first/", "runs/../../"))


def other_kind(store: Path) -> None:
    for file in entries(store):
        document = json.loads(file.read_text())
        document["outputs"]["return_value"]["kind"] = "partitioned"
        file.write_text(json.dumps(document))


def other_outputs(store: Path) -> None:
    for file in entries(store):
        document = json.loads(file.read_text())
        file.write_text(json.dumps({**document, "outputs": {}}))


def newer(store: Path) -> None:
    for file in entries(store):
        file.write_text(file.read_text().replace("cache/1", "cache/2"))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_data, "was changed since it was written"),
        (remove_data, "nothing at"),
        (spoil_entry, "is no JSON document"),
        (escape, "names data outside the runs of its store"),
        (other_kind, "has other outputs than the node"),
        (other_outputs, "has other outputs than the node"),
        (newer, "upgrade dagger-providers"),
    ],
)
def test_an_entry_of_no_use_is_a_miss_and_is_told(
    spoil: Callable[[Path], None], told: str, start: Start, notes: Any, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    start("squares", n=1, run_id="first")
    notes()
    spoil(tmp_path / "store")
    assert start("squares", n=1, run_id="second").outputs == {"return_value": 0}
    assert notes() == ["square 0"]
    [record] = caplog.records
    assert record.message.startswith("square[0]: what is in the cache is of no use: ")
    assert told in record.message
    third = start("squares", n=1)
    assert (notes(), third.nodes["square"].cached) == ([], 1)


def test_a_serializer_is_what_the_card_says_and_no_entry(
    start: Start, notes: Any, tmp_path: Path
) -> None:
    start("squares", n=1, run_id="first")
    for file in entries(tmp_path / "store"):
        file.write_text(file.read_text().replace('"serializer":"json"', '"serializer":"pickle"'))
    run = start("squares", n=1)
    commit = read_commit(open_store(run.folder), "nodes/square/0")
    assert commit.outputs["return_value"].serializer.name == "json"


def test_a_cache_that_cannot_be_written_fails_nothing(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "cache").write_text("a file where the folder would be")
    assert start("squares", n=1).outputs == {"return_value": 0}
    assert "its result could not be put into the cache" in caplog.text


# Races

RACE = """
import sys
from unit.runtimes.cached import squares
run = squares.run(folder=sys.argv[1], n=20, store=sys.argv[2], run_id=sys.argv[3])
print(run.outputs["return_value"])
"""


def test_racing_runs_share_one_entry_and_both_are_right(
    start: Start, notes: Any, tmp_path: Path
) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path / "notes"), str(tmp_path / "store"), name],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE, text=True,
        )
        for name in ("a", "b")
    ]  # fmt: skip
    said = [run.communicate(timeout=120)[0].strip() for run in runs]
    assert said == ["2470", "2470"]
    assert 20 <= len(notes()) <= 40
    assert len(entries(tmp_path / "store")) == 20
    third = start("squares", n=20)
    assert (notes(), third.nodes["square"].cached) == ([], 20)
