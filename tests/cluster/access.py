"""The cluster as tests and the pipelines' tasks reach it."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

STORE_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
)
SECRET = "store"
DATA = Path(__file__).parents[1] / "conformance" / "data"
"""What conformance programs read by its path here."""


@dataclass(frozen=True)
class Cluster:
    """One namespace, its secret with the store's credentials, and a bucket of the same name.

    Attributes:
        namespace: The namespace, and the bucket.
        image: The image with Python, this package and the pipelines of the tests.
        shared: A folder that has the same path here and in every pod.
    """

    namespace: str
    image: str
    shared: Path

    @property
    def store(self) -> str:
        return f"s3://{self.namespace}/store"

    @cached_property
    def api(self) -> Any:
        from kubernetes import client, config

        return client.CoreV1Api(config.new_client_from_config(os.environ["KUBECONFIG"]))

    def make_namespace(self) -> None:
        """Make namespace, secret and bucket, and wait until pods may be made there."""
        import s3fs

        self.api.create_namespace({"metadata": {"name": self.namespace}})
        secret = {
            "metadata": {"name": SECRET},
            "stringData": {name: os.environ[name] for name in STORE_VARIABLES},
        }
        self.api.create_namespaced_secret(self.namespace, secret)
        s3fs.S3FileSystem().mkdir(self.namespace)
        wait_until(lambda: self.api.list_namespaced_service_account(self.namespace).items)

    def remove_namespace(self) -> None:
        self.api.delete_namespace(self.namespace)

    def pods(self, run_id: str) -> list[Any]:
        """The pods of a run of Airflow's that are there, whatever has become of them."""
        # The operator's label: what a label may hold of it, and a digest.
        begins = re.sub(r"[^\w.-]", "", run_id)
        found = self.api.list_namespaced_pod(self.namespace).items
        return [pod for pod in found if pod.metadata.labels["run_id"].startswith(begins)]

    def pod_arguments(self, *, credentials: bool = True, **more: Any) -> dict[str, Any]:
        """What a DAG's tasks must know to run as pods here: its ``default_args``.

        Args:
            credentials: Whether pods get those of the store from the secret.
            **more: Other arguments of the operator.
        """
        folders = {"shared": self.shared, "data": DATA}
        container = {
            "name": "base",
            "envFrom": [{"secretRef": {"name": SECRET}}] if credentials else [],
            "volumeMounts": [
                {"name": name, "mountPath": str(path)} for name, path in folders.items()
            ],
        }
        volumes = [
            {"name": name, "hostPath": {"path": str(path)}} for name, path in folders.items()
        ]
        return {
            "config_file": os.environ["KUBECONFIG"],
            "in_cluster": False,
            "kubernetes_conn_id": None,
            "namespace": self.namespace,
            "pod_template_dict": {
                "apiVersion": "v1",
                "kind": "Pod",
                "spec": {"containers": [container], "volumes": volumes},
            },
            **more,
        }

    def options(self, **more: Any) -> dict[str, Any]:
        """What `to_airflow` takes for pipelines whose tasks are pods here."""
        return {
            "launcher": "kubernetes",
            "image": self.image,
            "default_args": self.pod_arguments(**more),
        }

    @contextmanager
    def taken(self, *, alone: bool = False) -> Iterator[None]:
        """Use the cluster beside other processes of this session, or wait until they do not."""
        with (self.shared.parent / "taken").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def restart_api(self) -> None:
        """End the API server by force and start it again."""
        tool = shlex.split(os.environ["DAGGER_CLUSTER_TOOL"])
        subprocess.run([*tool, "restart-api"], check=True, stdout=subprocess.DEVNULL)


def wait_until(true: Callable[[], object], seconds: float = 60, *, pause: float = 0.5) -> None:
    """Wait until something is true, with so many seconds between two looks."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(pause)
