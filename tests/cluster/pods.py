"""A runtime for the comparison: `dag.test()` with pods on the cluster, several DAGs at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cluster.access import Cluster
from dagger_providers.testing.cells import Answer
from dagger_providers.testing.engines import Job


def run_on_pods(jobs: Sequence[Job], cluster: Cluster, at_once: int) -> list[Answer]:
    """Run each job on the cluster, its values in a store of its own in S3, and answer in order.

    Args:
        jobs: The jobs.
        cluster: The cluster.
        at_once: How many DAGs run at the same time; a pod is mostly waited for.
    """
    requests = [
        {
            "ref": job.ref,
            "parameters": {name: json.loads(text) for name, text in job.texts.items()},
            "store": f"{cluster.store}-{number}",
            "any_callable": job.any_callable,
            # Programs of one name run at the same time.
            "options": {**cluster.options(), "dag_id": f"{job.dag.name}__{number}"},
        }
        for number, job in enumerate(jobs)
    ]
    parts = [requests[start::at_once] for start in range(min(at_once, len(jobs)))]
    answers: list[Any] = [None] * len(jobs)
    with ThreadPoolExecutor(at_once) as pool:
        for start, own in enumerate(pool.map(_in_one_process, parts)):
            answers[start::at_once] = own
    return answers


def _in_one_process(requests: Sequence[dict[str, Any]]) -> list[Answer]:
    ended = subprocess.run(
        [sys.executable, "-m", "dagger_providers.airflow.testing"],
        input=json.dumps(requests),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == len(requests), ended.stderr[-3000:]
    return [_answer(json.loads(line)) for line in lines]


def _answer(document: dict[str, Any]) -> Answer:
    return Answer(
        status=document["status"],
        reason=document.get("reason") or "",
        folder=document.get("folder") or "",
        engine=f"{document['engine']}, pods of Kubernetes",
        seconds=document.get("seconds") or 0.0,
        tasks=tuple(document["tasks"]) if "tasks" in document else None,
    )
