"""Run many pipelines in one process, for a program that compares runtimes.

Standard input is a JSON list of jobs ``{"ref": REF, "parameters": {...}, "store": URI}``, with
``"any_callable": true`` for documents that may name functions that are not decorated, and
``"options": {...}`` with more arguments of `to_airflow`. For each there is one line of JSON on
standard output, in order, and nothing else there; logs go to standard error. A line has:

- ``status``: ``succeeded``, ``failed``, or ``refused`` (Airflow cannot run the pipeline);
- ``reason``: why not, in one line;
- ``folder``: full path or URI of the run's folder;
- ``engine``, ``seconds``: what ran it, and how long it took;
- ``tasks``: the executions that Airflow recorded as done, such as ``fit[3]``;
- ``instances``: all task instances, see `TaskRun`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dagger_providers.airflow.testing.home import isolate
from dagger_providers.airflow.testing.runs import execute
from dagger_providers.errors import DaggerProvidersError, one_line


def main() -> int:
    """Read jobs from standard input, run them, and print what became of each."""
    jobs = json.load(sys.stdin)
    # Airflow logs to what it takes for standard output.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    isolate()
    folders = list(sys.path)
    taken: set[str] = set()
    for job in jobs:
        answers.write(json.dumps(_answer(job, taken), ensure_ascii=False) + "\n")
        answers.flush()
        sys.path[:] = folders  # one pipeline's folder is nothing to the next one
    return 0


def _answer(job: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    from airflow import __version__

    engine = f"Airflow {__version__}, dag.test()"
    started = time.perf_counter()
    try:
        from dagger_providers.dsl.find import find_pipeline

        pipeline = find_pipeline(job["ref"], any_callable=bool(job.get("any_callable")))
        dag_id = _unused(pipeline, taken)
        options = {"dag_id": dag_id, **(job.get("options") or {})}
        run = execute(pipeline, job.get("parameters") or {}, job["store"], **options)
    except DaggerProvidersError as error:
        return {"status": "refused", "reason": one_line(error), "engine": engine}
    except Exception as error:
        said = one_line(f"{type(error).__name__}: {error}")
        return {"status": "failed", "reason": said, "engine": engine}
    return {
        "status": "succeeded" if run.state == "success" else "failed",
        "reason": run.reason,
        "folder": run.folder,
        "engine": engine,
        "seconds": round(time.perf_counter() - started, 3),
        "tasks": [task.execution for task in run.tasks if task.state == "success"],
        "instances": [asdict(task) for task in run.tasks],
    }


def _unused(pipeline: Any, taken: set[str]) -> str:
    """Return a DAG id that no earlier job has: pipelines of different files may share a name."""
    name = getattr(pipeline, "name", None) or getattr(pipeline, "__name__", "pipeline")
    number = sum(1 for known in taken if known.partition("__")[0] == name)
    dag_id = f"{name}__{number + 1}" if number else str(name)
    taken.add(dag_id)
    return dag_id
