"""Run pipelines by `dag.test()` in an Airflow of their own: no scheduler, no server, no traces.

The first run in a process costs several seconds, later ones a fraction of a second: run many
pipelines per process. `run_jobs` starts such a process; `python -m dagger_providers.airflow.testing`
is it:

- standard input: a JSON list of jobs ``{"ref": "FILE.py:NAME" or "module:NAME", "parameters": {},
  "store": URI}``;
- standard output: for each job, in order, one line of JSON: what `AirflowRun.to_json` gives, or
  ``{"state": "refused", "error": TEXT}`` for a pipeline that Airflow cannot run. Logs go to standard
  error.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagger_providers.errors import DaggerProvidersError, UsageError, one_line

if TYPE_CHECKING:
    from airflow.sdk import DAG


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task instance, as Airflow recorded it.

    Attributes:
        task_id: The task; its node's address.
        map_index: Which of the mapped ones; -1 for a task that is not mapped.
        state: ``success``, ``failed``, ``skipped``, ``upstream_failed`` and so on.
        seconds: How long it ran; None when it did not.
        error: What the user's code raised, in one line; empty when it did not.
    """

    task_id: str
    map_index: int
    state: str
    seconds: float | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class AirflowRun:
    """One run of a DAG.

    Attributes:
        dag_id: The DAG.
        state: ``success`` or ``failed``.
        store: The store that holds all runs.
        run_id: The run's name in the store.
        folder: Full path or URI of the run's folder.
        tasks: All task instances, by task and map index.
    """

    dag_id: str
    state: str
    store: str
    run_id: str
    folder: str
    tasks: tuple[TaskRun, ...]

    def to_json(self) -> dict[str, Any]:
        """Its JSON form: the attributes by name."""
        return asdict(self)


def isolate(home: Path | None = None) -> Path:
    """Give this process an Airflow of its own: an empty home folder with a new database.

    Args:
        home: The folder; by default a temporary one that goes with the process.

    Raises:
        UsageError: Airflow is imported already, and has read another configuration.
    """
    if _home:
        return _home[0]
    if "airflow" in sys.modules:
        raise UsageError("call isolate() before anything imports airflow: it reads its home once")
    if home is None:
        kept = tempfile.TemporaryDirectory(prefix="dagger-airflow-")
        _kept.append(kept)
        home = Path(kept.name)
    dags = home / "dags"
    dags.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(dags),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
        AIRFLOW__LOGGING__LOGGING_LEVEL=os.environ.get("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR"),
    )
    _home.append(home)
    from airflow.utils import db

    db.initdb()
    return home


_home: list[Path] = []
_kept: list[Any] = []


def run_dag_test(dag: DAG, parameters: Mapping[str, Any] | None = None) -> AirflowRun:
    """Run a DAG by `dag.test()`, also one that is in no DAG bundle, and tell what happened.

    Args:
        dag: What `to_airflow` made.
        parameters: Values for its parameters: the run's configuration.
    """
    _register(dag)
    done = dag.test(run_conf=dict(parameters or {}))
    return _told(dag, done)


def execute(pipeline: Any, parameters: Mapping[str, Any], store: str) -> AirflowRun:
    """Make a DAG of a pipeline and run it; see `run_dag_test`.

    Raises:
        CapabilityError: Airflow cannot run it.
    """
    from dagger_providers.airflow import to_airflow

    return run_dag_test(to_airflow(pipeline, store=store), parameters)
