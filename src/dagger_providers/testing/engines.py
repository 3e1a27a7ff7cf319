"""How parity runs pipelines on each runtime; each takes all jobs at once and answers in order."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from dagger_providers.argo.compiler import workflow
from dagger_providers.argo.parameters import from_json
from dagger_providers.errors import DaggerProvidersError, one_line
from dagger_providers.model import DAG
from dagger_providers.runtimes.local import run_dag
from dagger_providers.runtimes.local.workers import environment
from dagger_providers.testing.argo_local import ENGINE, run_workflow
from dagger_providers.testing.cells import Answer
from dagger_providers.testing.executions import name_of
from dagger_providers.tracking import Event


@dataclass(frozen=True, slots=True)
class Job:
    """One pipeline to run on one runtime.

    Attributes:
        ref: The REF as given.
        dag: The pipeline.
        texts: The JSON text of each parameter.
        values: The parameters as given.
        store: A folder that is the runtime's own.
        any_callable: Whether the REF, a document, may name functions that are not decorated.
    """

    ref: str
    dag: DAG
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    store: str
    any_callable: bool = False


def _local(jobs_: Sequence[Job], engine: str, **options: Any) -> list[Answer]:
    return [_local_one(job, engine, options) for job in jobs_]


def _local_one(job: Job, engine: str, options: Mapping[str, Any]) -> Answer:
    tasks: list[str] = []

    def listen(event: Event) -> None:
        if event.kind == "done":
            tasks.append(name_of(event.address, event.index))

    started = time.perf_counter()
    try:
        run = run_dag(
            job.dag, job.values, store=job.store, run_id="parity", check=False, listen=listen,
            **options,
        )  # fmt: skip
    except DaggerProvidersError as error:
        return Answer("refused", one_line(error))
    seconds = time.perf_counter() - started
    return Answer(run.status, run.reason, run.folder, engine, seconds, tuple(tasks))


def _argo(jobs: Sequence[Job]) -> list[Answer]:
    return [_argo_one(job) for job in jobs]


def _argo_one(job: Job) -> Answer:
    started = time.perf_counter()
    try:
        text = workflow(job.dag, store=job.store, image="local", code_root=job.dag.code_root)
        run = run_workflow(text, from_json(job.dag, _encoded(job)))
    except DaggerProvidersError as error:
        return Answer("refused", one_line(error))
    return Answer(
        "succeeded" if run.ok else "failed",
        run.reason,
        f"{job.store}/runs/{run.uid}",
        ENGINE,
        time.perf_counter() - started,
        tuple(pod.name for pod in run.pods if not pod.problem),
    )


def _encoded(job: Job) -> dict[str, Any]:
    """Return the parameters as JSON data of their types."""
    return {name: json.loads(text) for name, text in job.texts.items()}


def _as_given(job: Job) -> dict[str, Any]:
    """Return the same for those that are given, but numbers as they are given: ``3`` for a float.

    That is what a run of Airflow is triggered with.
    """
    encoded = _encoded(job)
    return {n: one if one == encoded[n] else encoded[n] for n, one in job.values.items()}


def _by_subprocess(
    jobs: Sequence[Job],
    module: str,
    parameters: Callable[[Job], dict[str, Any]] = _encoded,
    **more: str,
) -> list[Answer]:
    """Run all jobs in one process of their own: an engine's start costs seconds."""
    request = [
        {
            "ref": job.ref,
            "parameters": parameters(job),
            "store": job.store,
            "run_id": "parity",
            "any_callable": job.any_callable,
            **more,
        }
        for job in jobs
    ]
    ended = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", module],
        input=json.dumps(request),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [_answer(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    if len(answers) < len(jobs):
        lines = ended.stderr.strip().splitlines()[-3:]
        lost = Answer("failed", one_line(" | ".join(lines) or f"exit {ended.returncode}"))
        answers += [lost] * (len(jobs) - len(answers))
    return answers


def _answer(line: str) -> Answer:
    document = json.loads(line)
    return Answer(
        status=document["status"],
        reason=document.get("reason") or "",
        folder=document.get("folder") or "",
        engine=document.get("engine") or "",
        seconds=document.get("seconds") or 0.0,
        tasks=tuple(document["tasks"]) if "tasks" in document else None,
    )


Engine: TypeAlias = Callable[[Sequence[Job]], list[Answer]]
"""Runs each job in the job's own store, and answers in order."""

ENGINES: Mapping[str, Engine] = {
    "local": partial(_local, engine="local runtime, one process"),
    "parallel": partial(_local, engine="local runtime, 2 worker processes", jobs=2),
    "process": partial(
        _local, engine="node command, a fresh process for each node", workers="command", jobs=2
    ),
    "airflow": partial(
        _by_subprocess, module="dagger_providers.airflow.testing", parameters=_as_given
    ),
    "kfp": partial(_by_subprocess, module="dagger_providers.testing.kfp_local"),
    "argo": _argo,
}
"""``local``, ``parallel``: the local runtime with one and with two jobs. ``process``: each node by
the node command in a fresh process. ``airflow``: `dag.test()`. ``kfp``: the KFP SDK's own local
engine. ``argo``: our interpreter of Argo's rules. A new runtime is one more line here."""


def kfp_in_docker(image: str, user: str = "") -> Engine:
    """Return the engine ``kfp`` with real containers, which share the store's folder.

    Args:
        image: Their image, which the Docker engine has; see `dagger_providers.images`.
        user: Who runs them, by number; by default who runs this process.
    """
    module = "dagger_providers.testing.kfp_local"
    return partial(_by_subprocess, module=module, image=image, user=user)


RUNTIMES = ("plain", *ENGINES)
"""What can be compared; ``plain`` is the undecorated call, the oracle."""

SEPARATE = frozenset({"airflow", "argo", "kfp"})
"""Runtimes that work in processes of their own, beside which others can run."""
