"""Run a DAG by `dag.test()`, and tell what Airflow recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagger_providers.airflow.testing.home import failures, isolate

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
        index: Which item of each loop around the node: ``3``, ``0.2``; empty outside loops, and
            for a task that did not run.
        error: Why it failed, in one line; empty when it did not.
    """

    task_id: str
    map_index: int
    state: str
    seconds: float | None
    index: str = ""
    error: str = ""

    @property
    def execution(self) -> str:
        """Its node with the index: ``fit[3]``."""
        return f"{self.task_id}[{self.index}]" if self.index else self.task_id


@dataclass(frozen=True, slots=True)
class AirflowRun:
    """One run of a DAG.

    Attributes:
        dag_id: The DAG.
        airflow_run_id: What Airflow calls the run.
        state: ``success`` or ``failed``.
        store: The store that holds all runs.
        run_id: The run's name in the store.
        folder: Full path or URI of the run's folder.
        tasks: All task instances, in order of task and map index, those of hooks last.
    """

    dag_id: str
    airflow_run_id: str
    state: str
    store: str
    run_id: str
    folder: str
    tasks: tuple[TaskRun, ...]

    @property
    def reason(self) -> str:
        """Why the run failed, in one line; empty when it did not."""
        if self.state == "success":
            return ""
        return next((task.error for task in self.tasks if task.error), f"the run is {self.state}")


def run_dag_test(dag: DAG, parameters: Mapping[str, Any] | None = None) -> AirflowRun:
    """Run a DAG by `dag.test()`, also one that is in no DAG bundle, and tell what happened.

    Args:
        dag: What `to_airflow` made.
        parameters: Values for its parameters: the run's configuration.
    """
    isolate()
    register(dag)
    done = dag.test(run_conf=dict(parameters or {}))
    return _told(dag, done)


def execute(pipeline: Any, parameters: Mapping[str, Any], store: str, **options: Any) -> AirflowRun:
    """Make a DAG of a pipeline and run it; see `run_dag_test`.

    Args:
        pipeline: What `dag` made of a function, or a model.
        parameters: Values for its parameters, as JSON data.
        store: Path or URI of the store.
        **options: As `to_airflow` takes them.

    Raises:
        CapabilityError: Airflow cannot run it.
    """
    isolate()
    from dagger_providers.airflow import to_airflow

    return run_dag_test(to_airflow(pipeline, store=store, **options), parameters)


def register(dag: DAG) -> None:
    """Put a DAG where `dag.test()` looks for it: into the database, as of the bundle of DAG files.

    These are internals of Airflow 3; there is no public way.
    """
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.collection import update_dag_parsing_results_in_db
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.session import create_session

    with create_session() as session:
        DagBundlesManager().sync_bundles_to_db(session=session)  # type: ignore[no-untyped-call]
    with create_session() as session:
        serialized = LazyDeserializedDAG.from_dag(dag)
        update_dag_parsing_results_in_db(
            "dags-folder", None, [serialized], {}, None, set(), session=session
        )


def _told(dag: DAG, done: Any) -> AirflowRun:
    from dagger_providers.airflow.graph import VERDICT
    from dagger_providers.airflow.identity import run_name
    from dagger_providers.airflow.node import Run
    from dagger_providers.airflow.settings import access_to

    given = next(filter(None, map(_store_of, dag.task_dict.values())), {})
    access = access_to(given.get("store"), given.get("store_conn_id"))
    run = Run(access.uri, run_name(dag.dag_id, done.run_id))
    folders = _pointers(dag.dag_id, done.run_id)
    tasks = []
    instances = [ti for ti in done.get_task_instances() if ti.task_id != VERDICT]
    hooks = {name for name, task in dag.task_dict.items() if task.is_teardown}
    for ti in sorted(instances, key=lambda ti: (ti.task_id in hooks, ti.task_id, ti.map_index)):
        node = f"{run.folder}/nodes/{ti.task_id}"
        index = folders.get((ti.task_id, ti.map_index), node).removeprefix(node).strip("/")
        error = failures.pop((ti.dag_id, ti.run_id, ti.task_id, ti.map_index), "")
        error = error if ti.state == "failed" else ""
        tasks.append(TaskRun(ti.task_id, ti.map_index, str(ti.state), ti.duration, index, error))
    return AirflowRun(
        dag_id=dag.dag_id,
        airflow_run_id=done.run_id,
        state=str(done.state),
        store=run.store,
        run_id=run.run_id,
        folder=run.folder,
        tasks=tuple(tasks),
    )


def _store_of(task: Any) -> dict[str, Any]:
    """Return what an operator says of its store; nothing where it is none of ours."""
    given = getattr(task, "partial_kwargs", None) or getattr(task, "__dict__", {})
    return {name: given[name] for name in ("store", "store_conn_id") if given.get(name)}


def _pointers(dag_id: str, run_id: str) -> dict[tuple[str, int], str]:
    """Return where each task says that its node's records lie, by task and map index."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    from dagger_providers.airflow.operators.running import XCOM_KEY

    found = XComModel.get_many(run_id=run_id, dag_ids=dag_id, key=XCOM_KEY)
    with create_session() as session:
        rows: Any = session.scalars(found)
        return {(row.task_id, row.map_index): XComModel.deserialize_value(row) for row in rows}
