"""The record of a run that KFP made, from what its containers left in the store."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from logging import getLogger
from typing import Any

from dagger_providers.card import Card
from dagger_providers.card.card import to_json
from dagger_providers.errors import DaggerProvidersError, MissingValueError, StorageError
from dagger_providers.execution import Index, Resolver, RunContext, index_text, node_path, open_run
from dagger_providers.execution.bodies import inner_executions
from dagger_providers.execution.context import how_of
from dagger_providers.execution.failures import describe, failure_document, place_of
from dagger_providers.execution.hooks import applies
from dagger_providers.kfp.parameters import native
from dagger_providers.model import DAG, FromParam
from dagger_providers.planning import Plan, nested_plan
from dagger_providers.planning.parameters import encode_defaults
from dagger_providers.planning.whole import whole
from dagger_providers.runtimes.local.outcome import fail, fail_by, read_outputs
from dagger_providers.runtimes.local.scheduler import states
from dagger_providers.storage import open_store
from dagger_providers.tracking import NodeState, Run, claim, now, write_record

_LATEST = "~"
"""Sorts after the id of any attempt."""
_PATIENCE = 10.0
"""Seconds that writing the first record may take."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, by the engine's account.

    Attributes:
        ok: Whether it succeeded.
        reason: Why not, in one line, where the engine says so.
        started: When it began, as ISO 8601; empty when that is not known.
        finished: When it ended, likewise.
    """

    ok: bool
    reason: str = ""
    started: str = ""
    finished: str = ""


def texts_of(dag: DAG, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the JSON text of each parameter, of the arguments that KFP has for a run.

    It undoes what `dagger_providers.kfp.arguments` does; numbers come back as doubles.
    """
    texts = encode_defaults(dag)
    for name, given in arguments.items():
        source = dag.inputs.get(name)
        if isinstance(source, FromParam):
            texts[name] = _text(source, given)
    return texts


def _text(source: FromParam, given: Any) -> str:
    how = native(source)
    if how is None:
        return str(given)
    kind = {"int": int, "float": float}.get(how.kind)
    return json.dumps(kind(given) if kind else given, ensure_ascii=False)


def record(
    dag: DAG, store: str, run_id: str, texts: Mapping[str, str], ending: Ending, runtime: str
) -> Run:
    """Return a run that is over.

    Args:
        dag: The pipeline.
        store: The store that holds all runs.
        run_id: The run's name in it.
        texts: The JSON text of each parameter.
        ending: How it ended.
        runtime: What ran it.

    Raises:
        StorageError: The store cannot be read.
    """
    lowered = nested_plan(dag)
    context = open_run(store, run_id, texts, dag.code_root)
    resolver = Resolver(context, lowered.axes)
    result = Run(run_id, dag.name, runtime, context.store.uri, parameters=texts)
    result.nodes = states(lowered)
    result.started = ending.started or now()
    failures = sorted(_failures(lowered, resolver, result.nodes), key=lambda one: one.time)
    failure = read_outputs(result, lowered, resolver) if ending.ok else None
    if failure is not None:
        fail(result, failure)
    elif ending.ok:
        result.status = "succeeded"
    elif failures:
        first = failures[0]
        status = int(first.described.get("exit_status") or 1)
        fail_by(result, first.place, first.described, status)
    else:
        told = {"type": "KFP", "message": ending.reason, "traceback": ""}
        fail_by(result, ("", ""), told, 1)
    result.end()
    result.finished = ending.finished or result.finished
    return result


def begin(
    dag: DAG, folder: str, run_id: str, texts: Mapping[str, str], engine: Mapping[str, str]
) -> None:
    """Write the record of a run that an engine has begun, if that can be done from here, and soon.

    Who reads it is told the states of the nodes as the store has them by then. A store that only
    the containers reach may let a client wait for minutes.

    Args:
        dag: The pipeline.
        folder: The run's folder.
        run_id: The run's name.
        texts: The JSON text of each parameter.
        engine: What the engine calls the run, and the URL of its page.
    """
    card = to_json(whole(nested_plan(dag)))
    result = Run(run_id, dag.name, "kfp", folder, parameters=texts, engine=engine, card=card)
    result.started = now()

    def write() -> None:
        with suppress(DaggerProvidersError):
            claim(open_store(folder), result)

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(_PATIENCE)


def keep(result: Run) -> None:
    """Write the record of a run that is over, in the place of its first."""
    try:
        write_record(open_store(result.folder), result)
    except StorageError as error:
        getLogger(__name__).warning("the run's record is not written: %s", error)


def utc_text(time: Any) -> str:
    """Return a time that KFP told as ISO 8601, in UTC; empty when it told none."""
    if not isinstance(time, datetime):
        return ""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class _Failed:
    """An execution that failed, when, and how; see `execution.failures.describe`."""

    address: str
    index: str
    described: Mapping[str, Any]

    @property
    def time(self) -> str:
        return str(self.described.get("attempt", ""))

    @property
    def place(self) -> tuple[str, str]:
        """What failed: what is inside the node, if that is known."""
        address, index = self.described.get("place") or (self.address, self.index)
        return address, index


def _failures(
    lowered: Plan, resolver: Resolver, nodes: Mapping[str, NodeState]
) -> Iterator[_Failed]:
    """Count what each node has done, and yield what failed."""
    for address, step in lowered.all_steps.items():
        if address not in nodes:
            continue
        try:
            found = list(_failures_of(step.card, resolver, nodes))
        except MissingValueError:
            continue  # what a loop runs over has not come to be
        except StorageError:
            raise
        except DaggerProvidersError as error:  # unlike lengths, no case: raised before any item
            place, index = place_of(error) or (address, "")
            found = [_Failed(place, index, {**describe(error), "attempt": _LATEST})]
        for failed in found:
            for one in {address, failed.place[0]} & nodes.keys():
                nodes[one].failed = True
            yield failed


def _failures_of(
    card: Card, resolver: Resolver, nodes: Mapping[str, NodeState]
) -> Iterator[_Failed]:
    indices = resolver.indices(card.within)
    asked = [index for index in indices if not card.when or applies(card, index, resolver)]
    node = nodes[card.address]
    node.items = len(asked)
    for index in asked:
        failed = _count(card.address, index, resolver.run, node)
        if failed is not None:
            yield failed
        elif card.body:
            _count_inside(card, index, resolver.run, nodes)


def _count(address: str, index: Index, run: RunContext, node: NodeState) -> _Failed | None:
    """Count one execution, if it is done; else return how it failed, if it did."""
    path = node_path(address, index)
    try:
        commit = run.commit_at(path)
    except MissingValueError:
        described = failure_document(run.store, path)
        return None if described is None else _Failed(address, index_text(index), described)
    node.count(float(commit.extra.get("seconds") or 0.0), how_of(commit))
    return None


def _count_inside(
    card: Card, index: Index, run: RunContext, nodes: Mapping[str, NodeState]
) -> None:
    """Count what ran inside an execution that is done."""
    for address, inner in inner_executions(card, index, run):
        if address in nodes:
            node = nodes[address]
            node.items = (node.items or 0) + 1
            _count(address, inner, run, node)
