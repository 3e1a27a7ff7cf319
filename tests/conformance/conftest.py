"""One comparison for all tests: every program on every runtime, each engine started once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.catalog import failing, programs, runs
from dagger_providers.testing import Cell, parity

RUNS = {run.name: run for program in programs() for run in runs(program)}
FAILING = {run.name: run for run in failing()}


@pytest.fixture(scope="session")
def matrix(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[tuple[str, str], Cell]:
    """The cells that the collected tests ask for, by run and runtime."""
    wanted: set[str] = set()
    on: set[str] = set()
    for item in request.session.items:
        chosen = getattr(getattr(item, "callspec", None), "params", {})
        if "run" in chosen and "runtime" in chosen:
            wanted.add(chosen["run"].name)
            on.add(chosen["runtime"])
    return compare(wanted, on, tmp_path_factory.mktemp("conformance"))


def compare(wanted: set[str], on: set[str], folder: Path) -> dict[tuple[str, str], Cell]:
    chosen = [run for name, run in {**RUNS, **FAILING}.items() if name in wanted]
    cases = [run.case(folder) for run in chosen]
    cells = parity(cases, on=sorted(on), store=str(folder / "stores"))
    return {(cell.pipeline, cell.runtime): cell for cell in cells}
