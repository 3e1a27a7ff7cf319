"""One card: inputs from anywhere, outputs written once and whole, tries as the policy says."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import (
    Axis,
    Card,
    Item,
    NodeOutput,
    OutputCard,
    Parameter,
    Policy,
    Stored,
    Value,
)
from dagger_providers.errors import CorruptValueError, SerializationError, UsageError
from dagger_providers.execution import (
    Locations,
    Resolver,
    RunContext,
    index_from,
    index_text,
    open_run,
    run_card,
)
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.tries import tried
from dagger_providers.serializers import load
from dagger_providers.storage import open_store, read_commit, write_location
from unit.execution import cards
from unit.execution.cards import JSON, card


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    return open_run(str(tmp_path), "r", {"n": "[1, 2]", "text": '"x"'})


def read(run: RunContext, address: str = "node", output: str = "out") -> Any:
    return Resolver(run, {}).value(NodeOutput(address, output, (), JSON), {})


def test_a_literal_and_a_parameter(run: RunContext) -> None:
    record = run_card(card(cards.same, x={"a": [1, 2.0]}), (), run)
    assert read(run) == {"a": [1, 2.0]}
    assert record.extra["try"] == 1
    run_card(card(cards.same, x=Parameter("n", JSON, (("key", 1),))), (), run)
    assert read(run) == 2


def test_a_value_at_a_place_of_its_own(run: RunContext, tmp_path: Path) -> None:
    place = str(tmp_path / "elsewhere.json")
    written = write_location(place, {"a": [1, 2]}, load(JSON))
    run_card(card(cards.same, x=Stored(place, written.sha256, JSON, path=(("key", "a"),))), (), run)

    assert read(run) == [1, 2]


def test_parts_at_a_place_of_their_own(run: RunContext, tmp_path: Path) -> None:
    place = str(tmp_path / "parts")
    written = write_location(place, [1, 2, 3], load(JSON), depth=1)
    stored = Stored(place, written.sha256, JSON, partitioned=True)
    run_card(card(cards.summed, xs=stored), (), run)
    assert read(run) == 6
    run_card(card(cards.same, x=stored), (), run)
    assert read(run) == [1, 2, 3]


def test_another_value_than_the_one_that_is_meant_is_refused(
    run: RunContext, tmp_path: Path
) -> None:
    place = str(tmp_path / "elsewhere.json")
    write_location(place, 1, load(JSON))

    with pytest.raises(CorruptValueError, match="was changed since it was written"):
        run_card(card(cards.same, x=Stored(place, "0" * 64, JSON)), (), run)


def test_a_literal_is_fresh_for_each_reader(run: RunContext) -> None:
    literal = Value([1])
    first = Resolver(run, {}).value(literal, {})
    first.append(2)
    assert Resolver(run, {}).value(literal, {}) == [1]


def test_items_of_a_parameter_are_copies(run: RunContext) -> None:
    context = RunContext(run.store, {"rows": '[{"x": 1}]'})
    resolver = Resolver(context, {"loop": Axis(Parameter("rows", JSON))})
    for _ in range(2):
        item = resolver.value(Item("loop"), {"loop": 0})
        assert item == {"x": 1}
        item["x"] = 2


def test_partitions_are_written_one_by_one(run: RunContext, tmp_path: Path) -> None:
    outputs = {"out": OutputCard((), JSON, partitioned=True)}
    record = run_card(card(cards.parts, outputs, n=12), (), run)
    folder = tmp_path / "runs/r" / record.outputs["out"].uri
    assert json.loads((folder / "partitions.json").read_text()) == [str(n) for n in range(12)]
    with pytest.raises(ValueError, match="after the last"):
        run_card(card(cards.broken_parts, outputs, n=2), (), run)
    assert read(run) == list(range(12))


def test_the_last_commit_wins_and_a_failure_changes_nothing(run: RunContext) -> None:
    run_card(card(cards.same, x=1), (), run)
    run_card(card(cards.same, x=2), (), run)
    with pytest.raises(SerializationError, match="node, output 'out'"):
        run_card(card(cards.same, {"out": OutputCard((("key", "gone"),), JSON)}, x={}), (), run)
    assert read(run) == 2
    failure = read_failure(run.store, "nodes/node")
    assert failure is not None
    assert "has no 'gone'" in failure.message


def test_racing_attempts_leave_one_whole_value(tmp_path: Path) -> None:
    value = [list(range(100))] * 50

    def attempt(number: int) -> None:
        context = open_run(str(tmp_path), "r", {})
        run_card(card(cards.same, x=[number, value]), (), context)

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    context = open_run(str(tmp_path), "r", {})
    winner, data = read(context)
    assert winner in range(8)
    assert data == value
    folder = tmp_path / "runs/r/nodes/node"
    assert len(list(folder.glob("attempt-*"))) == 8
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(("until", "retries"), [(1, 0), (3, 2), (2, 5)])
def test_tries_until_it_works(until: int, retries: int, run: RunContext) -> None:
    cards.tries.clear()
    record = run_card(card(cards.flaky, policy=Policy(retries=retries), until=until), (), run)
    assert record.extra["try"] == until == len(cards.tries)
    assert read(run) == until


def test_the_last_try_is_told(run: RunContext) -> None:
    cards.tries.clear()
    with pytest.raises(ValueError, match="try 3") as caught:
        run_card(card(cards.flaky, policy=Policy(retries=2), until=9), (), run)
    assert caught.value.__notes__ == ["in node node"]
    assert caught.value.__context__ is None


def test_misuse_is_not_tried_again(run: RunContext) -> None:
    cards.tries.clear()
    with pytest.raises(UsageError):
        run_card(card(cards.misused, policy=Policy(retries=5)), (), run)
    assert cards.tries == [0]


def test_waits_grow_by_the_factor(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Airflow's own logging, when a test of it ran before in this process, disables all others.
    monkeypatch.setattr(logging.getLogger("dagger_providers"), "disabled", False)
    waited: list[float] = []

    def fail(number: int) -> None:
        raise ValueError(f"{number}")

    policy = Policy(retries=3, retry_delay=2.0, retry_backoff=3.0)
    with pytest.raises(ValueError, match="4"):
        tried(fail, policy, "fit[1]", waited.append)
    assert waited == [2.0, 6.0, 18.0]
    assert caplog.messages[0] == "fit[1]: try 1 of 4 failed: ValueError: 1; the next in 2 s"


def test_ctrl_c_is_no_failed_try() -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(interrupt, Policy(retries=3), "x", lambda _: pytest.fail("waited"))


def test_locations_stand_in_for_the_store(run: RunContext, tmp_path: Path) -> None:
    source, target = tmp_path / "in.json", tmp_path / "new" / "out.json"
    source.write_text("[1, 2]")
    far = NodeOutput("far", "out", (), JSON)
    places = Locations({"x": str(source)}, {"out": str(target)})
    record = run_card(card(cards.same, x=far), (), run, places)
    assert target.read_text() == "[1,2]"
    assert not record.outputs
    assert not (tmp_path / "runs").exists()
    source.write_text("3")
    run_card(card(cards.same, x=far), (), run, places)
    assert target.read_text() == "3"


def test_a_folder_of_partitions(run: RunContext, tmp_path: Path) -> None:
    for name in (str(n) for n in range(12)):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    far = NodeOutput("far", "out", (), JSON, partitioned=True)
    places = Locations({"x": str(tmp_path / "in")}, {"out": str(tmp_path / "out")})
    outputs = {"out": OutputCard((), JSON, partitioned=True)}
    run_card(card(cards.same, outputs, x=far), (), run, places)
    assert json.loads((tmp_path / "out/partitions.json").read_text()) == [str(n) for n in range(12)]
    assert (tmp_path / "out/11").read_text() == "11"
    (tmp_path / "in" / "partitions.json").write_text('["11", "0"]')
    run_card(card(cards.same, x=far), (), run, Locations({"x": str(tmp_path / "in")}))
    assert read(run) == [11, 0]


@pytest.mark.parametrize(
    ("function", "expected"), [(cards.summed, 6), (cards.first_and_rest, [0, 1, 2, 3])]
)
def test_lazy_readers_of_a_folder(
    function: Any, expected: Any, run: RunContext, tmp_path: Path
) -> None:
    write_location(str(tmp_path / "in"), range(4), _json(), depth=1)
    far = NodeOutput("far", "out", (), JSON, partitioned=True)
    run_card(card(function, xs=far), (), run, Locations({"xs": str(tmp_path / "in")}))
    assert read(run) == expected


def _json() -> Any:
    from dagger_providers.serializers import load

    return load("json")


def test_an_expected_digest(run: RunContext, tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text("1")
    digest = "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    places = Locations({"x": str(source)}, expect={"x": digest})
    run_card(card(cards.same, x=Value(0)), (), run, places)
    assert read(run) == 1
    source.write_text("2")
    with pytest.raises(Exception, match="was changed since it was written"):
        run_card(card(cards.same, x=Value(0)), (), run, places)


@pytest.mark.parametrize(("text", "index"), [("", ()), ("3", (3,)), ("0.12", (0, 12))])
def test_indices_as_text(text: str, index: tuple[int, ...]) -> None:
    assert index_from(text) == index
    assert index_text(index) == text


@pytest.mark.parametrize("text", ["x", "1.", "-1", "1,2", " 1", "²"])
def test_no_index(text: str) -> None:
    with pytest.raises(UsageError, match="is no index"):
        index_from(text)


def test_an_index_beyond_the_loop(run: RunContext) -> None:
    looped = Card(
        "node", f"{cards.__name__}:same", within=("loop",),
        axes={"loop": Axis(Parameter("n", JSON))}, inputs={"x": Item("loop")},
        outputs={"out": OutputCard((), JSON)},
    )  # fmt: skip
    run_card(looped, (1,), run)
    assert read_commit(run.store, "nodes/node/1").index == (1,)
    with pytest.raises(UsageError, match="loop 'loop' has 2 items, there is none at index 2"):
        run_card(looped, (2,), run)


def test_commits_are_remembered_but_never_stale_here(run: RunContext, tmp_path: Path) -> None:
    run_card(card(cards.same, x=1), (), run)
    assert read(run) == 1
    run_card(card(cards.same, x=2), (), run)
    assert read(run) == 2
    other = RunContext(open_store(tmp_path / "runs/r"))
    run_card(card(cards.same, x=3), (), other)
    assert read(other) == 3
