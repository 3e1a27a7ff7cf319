"""Programs of the conformance suite on KFP's DockerRunner, in an image that the command built."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from conformance.catalog import Run, differences, failing, programs, runs
from dagger_providers.testing import Cell, parity
from dagger_providers.testing.cells import Answer
from dagger_providers.testing.engines import ENGINES, Job, kfp_in_docker

pytestmark = [pytest.mark.docker, pytest.mark.kfp]

NAMES = (
    *("attributes", "chain", "csv", "frames", "generators", "group_chain", "hello", "hooks"),
    *("map_output", "models", "nested_maps", "pickled", "repeat_task", "switch_values"),
    *("text_and_bytes", "zip_results"),
)
FIRST = [runs(program)[0] for program in programs()]
WORKING = [run for run in FIRST if run.module.__name__.rpartition(".")[2] in NAMES]
FAILING = [run for run in failing() if run.name == "raises_in_an_item"]

NOBODY = "65532:65532"
"""The image's own user, to whom nothing of this machine belongs."""


@pytest.fixture(scope="module")
def cells(
    build_image: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Cell]:
    """All runs by name, in one image that holds all programs."""
    chosen = [*WORKING, *FAILING]
    refs = [f"{run.module.__name__}:PIPELINE" for run in chosen]
    image = build_image(*refs, cwd=Path(__file__).parents[1])
    in_docker = kfp_in_docker(image, NOBODY)

    def engine(jobs: Sequence[Job]) -> list[Answer]:
        for job in jobs:
            Path(job.store).mkdir(parents=True, exist_ok=True)
            Path(job.store).chmod(0o777)
        return in_docker(jobs)

    folder = tmp_path_factory.mktemp("containers")
    cases = [run.case(folder) for run in chosen]
    found = parity(
        cases, on=["kfp"], store=str(folder / "stores"), engines={**ENGINES, "kfp": engine}
    )
    return {cell.pipeline: cell for cell in found}


@pytest.mark.parametrize("run", WORKING, ids=lambda run: run.name)
def test_a_container_gives_what_the_plain_call_gives(run: Run, cells: Mapping[str, Cell]) -> None:
    cell = cells[run.name]

    assert (cell.status, cell.reason) == ("equal", "")
    assert re.fullmatch(r"KFP SDK 2\.\d+\.\d+, local engine; Docker engine .+", cell.engine)
    assert differences(run, cell) == []


@pytest.mark.parametrize("run", FAILING, ids=lambda run: run.name)
def test_a_container_that_fails_says_why(run: Run, cells: Mapping[str, Cell]) -> None:
    cell = cells[run.name]

    assert (cell.status, cell.outputs) == ("failed", {})
    assert run.module.MESSAGE in cell.reason


def test_what_containers_wrote_is_the_image_s_own_user_s(cells: Mapping[str, Cell]) -> None:
    written = next(Path(cells[WORKING[0].name].folder).rglob("attempt-*/*"))

    assert written.stat().st_uid == 65532
