"""Where batches run: in this process, or in worker processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from dagger_providers.errors import UsageError
from dagger_providers.execution import RunContext, index_from, index_text
from dagger_providers.execution.batches import (
    Batch,
    Done,
    Failure,
    Outcome,
    Tell,
    batch_to_json,
    execute_here,
    run_batch,
)
from dagger_providers.execution.failures import unpack

_GRACE = 5.0
"""Seconds that a worker has to end by itself."""


class Workers(Protocol):
    """Runs batches somewhere, from several threads at a time."""

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """Run a batch; `tell` hears of each item that starts."""

    def stop(self) -> None:
        """End at once what is running, and start nothing more."""

    def close(self) -> None:
        """Release what is held, once nothing is running any more."""


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that runs nodes: ours, with a fixed hash seed.

    The folders of ``sys.path`` go along, so that code found here is found there.
    """
    folders = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100
    path = os.pathsep.join(dict.fromkeys(folders))
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": path, **(env or {})}


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process that was started in a session of its own, with all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Here:
    """Runs batches in this process, in whichever thread asks."""

    run: RunContext

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """See `Workers`."""
        return run_batch(batch, tell, execute_here(self.run.telling(tell)))

    def stop(self) -> None:
        """Nothing can be ended: threads finish their item."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Processes:
    """Runs batches in worker processes, one for each thread that asks."""

    run: RunContext
    _local: threading.local = field(default_factory=threading.local)
    _all: list[subprocess.Popen[str]] = field(default_factory=list)
    _relays: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """See `Workers`."""
        process = self._process()
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 - both are pipes
        current = (batch.cards[0].address, index_text(batch.indices[0]))
        with suppress(BrokenPipeError):
            stdin.write(json.dumps(batch_to_json(batch)) + "\n")
            stdin.flush()
            for line in stdout:
                if not line.endswith("\n"):
                    break  # it died while it spoke
                message = json.loads(line)
                if isinstance(message, dict):
                    return _outcome(message)
                address, index, seconds = message
                tell(address, index, seconds)
                if seconds is None:
                    current = (address, index)
        return Outcome((), Failure(current[0], index_from(current[1]), self._death(process)))

    def _death(self, process: subprocess.Popen[str]) -> BaseException:
        _reap(process)
        del self._local.process
        how = ending(process.returncode)
        return ChildProcessError(f"the worker process ended with {how} while it ran this node")

    def _process(self) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] | None = getattr(self._local, "process", None)
        if process is None:
            process = self._local.process = self._started()
            setup = {"folder": self.run.store.uri, "parameters": dict(self.run.parameters)}
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(json.dumps(setup) + "\n")
        return process

    def _started(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise UsageError("the run was stopped")
            # A session of its own: Ctrl-C reaches us alone, and we end the workers.
            process = subprocess.Popen(
                [sys.executable, "-m", "dagger_providers.execution.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="backslashreplace",
                env=environment(),
                start_new_session=True,
            )
            self._all.append(process)
            relay = threading.Thread(target=_relay, args=(process.stderr,), daemon=True)
            self._relays.append(relay)
            relay.start()
        return process

    def stop(self) -> None:
        """Kill all workers."""
        with self._lock:
            self._stopped = True
            for process in self._all:
                end(process)

    def close(self) -> None:
        """Let all workers end."""
        for process in self._all:
            with suppress(BrokenPipeError):
                if process.stdin is not None:
                    process.stdin.close()
        for process, relay in zip(self._all, self._relays, strict=True):
            _reap(process)
            relay.join(_GRACE)
            if process.stdout is not None:
                process.stdout.close()


def _relay(stream: IO[str]) -> None:
    """Pass on what the user's code prints through our own stream, which progress bars know of."""
    with stream:
        for line in stream:
            sys.stderr.write(line)


def _reap(process: subprocess.Popen[str]) -> None:
    """Wait for a process that is about to end."""
    try:
        process.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        end(process)
        process.wait()


def ending(status: int) -> str:
    """Return how a process ended, in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"


def _outcome(message: dict[str, Any]) -> Outcome:
    done = tuple(Done(*one) for one in message["done"])
    if message["failure"] is None:
        return Outcome(done)
    address, index, packed = message["failure"]
    return Outcome(done, Failure(address, index_from(index), unpack(packed)))
