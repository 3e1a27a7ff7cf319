"""The launcher `process`: the node command as a subprocess on the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from dagger_providers.airflow.operators.running import (
    COMMAND,
    Execution,
    environment,
    failure_of,
)
from dagger_providers.airflow.operators.step import LaunchedOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

_GRACE = 10.0


class DaggerProcessOperator(LaunchedOperator):
    """Runs one step of a pipeline in a fresh Python process on the worker.

    Args:
        node: The step.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        store: Path or URI of the store; by default the connection's, else
            ``[dagger_providers] store_uri``.
        store_conn_id: A connection of type ``dagger_store``, for the store's credentials; by
            default ``[dagger_providers] store_conn_id``, if any.
        parameters: Values of the parameters that the step reads; by default those of the DAG.
        **kwargs: As `BaseOperator` takes them.
    """

    ui_color = "#e6f0ea"
    runs_in = "process"

    def __init__(self, *, parameters: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = parameters
        self._process: subprocess.Popen[str] | None = None

    def _place(self) -> str:
        return f"a process of this worker, by {sys.executable}"

    def _launch(self, one: Execution, setup: ExitStack, context: Context) -> None:
        del context
        setup.close()
        tail: deque[str] = deque(maxlen=40)
        with _lifeline() as tied:
            status = self._run(one, tied, tail)
        if status:
            raise failure_of(one, status, tail)

    def _run(self, one: Execution, tied: int, tail: deque[str]) -> int:
        """Run the node command to its end, and return its exit status.

        Args:
            one: What to execute.
            tied: An end of a pipe: the process ends when the other end is closed.
            tail: Gets the end of what it writes.
        """
        started = subprocess.Popen(  # noqa: S603 - our own command
            # Without -P a worker's current folder would hide modules.
            [sys.executable, "-P", *COMMAND, "--lifeline", str(tied), *one.command],
            env=_around(one),
            pass_fds=(tied,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            start_new_session=True,
        )
        with started as process:
            self._process = process
            try:
                for line in process.stdout or ():
                    tail.append(line.rstrip("\n"))
                    self.log.info("%s", tail[-1])
                return process.wait()
            finally:
                self._stop()

    def on_kill(self) -> None:
        """End the process, and those that it started."""
        self._stop()

    def _stop(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _lifeline() -> Iterator[int]:
    """Give an end of a pipe; the other one is closed when this process ends, if it is killed, too.

    A node that ran on would run beside Airflow's next try.
    """
    tied, lifeline = os.pipe()
    try:
        yield tied
    finally:
        os.close(tied)
        os.close(lifeline)


_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_HIDDEN = "airflow-db-not-allowed:"


def _around(one: Execution) -> dict[str, str]:
    """Return the environment of a node's process.

    It imports what the worker would: Airflow adds the folders of DAG files to `sys.path`.
    """
    inherited = dict(os.environ)
    if inherited.get(_DATABASE, "").startswith(_HIDDEN):
        # Airflow cannot parse what its workers hide their database behind, so that a
        # pipeline's file with a DAG at its end could not be imported. One in memory hides it too.
        inherited[_DATABASE] = "sqlite://"
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
    return {
        **inherited,
        "PYTHONPATH": path,
        **one.access.environment,
        **environment(one.node),
    }
