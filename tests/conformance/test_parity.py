"""Every program gives on every runtime what its plain call gives, or is refused with a reason."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.catalog import Run, differences, failing, programs, runs
from dagger_providers.card import Card
from dagger_providers.dsl.find import build_ref
from dagger_providers.planning import Plan
from dagger_providers.planning.lowering import plan_for
from dagger_providers.storage import open_store, read_document
from dagger_providers.testing import Cell
from dagger_providers.testing.engines import RUNTIMES
from dagger_providers.testing.executions import committed

ENGINES = {
    "plain": "Python",
    "local": "local runtime, one process",
    "parallel": "local runtime, 2 worker processes",
    "process": "node command, a fresh process for each node",
    "airflow": r"Airflow 3\.\d+\.\d+, dag\.test\(\)",
    "kfp": r"KFP SDK 2\.\d+\.\d+, local engine; .+",
    "argo": r"our interpreter of Argo Workflows 4\.1's rules; containers as processes .+",
}
"""What must have run each cell. A new runtime is proven by one more line here."""

Matrix = Mapping[tuple[str, str], Cell]

MARKS = {"airflow": pytest.mark.airflow, "kfp": pytest.mark.kfp}
EVERYWHERE = [pytest.param(name, marks=MARKS.get(name, ())) for name in ENGINES]
ALL_RUNS = [pytest.param(run, id=run.name) for program in programs() for run in runs(program)]
FAILING = [pytest.param(run, id=run.name) for run in failing()]
ELSEWHERE = EVERYWHERE[1:]


def test_every_runtime_is_proven() -> None:
    assert tuple(ENGINES) == RUNTIMES


@pytest.mark.parametrize("runtime", EVERYWHERE)
@pytest.mark.parametrize("run", ALL_RUNS)
def test_equals_the_plain_call(run: Run, runtime: str, matrix: Matrix) -> None:
    cell = matrix[run.name, runtime]
    if runtime in run.refused:
        assert (cell.status, cell.outputs) == ("refused", {})
        assert run.refused[runtime] in cell.reason
        return
    if runtime == "plain" and run.plain is not None:
        assert cell.status in {"failed", "refused"}
        assert cell.reason == run.plain
        return
    assert (cell.status, cell.reason) == ("equal", "")
    assert re.fullmatch(ENGINES[runtime], cell.engine)
    assert cell.lowering
    assert differences(run, cell) == []


@pytest.mark.parametrize("runtime", ELSEWHERE)
@pytest.mark.parametrize("run", ALL_RUNS)
def test_runs_what_the_plan_asks_for(run: Run, runtime: str, matrix: Matrix) -> None:
    cell = matrix[run.name, runtime]
    if runtime in run.refused:
        return
    lowered = plan_for(build_ref(f"{run.module.__name__}:PIPELINE"), runtime)
    inside = {address for step in lowered.steps.values() for address in step.card.inside}
    found = committed(open_store(cell.folder))
    own = [name for name in found if name.partition("[")[0] not in inside]
    assert sorted(own) == sorted(cell.executions)
    added = sorted(set(cell.tasks) - set(cell.executions))
    assert sorted(cell.tasks) == sorted([*cell.executions, *added])
    assert all(_only_tells(lowered.steps[name.partition("[")[0]].card) for name in added)
    _check_order(lowered, cell)


def _only_tells(card: Card) -> bool:
    """Say whether a step was inserted to tell an engine the items of a loop, or a choice."""
    return not card.executes and bool(card.emits or card.decides)


def _check_order(lowered: Plan, cell: Cell) -> None:
    """A step outside loops commits after all that it needs, read or not."""
    written: dict[str, list[int]] = {}
    for name in cell.executions:
        address, _, index = name.rstrip("]").partition("[")
        commit = Path(cell.folder, "nodes", address, index, "commit.json")
        written.setdefault(address, []).append(commit.stat().st_mtime_ns)
    for step in lowered.steps.values():
        if step.card.executes and not step.card.within:
            [own] = written[step.address]
            assert all(before <= own for need in step.needs for before in written.get(need, []))


@pytest.mark.parametrize("runtime", EVERYWHERE)
@pytest.mark.parametrize("run", FAILING)
def test_fails_and_says_why(run: Run, runtime: str, matrix: Matrix) -> None:
    cell, program = matrix[run.name, runtime], run.module
    line = " ".join(program.MESSAGE.split())
    if runtime == "plain":
        assert cell.status == ("different" if run.plain == "" else "failed")
        assert (line if run.plain is None else run.plain) in cell.reason
        return
    assert (cell.status, cell.outputs) == ("failed", {})
    assert line in cell.reason
    done = {name.partition("[")[0] for name in committed(open_store(cell.folder))}
    assert done.isdisjoint(program.NEVER)
    assert done.issuperset(getattr(program, "COMMITTED", ()))
    if program.NODE:
        failure = _failure(cell, program.NODE)
        assert failure["type"] == program.TYPE
        assert program.MESSAGE in failure["message"]
        assert program.TRACEBACK in failure["traceback"]


def _failure(cell: Cell, execution: str) -> dict[str, str]:
    address, _, index = execution.rstrip("]").partition("[")
    place = "/".join(filter(None, ["nodes", address, index, "failure.json"]))
    return read_document(open_store(cell.folder), place, "dagger-providers.failure", 1)


def test_the_table_in_the_docs_is_this_one(request: pytest.FixtureRequest) -> None:
    chosen = [
        getattr(getattr(item, "callspec", None), "id", "")
        for item in request.session.items
        if getattr(item, "originalname", "") == "test_equals_the_plain_call"
    ]
    if len(chosen) < len(ALL_RUNS) * len(ENGINES):
        pytest.skip("needs every program on every runtime")
    matrix = request.getfixturevalue("matrix")
    root = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("parity_docs", root / "dev" / "parity_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (root / "docs" / "parity.md").read_text(encoding="utf-8")
    assert written == module.page(list(matrix.values())), "make docs rewrites it"
