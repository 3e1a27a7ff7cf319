"""Run pipelines on Apache Airflow 3: `to_airflow`, the operators behind it, the provider.

Importing this package imports no Airflow, so that Airflow can discover the provider before it is
configured; each name below is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dagger_providers.card.functions import importing
from dagger_providers.errors import MissingExtraError

if TYPE_CHECKING:
    from dagger_providers.airflow.dag_file import dag_file
    from dagger_providers.airflow.dags import to_airflow
    from dagger_providers.airflow.hooks.store import DaggerStoreHook
    from dagger_providers.airflow.native import airflow_operator
    from dagger_providers.airflow.operators.container import DaggerContainerOperator
    from dagger_providers.airflow.operators.pod import DaggerPodOperator
    from dagger_providers.airflow.operators.process import DaggerProcessOperator
    from dagger_providers.airflow.references import read_value
    from dagger_providers.airflow.task_groups import as_task_group
    from dagger_providers.airflow.taskflow import as_taskflow, dagger_task

__all__ = [
    "DaggerContainerOperator",
    "DaggerPodOperator",
    "DaggerProcessOperator",
    "DaggerStoreHook",
    "airflow_operator",
    "as_task_group",
    "as_taskflow",
    "dag_file",
    "dagger_task",
    "read_value",
    "to_airflow",
]

_HOMES = {
    "DaggerContainerOperator": "operators.container",
    "DaggerPodOperator": "operators.pod",
    "DaggerProcessOperator": "operators.process",
    "DaggerStoreHook": "hooks.store",
    "airflow_operator": "native",
    "as_task_group": "task_groups",
    "as_taskflow": "taskflow",
    "dag_file": "dag_file",
    "dagger_task": "taskflow",
    "read_value": "references",
    "to_airflow": "dags",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "to_airflow" and importing():
        return _no_dag
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.startswith("airflow.providers.cncf") or missing == "kubernetes":
            raise MissingExtraError("running tasks as pods", "airflow-kubernetes") from error
        if missing.startswith("airflow.providers.docker") or missing == "docker":
            raise MissingExtraError("running tasks in containers", "airflow-docker") from error
        if missing.partition(".")[0] != "airflow":
            raise
        raise MissingExtraError("running on Airflow", "airflow") from error
    globals()[name] = found
    return found


def _no_dag(*_: Any, **__: Any) -> Any:
    """Stand for `to_airflow` where a node runs and its file is imported only for its functions.

    A DAG would cost seconds there, and an image need not have Airflow at all.
    """
    from types import SimpleNamespace

    return SimpleNamespace()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
