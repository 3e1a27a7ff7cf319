"""Where batches run: in this process, or in worker processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any, Protocol

from dagger_providers.card import Card
from dagger_providers.card.functions import importing, is_live
from dagger_providers.errors import UsageError
from dagger_providers.execution import RunContext, index_from, node_path
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
from dagger_providers.execution.context import How, how_of
from dagger_providers.execution.failures import unpack
from dagger_providers.execution.watch import Overdue, ending, kill_group, listen, next_try
from dagger_providers.serializers.records import replace

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
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """See `Workers`; a try that takes too long is ended with its worker."""
        done: list[Done] = []
        while True:
            try:
                outcome = self._ordered(batch, tell, done)
            except Overdue as event:
                overdue = event
            else:
                return replace(outcome, done=(*done, *outcome.done))
            self._reaped()
            card, _ = batch.execution(len(done))
            first = next_try(card.policy, overdue, self._stopped.wait)
            batch = replace(batch, skip=len(done), first=first)

    def _ordered(self, batch: Batch, tell: Tell, done: list[Done]) -> Outcome:
        """Let the worker of this thread run a batch; add what it had done when it is ended."""
        process = self._process()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes
        seen: list[tuple[str, str, float]] = []
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(batch_to_json(batch)) + "\n")
                process.stdin.flush()
                for message in listen(process.stdout.fileno(), process.pid):
                    if message[0] == "end":
                        return _outcome(message)
                    if message[0] == "item":
                        _, address, at, seconds, how = message
                        tell(address, at, seconds, how)
                        if seconds is None:
                            seen.append((address, at, time.perf_counter()))
        except Overdue:
            done += [
                Done(a, i, end - at, self._how(a, i)) for (a, i, at), (*_, end) in pairwise(seen)
            ]
            raise
        card, index = batch.execution(batch.skip + max(0, len(seen) - 1))
        return Outcome((), Failure(card.address, index, self._death()))

    def _how(self, address: str, index: str) -> How:
        return how_of(self.run.commit_at(node_path(address, index_from(index))))

    def _death(self) -> BaseException:
        how = ending(self._reaped().returncode)
        return ChildProcessError(f"the worker process ended with {how} while it ran this node")

    def _reaped(self) -> subprocess.Popen[str]:
        """Take leave of the worker of this thread, which ended or is about to."""
        process: subprocess.Popen[str] = self._local.process
        _reap(process)
        del self._local.process
        return process

    def _process(self) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] | None = getattr(self._local, "process", None)
        if process is None:
            process = self._local.process = self._started()
            setup = {
                "folder": self.run.store.uri,
                "parameters": dict(self.run.parameters),
                "run_id": self.run.run_id,
                "caches": self.run.caches,
                "root": self.run.root,
            }
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.write(json.dumps(setup) + "\n")
        return process

    def _started(self) -> subprocess.Popen[str]:
        if importing():
            raise UsageError(
                f"{importing()} runs a pipeline whenever it is imported, as it is here for its "
                'functions: put the call under `if __name__ == "__main__":`'
            )
        with self._lock:
            if self._stopped.is_set():
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
            self._stopped.set()
            for process in self._all:
                kill_group(process.pid)

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
        kill_group(process.pid)
        process.wait()


def _outcome(message: list[Any]) -> Outcome:
    done = tuple(Done(*one) for one in message[1])
    if message[2] is None:
        return Outcome(done)
    address, index, packed = message[2]
    return Outcome(done, Failure(address, index_from(index), unpack(packed)))


@dataclass(frozen=True, slots=True)
class OneByOne:
    """Runs batches in this process, and in a worker process those that have a timeout.

    A function that only this process has runs in a copy of it then; see `run_apart`.
    """

    here: Here
    apart: Processes

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """See `Workers`."""
        timed = any(_is_timed(card) for card in batch.cards)
        live = any(is_live(name) for card in batch.cards for name in card.functions)
        return self.apart(batch, tell) if timed and not live else self.here(batch, tell)

    def stop(self) -> None:
        """End the worker."""
        self.apart.stop()

    def close(self) -> None:
        """Let the worker end."""
        self.apart.close()


def _is_timed(card: Card) -> bool:
    """Say whether a card, or one of its body, has a timeout."""
    inner = (one for stage in card.body for one in stage.cards)
    return card.policy.timeout is not None or any(map(_is_timed, inner))
