"""Where batches run: here, in worker processes, or each node by the node command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.card import Card, dumps
from dagger_providers.errors import StorageError, TaskFailed
from dagger_providers.execution import Index, RunContext, index_from, index_text, node_path
from dagger_providers.execution.failures import read_failure, unpack
from dagger_providers.execution.batches import (
    Batch,
    Done,
    Failure,
    Outcome,
    Tell,
    batch_to_json,
    run_batch,
)


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that runs nodes: ours, with a fixed hash seed.

    The folders of ``sys.path`` go along, so that code found here is found there.
    """
    folders = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100
    path = os.pathsep.join(dict.fromkeys(folders))
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": path, **(env or {})}


@dataclass(frozen=True, slots=True)
class Here:
    """Runs batches in this process, in whichever thread asks."""

    run: RunContext

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        return run_batch(batch, self.run, tell)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Processes:
    """Runs batches in worker processes, one for each thread that asks."""

    run: RunContext
    _local: threading.local = field(default_factory=threading.local)
    _all: list[subprocess.Popen[str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        process = self._process()
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 - both are pipes
        current = (batch.cards[0].address, index_text(batch.indices[0]))
        try:
            stdin.write(json.dumps(batch_to_json(batch)) + "\n")
            stdin.flush()
            for line in stdout:
                message = json.loads(line)
                if isinstance(message, dict):
                    return _outcome(message)
                current = (message[0], message[1])
                tell(*current)
        except BrokenPipeError:
            pass
        return Outcome((), Failure(current[0], index_from(current[1]), self._death(process)))

    def _death(self, process: subprocess.Popen[str]) -> BaseException:
        status = process.wait()
        del self._local.process
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return StorageError(f"the worker process ended with {how} while it ran this node")

    def _process(self) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] | None = getattr(self._local, "process", None)
        if process is None:
            process = self._local.process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "dagger_providers.execution.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=environment(),
            )
            with self._lock:
                self._all.append(process)
            setup = {"folder": self.run.store.uri, "parameters": dict(self.run.parameters)}
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(json.dumps(setup) + "\n")
        return process

    def close(self) -> None:
        """End all workers."""
        for process in self._all:
            if process.stdin is not None:
                try:
                    process.stdin.close()
                except BrokenPipeError:
                    pass
            try:
                process.wait(timeout=_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


_GRACE = 5.0
"""Seconds that a worker has to end by itself."""


def _outcome(message: dict[str, Any]) -> Outcome:
    done = tuple(Done(*one) for one in message["done"])
    if message["failure"] is None:
        return Outcome(done)
    address, index, packed = message["failure"]
    return Outcome(done, Failure(address, index_from(index), unpack(packed)))


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs every node by the node command, in a fresh process of its own."""

    run: RunContext
    store: str
    run_id: str

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        done: list[Done] = []
        for index in batch.indices:
            text = index_text(index)
            for card, env in zip(batch.cards, batch.env, strict=True):
                tell(card.address, text)
                started = time.perf_counter()
                error = self._one(card, index, env)
                if error is not None:
                    return Outcome(tuple(done), Failure(card.address, index, error))
                done.append(Done(card.address, text, time.perf_counter() - started))
        return Outcome(tuple(done))

    def _one(self, card: Card, index: Index, env: Mapping[str, str]) -> BaseException | None:
        command = [sys.executable, "-m", "dagger_providers", "run-node", *self._options(card)]
        command += ["--index", index_text(index)] if index else []
        ended = subprocess.run(  # noqa: S603 - our own interpreter
            command, env=environment(env), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True, check=False,
        )  # fmt: skip
        if ended.returncode == 0:
            sys.stderr.write(ended.stderr)
            return None
        failure = read_failure(self.run.store, node_path(card.address, index))
        if ended.returncode == 1 and failure is not None:
            return failure
        last = ended.stderr.strip().rpartition("\n")[2] or f"exit status {ended.returncode}"
        return TaskFailed("run-node", last.removeprefix("dagger-providers: error: "), ended.stderr)

    def _options(self, card: Card) -> list[str]:
        options = ["--card", dumps(card), "--store", self.store, "--run-id", self.run_id]
        for name, text in self.run.parameters.items():
            options += ["--param", name, text]
        return options

    def close(self) -> None:
        """Nothing is open."""
