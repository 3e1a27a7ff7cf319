"""Run every node by the node command, in a fresh process of its own, as containers do."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from dagger_providers.card import Card, dumps
from dagger_providers.card.argv import card_options, parameter_options
from dagger_providers.errors import StorageError, UsageError
from dagger_providers.execution import Index, RunContext, index_from, index_text, node_path
from dagger_providers.execution.batches import Batch, Outcome, Tell, run_batch
from dagger_providers.execution.bodies import inner_executions
from dagger_providers.execution.context import How, how_of
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.watch import ending, kill_group
from dagger_providers.runtimes.local.workers import environment


@dataclass(slots=True)
class Commands:
    """Runs every node of a batch by the node command; see `Workers`."""

    run: RunContext
    store: str
    run_id: str
    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def __call__(self, batch: Batch, tell: Tell) -> Outcome:
        """See `Workers`."""
        outcome = run_batch(batch, tell, self._one)
        bodies = {card.address: card for card in batch.cards if card.body}
        for done in outcome.done if bodies else ():
            if done.address in bodies:
                index = index_from(done.index)
                for address, inner in inner_executions(bodies[done.address], index, self.run):
                    record = self.run.commit_at(node_path(address, inner))
                    seconds = record.extra.get("seconds", 0)
                    tell(address, index_text(inner), seconds, how_of(record))
        return outcome

    def _one(self, card: Card, index: Index, env: Mapping[str, str], _: int) -> BaseException | How:
        command = [sys.executable, "-m", "dagger_providers", "run-node", *self._options(card)]
        command += ["--index", index_text(index)] if index else []
        process = self._started(command, env)
        said = _relayed(process)
        with self._lock:
            self._running.discard(process)
        if process.returncode == 0:
            if card.cache is None and not card.allow_failure:
                return ""
            return how_of(self.run.commit_at(node_path(card.address, index)))
        failure = read_failure(self.run.store, node_path(card.address, index))
        if process.returncode == 1 and failure is not None:
            return failure
        return _refusal(process.returncode, said)

    def _started(self, command: list[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise UsageError("the run was stopped")
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command,
                env=environment({**env, **({} if self.run.caches else NO_CACHE)}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="backslashreplace",
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def _options(self, card: Card) -> list[str]:
        where = ["--store", self.store, "--run-id", self.run_id]
        parameters = parameter_options(self.run.parameters, self.run.store.uri)
        code = ["--code-root", self.run.root] if self.run.root else []
        return [*where, *code, *card_options(dumps(card), self.store), *parameters]

    def stop(self) -> None:
        """Kill what is running."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                kill_group(process.pid)

    def close(self) -> None:
        """Nothing is open."""


def _relayed(process: subprocess.Popen[str]) -> str:
    """Pass on what a command says while it runs, but what ended it: the run tells that itself.

    Returns:
        Its end.
    """
    tail: deque[str] = deque(maxlen=_TAIL)
    with process:
        for line in process.stdout or ():
            if not line.startswith(_ERROR):
                sys.stderr.write(line)
            tail.append(line)
    return "".join(tail)


_TAIL = 20
_ERROR = "dagger-providers: error: "

NO_CACHE = {"DAGGER_CACHE": "off"}
"""What tells the node command to leave the cache alone."""


def _refusal(status: int, said: str) -> BaseException:
    """Return what the node command told in its last line, if it could tell anything."""
    _, ours, line = said.rstrip("\n").rpartition(_ERROR)
    if ours and status == _MISUSE:
        return UsageError(line)
    if ours and status == _INFRASTRUCTURE:
        return StorageError(line)
    return ChildProcessError(f"the node command ended with {ending(status)}")


_MISUSE, _INFRASTRUCTURE = 2, 3
"""Exit statuses; see `exit_status`."""
