"""The launcher `process`: the node command as a subprocess on the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    BaseOperator,
)

from dagger_providers.airflow.node import Node, Run, node_command
from dagger_providers.airflow.operators.running import (
    FAILED,
    MISUSE,
    failure_text,
    indices_of,
    point_to,
    run_of,
    skip_unless_applies,
    where,
)

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

_GRACE = 10.0
_ERROR = "dagger-providers: error: "


class DaggerProcessOperator(BaseOperator):
    """Runs one step of a pipeline in a fresh Python process on the worker.

    Args:
        node: The step.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        store: Path or URI of the store; by default ``[dagger_providers] store_uri``.
        **kwargs: As `BaseOperator` takes them.
    """

    template_fields: Sequence[str] = ("node", "index", "store")
    ui_color = "#e6f0ea"

    def __init__(
        self, *, node: Node, index: Any = "", store: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.node = node
        self.index = index
        self.store = store
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> list[str] | None:
        """Run the step, and return the indices of the loop that it feeds, if any.

        Raises:
            AirflowSkipException: It is a hook that does not apply.
            AirflowFailException: The user's code failed, after its own retries, or the input is
                wrong; trying again would give the same.
            AirflowException: The infrastructure failed; Airflow may try again.
        """
        run = run_of(context, self.store)
        skip_unless_applies(self.node, self.index, run)
        point_to(self.node, self.index, run, context)
        self._run(run)
        return indices_of(self.node, run)

    def _run(self, run: Run) -> None:
        # Without -P a worker's current folder would hide modules.
        command = [sys.executable, "-P", "-m", "dagger_providers", "run-node"]
        command += node_command(self.node, self.index, run)
        tail: deque[str] = deque(maxlen=40)
        started = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=_environment(self.node),
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
                status = process.wait()
            finally:
                self._stop()
        if status:
            raise self._failure(status, run, tail)

    def _failure(self, status: int, run: Run, tail: Sequence[str]) -> AirflowException:
        """Return what tells Airflow why the process failed, and whether to try again."""
        place = where(self.node, self.index)
        said = [line for line in tail if line.strip() and not line.startswith("in node ")]
        last = said[-1].removeprefix(_ERROR) if said else "it said nothing"
        if status == FAILED:
            # A record of an earlier try does not tell of this one.
            recorded = failure_text(self.node, self.index, run)
            kind = recorded.partition(":")[0].rpartition(".")[2]
            told = recorded if kind and any(kind in line for line in tail) else last
            return AirflowFailException(f"{place} failed: {told}")
        if status == MISUSE:
            return AirflowFailException(f"{place}: {last}")
        return AirflowException(f"{place} ended with status {status}: {last}")

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


def _environment(node: Node) -> dict[str, str]:
    """Return the environment of a node's process.

    It imports what the worker would: Airflow adds the folders of DAG files to `sys.path`.
    """
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
        **node.env,
        "PYTHONHASHSEED": "0",
    }
