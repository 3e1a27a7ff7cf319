"""What every operator does around the node command, whatever launches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)

from dagger_providers.airflow.access import Access
from dagger_providers.airflow.node import (
    Node,
    Run,
    emitted,
    execution_path,
    node_command,
    node_folder,
    parameter_texts,
)
from dagger_providers.airflow.references import given_result
from dagger_providers.airflow.run_records import record_run
from dagger_providers.card import Card, loads
from dagger_providers.errors import (
    DaggerProvidersError,
    MissingValueError,
    UsageError,
    one_line,
)
from dagger_providers.execution import Resolver, node_path, open_run
from dagger_providers.execution.chunks import indices_in, is_chunk
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.hooks import applies
from dagger_providers.storage import open_store, read_commit

COMMAND = ("-m", "dagger_providers", "run-node")
"""What a Python is started with to run a node."""

FAILED, MISUSE = 1, 2
"""Exit statuses of the node command that are final: trying again would give the same."""

XCOM_KEY = "dagger_node"
"""Under which a task tells where its node's records lie: a full path or URI."""

_ERROR = "dagger-providers: error: "


class CodeFailedError(AirflowFailException):
    """The user's code failed, after its own retries."""


class Log(Protocol):
    """What lines are written to."""

    def info(self, event: str, /, *arguments: Any) -> Any:
        """Write a line."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a node.

    Attributes:
        node: The step.
        index: Which item of each loop around it; empty outside loops.
        run: The run that it belongs to.
        access: How the store is reached.
    """

    node: Node
    index: str
    run: Run
    access: Access

    @property
    def place(self) -> str:
        """The node's address with its index, as messages show it: ``fit[3]``."""
        return f"{self.node.address}[{self.index}]" if self.index else self.node.address

    @property
    def command(self) -> list[str]:
        """The arguments of the node command."""
        return node_command(self.node, self.index, self.run)


def environment(node: Node) -> dict[str, str]:
    """Return the variables of a node's process: its own, and those that every launcher sets."""
    return {"PYTHONUNBUFFERED": "1", **node.env, "PYTHONHASHSEED": "0"}


def begin(one: Execution, context: Mapping[str, Any]) -> None:
    """Skip a hook that has nothing to do; else tell where the node's records, and the run's, lie.

    That and loop indices are all that XCom carries between the nodes of a pipeline.

    Raises:
        AirflowSkipException: There is nothing to do, or the whole group is skipped.
    """
    skip_with_gate(one.node, context)
    if one.node.is_hook and not _applies(one):
        raise AirflowSkipException(f"{one.place} does not apply")
    context["ti"].xcom_push(key=XCOM_KEY, value=node_folder(one.node, one.index, one.run))
    record_run(one.node, one.run, context["dag_run"])


def _applies(one: Execution) -> bool:
    card = loads(one.node.card)
    resolver = _resolver(one, card)
    return any(applies(card, i, resolver) for i in indices_in(one.index, card.within, resolver))


def _resolver(one: Execution, card: Card) -> Resolver:
    context = open_run(one.run.store, one.run.run_id, parameter_texts(one.node, one.run))
    return Resolver(context, card.axes)


def check_done(one: Execution, what: str, log: Log) -> None:
    """See that a node command that ended well has done what it was there for.

    The user's code may end its process, with status 0 too, before anything is written. Where a
    worker cannot read the store, as with credentials that only pods have, it is taken as done.

    Args:
        one: What was executed.
        what: What ran the node command: ``process``.
        log: Where to tell that it cannot be seen.

    Raises:
        AirflowException: Nothing is committed.
    """
    try:
        done = _is_done(one)
    except DaggerProvidersError as error:
        log.info("%s: this worker cannot see whether it was done: %s", one.place, one_line(error))
        return
    if not done:
        raise AirflowException(f"{one.place}: its {what} ended with status 0 before it was done")


def _is_done(one: Execution) -> bool:
    card = loads(one.node.card)
    if not card.executes:
        return True
    resolver = _resolver(one, card)
    # Items run one after the other: where the last one is done, all are.
    for index in reversed(list(indices_in(one.index, card.within, resolver))):
        if not card.when or applies(card, index, resolver):
            try:
                read_commit(resolver.run.store, node_path(card.address, index))
            except MissingValueError:
                return False
            return True
    return True


