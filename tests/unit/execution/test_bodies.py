"""Bodies: several cards in one process, once or turn by turn, going on where a try was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dagger_providers.card import Last, Parameter, Value, dumps, loads
from dagger_providers.errors import NotDoneError
from dagger_providers.execution import Resolver, RunContext, index_text, open_run, run_card
from dagger_providers.execution.bodies import inner_executions
from dagger_providers.execution.failures import place_of, read_failure
from dagger_providers.storage import read_commit
from unit.execution import bodies
from unit.execution.bodies import JSON, calls, fails_at, grouped, output, repeated


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    calls.clear()
    fails_at.clear()


@pytest.fixture
def run(tmp_path: Path) -> RunContext:
    return open_run(str(tmp_path), "r", {"n": "0", "xs": "[1, 2]"})


def again(run: RunContext, **parameters: str) -> RunContext:
    """Return the same run as a process sees it that remembers nothing."""
    return RunContext(run.store, {**run.parameters, **parameters})


def state(run: RunContext, place: str = "nodes/r") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(run.store.uri, place, "turns.json").read_text())
    return found


# Groups


def test_a_body_runs_each_stage_once_for_each_index(run: RunContext) -> None:
    told: list[tuple[str, str]] = []
    record = run_card(
        grouped(), (), run.telling(lambda address, index, *_: told.append((address, index)))
    )
    assert calls == [1, 10, 10, 20]
    assert told == [("first", ""), ("each", "0"), ("each", "1"), ("s.a", "")]
    assert record.outputs == {}
    assert run.commit_at("nodes/each/1").outputs["out"].kind == "value"


def test_a_body_survives_the_json_of_its_card(run: RunContext) -> None:
    run_card(loads(dumps(grouped())), (), run)
    assert calls == [1, 10, 10, 20]


def test_a_body_tells_what_it_has_executed(run: RunContext) -> None:
    run_card(grouped(), (), run)
    found = [
        (address, index_text(index)) for address, index in inner_executions(grouped(), (), run)
    ]
    assert found == [("first", ""), ("each", "0"), ("each", "1"), ("s.a", "")]


def test_a_loop_over_nothing_runs_nothing(run: RunContext) -> None:
    run_card(grouped(), (), again(run, xs="[]"))
    assert calls == [1, 20]


# Turns


def test_turns_hand_on_their_state_until_one_is_done(run: RunContext) -> None:
    record = run_card(repeated(), (), run)
    assert calls == [0, 1, 2, 3, 4]
    assert record.extra["turns"] == 5
    resolver = Resolver(run, repeated().axes)
    last = Last("r.turns", output("r.turn", "r.turns"))
    assert resolver.value(last, {}) == {"x": 5, "done": True}
    assert resolver.identity(last, {}) == run.commit_at("nodes/r.turn/4").outputs["out"].sha256


def test_each_item_of_a_loop_has_turns_of_its_own(run: RunContext) -> None:
    card = repeated(first=bodies.Value(3), within=("xs",))
    record = run_card(card, (1,), run)
    assert record.extra["turns"] == 2
    assert read_commit(run.store, "nodes/r.turn/1.1").index == (1, 1)
    assert [index for _, index in inner_executions(card, (1,), run)] == [(1, 0), (1, 1)]


def test_a_bound_that_is_reached_fails(run: RunContext) -> None:
    with pytest.raises(NotDoneError) as refusal:
        run_card(repeated(limit=2), (), run)
    assert str(refusal.value) == (
        "r was not done after 2 turns; raise max_iterations, or take what there is with "
        "exhausted='return'"
    )
    assert place_of(refusal.value) == ("r", "")


def test_a_bound_that_is_reached_may_be_the_end(run: RunContext) -> None:
    assert run_card(repeated(limit=2, returns=True), (), run).extra["turns"] == 2


def test_what_ends_it_must_be_a_bool(run: RunContext) -> None:
    with pytest.raises(NotDoneError, match="what ends a repetition must be a bool, got 'yes'"):
        run_card(repeated(bodies.unclear), (), run)


def test_a_turn_that_fails_is_told_as_itself(run: RunContext) -> None:
    fails_at.append(2)
    with pytest.raises(ValueError, match="at 2") as raised:
        run_card(repeated(), (), run)
    assert place_of(raised.value) == ("r.turn", "2")
    assert raised.value.__notes__ == ["in node r.turn[2]", "in node r"]
    for place in ("nodes/r.turn/2", "nodes/r"):
        told = read_failure(run.store, place)
        assert told is not None
        assert place_of(told) == ("r.turn", "2")


def test_an_exception_that_is_raised_twice_tells_of_the_second_time(run: RunContext) -> None:
    error = ValueError("one object")
    places = []
    for name in ("first", "second"):
        with pytest.raises(ValueError, match="one object") as raised:
            run_card(_raising(error, name), (), run)
        places.append(place_of(raised.value))
    assert places == [("first", ""), ("second", "")]


def _raising(error: Exception, address: str) -> Any:
    from dagger_providers.card import Card
    from dagger_providers.card.functions import reference_of

    def raises() -> None:
        raise error

    return Card(address, reference_of(raises))


# Going on after a try that was killed


def fail_at(turn: int, run: RunContext, **more: Any) -> None:
    fails_at.append(turn)
    with pytest.raises(ValueError, match=f"at {turn}"):
        run_card(repeated(**more), (), run)
    fails_at.clear()
    calls.clear()


def test_another_attempt_goes_on_at_the_turn_that_was_not_done(run: RunContext) -> None:
    fail_at(3, run)
    assert state(run)["turns"] == 3
    assert state(run)["format"] == "dagger-providers.turns/1"
    assert run_card(repeated(), (), again(run)).extra["turns"] == 5
    assert calls == [3, 4]


def test_another_attempt_begins_anew_when_its_inputs_changed(run: RunContext) -> None:
    fail_at(3, run)
    run_card(repeated(), (), again(run, n="2"))
    assert calls == [2, 3, 4]
    assert set(state(run)["inputs"]) == {"x"}


def test_another_attempt_begins_anew_when_the_one_before_had_finished(run: RunContext) -> None:
    run_card(repeated(), (), run)
    assert state(run)["turns"] == 0
    calls.clear()
    run_card(repeated(), (), again(run))
    assert calls == [0, 1, 2, 3, 4]


def test_turns_that_count_are_not_made_again_when_the_bound_was_reached(run: RunContext) -> None:
    with pytest.raises(NotDoneError):
        run_card(repeated(limit=3), (), run)
    calls.clear()
    assert run_card(repeated(limit=9), (), again(run)).extra["turns"] == 5
    assert calls == [3, 4]


def test_a_bound_that_was_reached_is_reached_again(run: RunContext) -> None:
    for _ in range(2):
        with pytest.raises(NotDoneError, match="was not done after 3 turns"):
            run_card(repeated(limit=3), (), again(run))
    assert calls == [0, 1, 2]


def test_items_go_on_on_their_own(run: RunContext) -> None:
    given: dict[str, Any] = {"within": ("xs",), "first": Value(0)}
    fails_at.append(2)
    for item in (0, 1):
        with pytest.raises(ValueError, match="at 2"):
            run_card(repeated(**given), (item,), run)
    fails_at.clear()
    calls.clear()
    run_card(repeated(**given), (1,), again(run))
    assert calls == [2, 3, 4]
    assert state(run, "nodes/r/0")["turns"] == 2
    assert state(run, "nodes/r/1")["turns"] == 0


def test_a_parameter_is_told_by_its_value(run: RunContext) -> None:
    card = repeated(first=Parameter("xs", JSON, (("key", 0),)))
    run_card(card, (), run)
    first = state(run)["inputs"]
    run_card(card, (), again(run, xs="[1, 9]"))
    assert state(run)["inputs"] == first
