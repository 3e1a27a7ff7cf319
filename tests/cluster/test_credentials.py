"""Credentials of a connection reach pods, and nobody else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cluster.access import Cluster, wait_until
from cluster.faults import Watched, meanwhile
from dagger_providers.airflow.testing import execute
from dagger_providers.card.functions import load_file

FLOWS = load_file("cluster_flows.py", str(Path(__file__).parent / "flows"))


@pytest.fixture
def conn_id(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    connection = {
        "conn_type": "dagger_store",
        "host": f"{cluster.store}-of-a-connection",
        "login": os.environ["AWS_ACCESS_KEY_ID"],
        "password": os.environ["AWS_SECRET_ACCESS_KEY"],
        "extra": {
            "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
            "client_kwargs": {"region_name": os.environ["AWS_DEFAULT_REGION"]},
        },
    }
    monkeypatch.setenv("AIRFLOW_CONN_OUR_STORE", json.dumps(connection))
    return "our_store"


@pytest.mark.parametrize("deferrable", [False, True], ids=["waiting", "deferred"])
def test_a_secret_of_the_pod_has_the_credentials_and_goes_with_it(
    cluster: Cluster, watched: Watched, conn_id: str, deferrable: bool
) -> None:
    seen: dict[str, Any] = {}

    def look() -> None:
        name = watched.wait_for_pod()
        seen["pod"] = cluster.api.read_namespaced_pod(name, cluster.namespace)
        seen["secret"] = cluster.api.read_namespaced_secret(f"{name}-store", cluster.namespace)
        watched.go()

    options = cluster.options(credentials=False, deferrable=deferrable)
    with meanwhile(look):
        done = execute(
            FLOWS.patient, {"folder": str(watched.folder)}, None, store_conn_id=conn_id, **options
        )

    assert (done.reason, done.state) == ("", "success")
    assert done.folder.startswith(f"{cluster.store}-of-a-connection/")
    pod, secret = seen["pod"], seen["secret"]
    assert [source.secret_ref.name for source in pod.spec.containers[0].env_from] == [
        secret.metadata.name
    ]
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in str(pod)
    assert [owner.uid for owner in secret.metadata.owner_references] == [pod.metadata.uid]

    def left() -> list[str]:
        found = cluster.api.list_namespaced_secret(cluster.namespace).items
        return [one.metadata.name for one in found if one.metadata.name.endswith("-store")]

    wait_until(lambda: not left())
