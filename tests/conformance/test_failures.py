"""The user's exception arrives: the object in one process, type and text across several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.failing.raises_in_an_item import MESSAGE, decode, raises_in_an_item
from conformance.failing.raises_its_own import Rejected, raises_its_own
from dagger_providers import RunFailed
from dagger_providers.errors import TaskFailed

ONE_PROCESS: list[Any] = [
    pytest.param({}, id="one job"),
    pytest.param({"jobs": 2, "workers": "threads"}, id="threads"),
]
PROCESSES: list[Any] = [
    pytest.param({"jobs": 2}, id="worker processes"),
    pytest.param({"workers": "command"}, id="node command"),
]


def failure(call: Callable[[], Any]) -> RunFailed:
    with pytest.raises(RunFailed) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("options", [*ONE_PROCESS, *PROCESSES])
def test_says_which_item_of_which_node(options: dict[str, Any], tmp_path: Path) -> None:
    error = failure(lambda: raises_in_an_item.run(store=tmp_path, **options))

    assert (error.node, error.index) == ("decode", (1,))
    assert error.run.status == "failed"
    assert str(error) == f"decode[1] failed: UnicodeDecodeError: {MESSAGE}"
    assert dict(error.run.outputs) == {}


@pytest.mark.parametrize("options", ONE_PROCESS)
def test_the_object_itself_arrives_in_one_process(options: dict[str, Any], tmp_path: Path) -> None:
    raised = failure(lambda: raises_its_own.run(rows=[3, 0], store=tmp_path, **options)).__cause__

    assert type(raised) is Rejected
    assert raised.row == 1
    assert type(raised.__cause__) is ZeroDivisionError


@pytest.mark.parametrize("options", [*ONE_PROCESS, PROCESSES[0]])
def test_an_exception_of_five_arguments_is_whole(options: dict[str, Any], tmp_path: Path) -> None:
    raised = failure(lambda: raises_in_an_item.run(store=tmp_path, **options)).__cause__

    with pytest.raises(UnicodeDecodeError) as plain:
        decode("ff")
    assert type(raised) is UnicodeDecodeError
    assert raised.args == plain.value.args == ("utf-8", b"\xff", 0, 1, "invalid start byte")


@pytest.mark.parametrize("options", PROCESSES)
def test_what_cannot_be_rebuilt_is_told_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    told = failure(lambda: raises_its_own.run(rows=[3, 0], store=tmp_path, **options)).__cause__

    with pytest.raises(Rejected) as plain:
        raises_its_own(rows=[3, 0])
    assert type(told) is TaskFailed
    assert told.type_name == f"{Rejected.__module__}.Rejected"
    assert told.message == str(plain.value)
    assert "ZeroDivisionError: integer division or modulo by zero" in told.traceback_text


@pytest.mark.parametrize("options", [*ONE_PROCESS, *PROCESSES])
def test_a_failed_run_can_be_had_without_an_exception(
    options: dict[str, Any], tmp_path: Path
) -> None:
    run = raises_in_an_item.run(store=tmp_path, check=False, **options)

    assert run.status == "failed"
    assert (run.failure["node"], run.failure["type"]) == ("decode[1]", "UnicodeDecodeError")
    assert run.nodes["join"].status == "unfinished"
