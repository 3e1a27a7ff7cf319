"""Conformance programs in pods, their values in S3, give what their plain calls give."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

import pytest

from cluster.access import Cluster
from cluster.pods import run_on_pods
from conformance.catalog import Run, differences, programs, runs
from dagger_providers.testing import Cell, parity
from dagger_providers.testing.engines import ENGINES

SOME = (
    "big_parameters", "cached", "frames-1", "group_chain-2", "hello", "hooks-1", "huge_parameter",
    "left_out-1", "map_output-2", "map_steps-2", "models", "nested_lists-2", "options",
    "repeat_task-2", "retries", "streams", "switch_in_a_loop-2", "text_and_bytes", "zip_results-2",
)  # fmt: skip
"""What only pods, a cluster and S3 can break: how cards and parameters get in, what reads and
writes, which tasks there are and in what order. All shapes, compared elsewhere, are 1,000 pods.
"""
ALL = {run.name: run for one in programs() for run in runs(one)}
ALL_ARE_ASKED = os.environ.get("PROGRAMS") == "all"
CHOSEN = ALL.values() if ALL_ARE_ASKED else [ALL[name] for name in SOME]
# Other tests run beside some of them.
AT_ONCE = 6 if ALL_ARE_ASKED else 3


@pytest.fixture(scope="module")
def cells(request: pytest.FixtureRequest, cluster: Cluster) -> Mapping[str, Cell]:
    """What became of all runs that the collected tests ask for."""
    wanted = {
        item.callspec.params["run"].name: item.callspec.params["run"]
        for item in request.session.items
        if item.path == request.path and isinstance(item, pytest.Function)
    }
    cases = [run.case(cluster.shared) for run in wanted.values()]
    here = partial(run_on_pods, cluster=cluster, at_once=AT_ONCE)
    engines = {"local": ENGINES["local"], "airflow": here}
    store = str(cluster.shared / "stores")
    with cluster.taken():
        found = parity(cases, on=["airflow"], store=store, engines=engines)
    return {cell.pipeline: cell for cell in found}


@pytest.mark.parametrize("run", [pytest.param(run, id=run.name) for run in CHOSEN])
def test_pods_give_what_the_plain_call_gives(run: Run, cells: Mapping[str, Cell]) -> None:
    """Also what was executed is compared with the plan, by commit records and task instances."""
    cell = cells[run.name]

    assert (cell.status, cell.reason) == ("equal", "")
    assert "pods of Kubernetes" in cell.engine
    assert cell.folder.startswith("s3://")
    assert differences(run, cell) == []