def skip_with_gate(node: Node, context: Mapping[str, Any]) -> None:
    """Skip what follows a loop, and so runs after skipped tasks, where its group is skipped.

    Raises:
        AirflowSkipException: It is.
    """
    if not node.gate:
        return
    ti = context["ti"]
    found = ti.get_task_states(ti.dag_id, task_ids=[node.gate], run_ids=[ti.run_id])
    if found.get(ti.run_id, {}).get(node.gate) == "skipped":
        raise AirflowSkipException(f"{node.gate} is skipped")


def result_of(one: Execution) -> Any:
    """Return what XCom carries of a finished node.

    Returns:
        The indices, or chunks of them, of the loop that it feeds; or its result, as a value or
        references to values (see `airflow.references`); or None.

    Raises:
        AirflowFailException: A later task is mapped over a result that has no parts.
    """
    if one.node.emits:
        return emitted(one.node, one.run)
    if not one.node.gives:
        return None
    store = open_store(one.run.folder)
    artifact = read_commit(store, execution_path(one.node, one.index)).outputs["return_value"]
    try:
        return given_result(store, artifact, in_parts=one.node.gives == "parts")
    except UsageError as error:
        raise AirflowFailException(f"{one.place}: {one_line(error)}") from error


@contextmanager
def log_group(log: Log, title: str) -> Iterator[None]:
    """Let Airflow's pages fold what is logged inside."""
    log.info("::group::%s", title)
    try:
        yield
    finally:
        log.info("::endgroup::")


def log_setup(one: Execution, log: Log, how: str) -> None:
    """Log what is about to run, and how."""
    log.info("node %s of run %s", one.place, one.run.run_id)
    log.info("store %s", one.run.store)
    log.info("%s", how)


def log_outputs(one: Execution, log: Log) -> None:
    """Log where a finished node's outputs lie."""
    store = open_store(one.run.folder)
    with log_group(log, "Outputs"):
        if is_chunk(one.index):
            log.info("one folder per item below %s", store.join("nodes", one.node.address))
            return
        try:
            record = read_commit(store, execution_path(one.node, one.index))
        except DaggerProvidersError as error:  # which fails no task that went well
            log.info("none that can be shown: %s", one_line(error))
            return
        for name, artifact in record.outputs.items():
            kind = artifact.serializer.name
            log.info("%s: %s (%s, %d bytes)", name, store.join(artifact.uri), kind, artifact.size)


def failure_of(
    one: Execution, status: int, tail: Sequence[str], image: Any = None
) -> AirflowException:
    """Return what tells Airflow why a node command failed, and whether to try again.

    Args:
        one: What failed.
        status: The node command's exit status.
        tail: The end of what it wrote; empty when that is not known.
        image: What it ran in, if not the worker's own Python.
    """
    said = _last_line(tail)
    if status not in {FAILED, MISUSE}:
        last = said or "it said nothing"
        return AirflowException(f"{one.place} ended with status {status}: {last}")
    if image and said.endswith("No module named dagger_providers"):
        return AirflowFailException(
            f"{one.place}: the python of image {image!r} has no dagger-providers; install it there"
        )
    last = said or f"exit status {status}; the log says why"
    if status == MISUSE:
        return AirflowFailException(f"{one.place}: {last}")
    # A record of an earlier try does not tell of this one.
    recorded = _recorded_failure(one)
    kind = recorded.partition(":")[0].rpartition(".")[2]
    fits = kind and (not tail or any(kind in line for line in tail))
    return CodeFailedError(f"{one.place} failed: {recorded if fits else last}")


def _last_line(tail: Sequence[str]) -> str:
    """Return the last thing that a node command said; empty when it said nothing."""
    said = [line for line in tail if line.strip() and not line.startswith("in node ")]
    return said[-1].removeprefix(_ERROR) if said else ""


def _recorded_failure(one: Execution) -> str:
    """Return in one line what the user's code raised; empty when no record tells, as of a chunk."""
    try:
        found = read_failure(open_store(one.run.folder), execution_path(one.node, one.index))
    except DaggerProvidersError:
        return ""
    return one_line(found) if found is not None else ""
