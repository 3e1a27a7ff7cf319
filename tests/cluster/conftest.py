"""A namespace of this session's own on the cluster that `make cluster` has started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from cluster.access import Cluster
from cluster.faults import Watched, watch

GIVEN = ("KUBECONFIG", "AWS_ENDPOINT_URL", "DAGGER_CLUSTER_IMAGE", "DAGGER_CLUSTER_SHARED")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run these only where ``-m`` names their mark. Airflow warns of its own dependencies."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    if "cluster" not in config.option.markexpr:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]
    for item in ours:
        item.add_marker(pytest.mark.cluster)
        item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    missing = [name for name in GIVEN if name not in os.environ]
    if missing:
        pytest.skip(f"there is no cluster, run make cluster: it sets {', '.join(missing)}")
    name = f"pipelines-{uuid4().hex[:8]}"
    folder = Path(os.environ["DAGGER_CLUSTER_SHARED"], name)
    folder.mkdir(mode=0o777)
    cluster = Cluster(name, os.environ["DAGGER_CLUSTER_IMAGE"], folder)
    with cluster.taken():
        cluster.make_namespace()
    yield cluster
    with cluster.taken():
        cluster.remove_namespace()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _taken(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[None]:
    """Run beside other tests, those that have the fixture `alone` beside none."""
    if "alone" in request.fixturenames:
        yield
        return
    with cluster.taken():
        yield


@pytest.fixture
def alone(cluster: Cluster) -> Iterator[None]:
    """Have the cluster for oneself, to break what all of it needs."""
    with cluster.taken(alone=True):
        yield


@pytest.fixture
def watched(cluster: Cluster) -> Watched:
    return watch(cluster)
