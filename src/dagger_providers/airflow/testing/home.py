"""Give this process an Airflow of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from dagger_providers.errors import UsageError, one_line

_home: list[Path] = []
failures: dict[tuple[str, str, str, int], str] = {}
"""What failed tasks said, by DAG, run, task and map index."""


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
        import atexit

        kept = tempfile.TemporaryDirectory(prefix="dagger-airflow-")
        atexit.register(kept.cleanup)
        home = Path(kept.name)
    (home / "dags").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # A DAG that changed is another at once, not half a minute later.
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
    }
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    _home.append(home)
    from airflow.utils import db

    db.initdb()
    _listen()
    _keep_server()
    return home


def _listen() -> None:
    """Note what failed tasks say, which Airflow itself only logs."""
    from airflow.listeners import hookimpl

    try:
        from airflow.sdk import listener as listeners
    except ImportError:  # Airflow 3.1
        from airflow.listeners import listener as listeners  # type: ignore[no-redef]

    class Listener:
        @hookimpl
        def on_task_instance_failed(
            self, previous_state: Any, task_instance: Any, error: Any
        ) -> None:
            ti = task_instance
            map_index = -1 if ti.map_index is None else ti.map_index
            failures[ti.dag_id, ti.run_id, ti.task_id, map_index] = one_line(error)

    listeners.get_listener_manager().add_listener(Listener())  # type: ignore[no-untyped-call]


def _keep_server() -> None:
    """Let `dag.test()` make its API server once, as Airflow does itself since 3.3.

    Earlier releases make one for every task, which takes seconds and leaves a thread behind.
    """
    from airflow.sdk.execution_time import supervisor

    made: Any = supervisor.in_process_api_server
    if not hasattr(made, "cache_info"):
        supervisor.in_process_api_server = lru_cache(maxsize=1)(made)
