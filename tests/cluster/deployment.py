"""A whole Airflow: API server, scheduler with workers, DAG processor, triggerer; on SQLite."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from cluster.access import wait_until

AIRFLOW = (sys.executable, "-m", "airflow")
# Airflow forks what runs a task, and what reads a DAG file: what those import, once is enough.
PRELOADED = (
    sys.executable,
    "-c",
    "import dagger_providers.airflow.operators.pod; from airflow.__main__ import main; main()",
)
PORT = 18099
FORGIVEN = "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD"
"""How long a triggerer may say nothing before others take what it looks after."""
FORGIVEN_SECONDS = 15
PROGRAMS = ("api-server", "scheduler", "dag-processor", "triggerer")


@dataclass(frozen=True)
class Deployment:
    """An Airflow that runs, and what its REST interface says.

    Attributes:
        http: A client of the interface.
        home: The folder of its files, among them a log of each program.
        environment: The variables of its programs.
        processes: The programs by name.
    """

    http: httpx.Client
    home: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]]

    def start(self, program: str, **more: str) -> None:
        """Start a program of Airflow, with more variables of its own."""
        with (self.home / f"{program}.log").open("ab") as log:
            self.processes[program] = subprocess.Popen(
                [*(AIRFLOW if program == "api-server" else PRELOADED), program],
                env={**self.environment, **more},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, program: str) -> None:
        """Kill a program with all that it has started, as when its machine is lost."""
        process = self.processes.pop(program)
        for member in _families([process]):
            _send(member, signal.SIGKILL)
        process.wait(10)

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        answer.raise_for_status()
        return answer.json()

    def knows(self, dag_id: str) -> bool:
        return self.http.get(f"/dags/{dag_id}").status_code == 200

    def trigger(self, dag_id: str, **parameters: Any) -> str:
        """Begin a run of a DAG; returns its path in the interface."""
        wait_until(lambda: self.knows(dag_id), 120)
        answer = self.http.post(
            f"/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": parameters}
        )
        answer.raise_for_status()
        return f"/dags/{dag_id}/dagRuns/{answer.json()['dag_run_id']}"

    def state(self, run: str) -> str:
        return str(self.get(run)["state"])

    def wait_for(self, run: str, seconds: float = 300) -> str:
        """Wait until a run is over; returns its state."""
        wait_until(lambda: self.state(run) in {"success", "failed"}, seconds)
        return self.state(run)

    def cancel(self, run: str) -> None:
        """Mark a run as failed, as the button in the UI does."""
        self.http.patch(run, json={"state": "failed"}).raise_for_status()

    def tasks(self, run: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"{run}/taskInstances?limit=1000")["task_instances"]
        return found

    def task(self, run: str, task_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"{run}/taskInstances/{task_id}")
        return found

    def log(self, run: str, task_id: str, number: int = 1) -> str:
        """What the log of one try says."""
        answer = self.http.get(f"{run}/taskInstances/{task_id}/logs/{number}?full_content=true")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return ""  # it has not begun
        answer.raise_for_status()
        page = answer.json()
        return "\n".join(str(line.get("event", "")) for line in page["content"])

    def workers(self, run: str, task_id: str) -> list[psutil.Process]:
        """The processes that run a task: its own, and the one that looks after it."""
        instance = self.task(run, task_id)["id"]
        scheduler = psutil.Process(self.processes["scheduler"].pid)
        return [p for p in scheduler.children(recursive=True) if _is_about(p, instance)]

    def is_deferred(self, run: str, task_id: str) -> bool:
        """Whether a triggerer looks at a task's pod, and no worker is left."""
        deferred = self.task(run, task_id)["state"] == "deferred"
        return (
            deferred and not self.workers(run, task_id) and "Checking pod" in self.log(run, task_id)
        )

    def triggers(self) -> int:
        """How many triggers Airflow knows."""
        with closing(sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True)) as database:
            found: int = database.execute("select count(*) from trigger").fetchone()[0]
        return found

    def kill_worker(self, run: str, task_id: str) -> None:
        """Kill the process that runs a task, and the one that looks after it.

        Once Airflow knows that they run: one that is queued still is not missed for ten minutes.
        """
        wait_until(lambda: self.task(run, task_id)["state"] == "running", pause=0.05)
        found = self.workers(run, task_id)
        assert found, f"no process runs {task_id}"
        for process in found:
            _send(process, signal.SIGKILL)


@contextmanager
def deployed(home: Path, variables: Mapping[str, str]) -> Iterator[Deployment]:
    """Start an Airflow whose DAG files lie in the folder ``dags`` of its home, and end it."""
    environment = {**os.environ, **_settings(home), **variables}
    with (home / "migrate.log").open("wb") as log:
        subprocess.run(
            [*AIRFLOW, "db", "migrate"], env=environment, check=True, stdout=log, stderr=log
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api/v2", timeout=60) as http:
        deployment = Deployment(http, home, environment, {})
        try:
            for program in PROGRAMS:
                deployment.start(program)
            wait_until(lambda: _is_healthy(http), 240)
            yield deployment
        finally:
            _end(deployment.processes.values())


def _settings(home: Path) -> dict[str, str]:
    server = f"http://127.0.0.1:{PORT}"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": server,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(PORT),
        "AIRFLOW__API__WORKERS": "1",
        # For busy machines.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "120",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{server}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        # A worker that was killed is given up in seconds, not in minutes.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
        # For five seconds else, the end of a worker's process may stay unnoticed, in which a
        # deferred task that goes on is taken for one that was lost.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        # So is a triggerer, whose tasks its successor takes.
        "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
        FORGIVEN: str(FORGIVEN_SECONDS),
    }


def _is_healthy(http: httpx.Client) -> bool:
    try:
        health = http.get("/monitor/health").json()
    except (httpx.HTTPError, ValueError):
        return False
    return all(
        health.get(part, {}).get("status") == "healthy"
        for part in ("metadatabase", "scheduler", "triggerer", "dag_processor")
    )


def _end(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """End the programs with all that they have started; some do not end when they are asked to."""
    members = _families(processes)
    for member in members:
        _send(member, signal.SIGTERM)
    _, alive = psutil.wait_procs(members, timeout=10)
    for member in alive:
        _send(member, signal.SIGKILL)
    for process in processes:
        process.wait(10)


def _families(processes: Iterable[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    running = [psutil.Process(process.pid) for process in processes if process.poll() is None]
    return [member for p in running for member in (p, *p.children(recursive=True))]


def _is_about(process: psutil.Process, instance: str) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return instance in " ".join(process.cmdline())
    return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
