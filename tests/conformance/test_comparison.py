"""The comparison itself: what is not equal is told, and so is what ran too much or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dagger_providers.errors import UsageError
from dagger_providers.testing import Case, Cell, parity
from dagger_providers.testing.cells import Answer
from dagger_providers.testing.engines import ENGINES, Engine, Job
from dagger_providers.testing.table import render, to_json

REF = "conformance.programs.map_steps:PIPELINE"
RUN = Case(REF, {"xs": [2, 5]}, "steps")


def cell_of(change: Callable[[Answer], Answer], folder: Path) -> Cell:
    """The cell of an engine that does something else than the local runtime."""

    def mine(jobs: Sequence[Job]) -> list[Answer]:
        return [change(answer) for answer in ENGINES["local"](jobs)]

    engines: dict[str, Engine] = {**ENGINES, "mine": mine}
    [cell] = parity([RUN], on=["mine"], store=str(folder), engines=engines)
    return cell


def test_a_runtime_of_your_own_is_compared(tmp_path: Path) -> None:
    cell = cell_of(lambda answer: answer, tmp_path)

    assert (cell.pipeline, cell.runtime, cell.status, cell.reason) == ("steps", "mine", "equal", "")
    assert cell.outputs["return_value"].value == [36, 5]
    assert sorted(cell.executions) == sorted(cell.tasks)
    assert len(cell.executions) == 7


def test_an_engine_that_keeps_no_record_is_judged_by_the_store(tmp_path: Path) -> None:
    assert cell_of(lambda answer: replace(answer, tasks=None), tmp_path).status == "equal"


def test_an_execution_that_the_engine_did_not_record_is_told(tmp_path: Path) -> None:
    cell = cell_of(lambda answer: replace(answer, tasks=(answer.tasks or ())[1:]), tmp_path)

    assert (cell.status, cell.reason) == ("different", "mine lacks clean[0]")


def test_an_execution_too_many_is_told(tmp_path: Path) -> None:
    cell = cell_of(
        lambda answer: replace(answer, tasks=(*(answer.tasks or ()), "fit[1]", "x")), tmp_path
    )

    assert cell.reason == "mine has fit[1], x, which the plan has not"


def test_a_missing_commit_record_is_told(tmp_path: Path) -> None:
    def forget(answer: Answer) -> Answer:
        Path(answer.folder, "nodes/check/1/commit.json").unlink()
        return answer

    cell = cell_of(forget, tmp_path)

    assert (cell.status, cell.reason) == ("different", "the store lacks check[1]")


def test_another_value_is_told(tmp_path: Path) -> None:
    other = tmp_path / "other"
    parity([Case(REF, {"xs": [2, 6]})], on=["local"], store=str(other))
    [folder] = other.glob("*/local/runs/parity")

    cell = cell_of(lambda answer: replace(answer, folder=str(folder)), tmp_path / "own")

    assert (cell.status, cell.reason) == ("different", "return_value: [49, 6] != [36, 5]")


def test_a_success_without_outputs_is_none(tmp_path: Path) -> None:
    def succeed(jobs: Sequence[Job]) -> list[Answer]:
        return [replace(one, status="succeeded") for one in ENGINES["local"](jobs)]

    engines: dict[str, Engine] = {**ENGINES, "mine": succeed}
    cells = parity(
        ["conformance.failing.no_such_part:PIPELINE"],
        on=["plain", "local", "mine"],
        store=str(tmp_path),
        engines=engines,
    )

    assert [cell.status for cell in cells] == ["failed", "failed", "failed"]
    assert "nothing is committed at" in cells[2].reason


def test_texts_are_read_as_on_the_command_line_and_values_are_not(tmp_path: Path) -> None:
    ref = "conformance.programs.exact:PIPELINE"
    given = {"value": "1", "values": "[]"}
    [read] = parity([ref], given, on=["local"], store=str(tmp_path / "a"))
    [kept] = parity(
        [Case(ref, {"value": "1", "values": []})], on=["local"], store=str(tmp_path / "b")
    )

    assert (read.outputs["value"].value, kept.outputs["value"].value) == (1, "1")


def test_an_unknown_runtime_or_parameter_is_refused() -> None:
    with pytest.raises(UsageError, match="no runtime 'spark'; there are: plain, local"):
        parity([REF], on=["spark"])
    with pytest.raises(UsageError, match="no parameter ys; its parameters: xs, shift"):
        parity([REF], {"xs": "[]", "ys": "[]"}, on=["plain"])


def test_the_table_and_the_json_show_the_same(tmp_path: Path) -> None:
    cells = parity([RUN], on=["plain", "local"], store=str(tmp_path))

    table = render(cells)
    assert "return_value" in table
    assert table.count(cells[0].outputs["return_value"].sha256[:12]) == 2
    assert [(one["pipeline"], one["runtime"], one["status"]) for one in to_json(cells)] == [
        ("steps", "plain", "equal"),
        ("steps", "local", "equal"),
    ]
    assert to_json(cells)[0]["outputs"] == to_json(cells)[1]["outputs"]
