"""What the store tells of one execution of a node: outputs, attempts, inputs, readers."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast

from dagger_providers.airflow.plugin.lineage import (
    PlainResolver,
    inputs_of,
    readers_of,
    resolver_of,
)
from dagger_providers.airflow.plugin.stores import Folder
from dagger_providers.card import Card, dumps
from dagger_providers.card.argv import ARGV_LIMIT
from dagger_providers.card.functions import is_file_reference
from dagger_providers.errors import DaggerProvidersError, MissingValueError, StorageError, one_line
from dagger_providers.execution import Index, index_from, index_text, node_path
from dagger_providers.execution.chunks import indices_in, is_chunk
from dagger_providers.execution.failures import failure_document
from dagger_providers.planning.outline import Outline
from dagger_providers.planning.reading import parameters_of
from dagger_providers.storage import Artifact, CommitRecord, Store, read_commit

PAGE = 100
"""Items, parts and inner executions that are told of at a time."""

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Execution:
    """Which execution of which node of which run.

    Attributes:
        folder: The run's folder.
        outline: The pipeline; None when the DAG's version carries none.
        parameters: The values of the run's parameters.
        address: The node.
        index: Which item of each loop around it, as text, or a chunk.
        code_root: The folder that ``file.py:name`` functions were relative to; empty: not known.
    """

    folder: Folder
    outline: Outline | None
    parameters: Mapping[str, Any]
    address: str
    index: str
    code_root: str = ""

    @property
    def card(self) -> Card | None:
        """The node's card, where it is known."""
        return self.outline.cards.get(self.address) if self.outline is not None else None

    @property
    def resolver(self) -> PlainResolver:
        """What reads the run."""
        outline = self.outline or Outline("")
        return resolver_of(outline, self.folder, self.parameters)

    @property
    def path(self) -> str:
        """Its folder in the run's."""
        return node_path(self.address, index_from(self.index))


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One output, as the commit record has it.

    Attributes:
        name: What it is called.
        location: Full path or URI.
        sha256: Its identity.
        size: Bytes.
        serializer: What wrote it.
        kind: ``value``, ``partitioned`` or ``directory``.
        parts: How many parts it has; None for a value.
    """

    name: str
    location: str
    sha256: str
    size: int
    serializer: str
    kind: str
    parts: int | None


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """What the store tells of one execution.

    Attributes:
        node: The node's address.
        index: Which item of each loop around it; empty outside loops.
        function: What the node calls; empty when it is not known, or it runs others.
        location: The folder of its records; empty when it is not known.
        attempt: Which attempt counts; empty when none was committed.
        outputs: What that attempt wrote.
        extra: What else its record tells: try number, seconds.
        attempts: The attempts that left something, oldest first.
        inputs: Where its inputs come from; see `lineage.inputs_of`.
        readers: What reads its outputs; see `lineage.readers_of`.
        inside: The executions inside it: of a chunk, a group or a repetition.
        more_inside: Whether there are others.
        rerun: The command that runs it again, as a shell takes it; empty when it is not known.
        failure: What the user's code raised last, in one line; empty when it did not.
        problem: Why nothing can be told, in one line; empty when something can.
    """

    node: str
    index: str = ""
    function: str = ""
    location: str = ""
    attempt: str = ""
    outputs: Sequence[OutputRow] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    attempts: Sequence[dict[str, Any]] = ()
    inputs: Sequence[dict[str, Any]] = ()
    readers: Sequence[dict[str, Any]] = ()
    inside: Sequence[dict[str, Any]] = ()
    more_inside: bool = False
    rerun: str = ""
    failure: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return its JSON form."""
        return asdict(self)


def record_of(execution: Execution) -> NodeRecord:
    """Return what the store tells of an execution; values are not read."""
    node, index = execution.address, execution.index
    try:
        if is_chunk(index):
            return _of_chunk(execution)
        folder, path = cast("Store", execution.folder), execution.path
        location = execution.folder.join(path)
        described = failure_document(folder, path)
        commit = _commit(folder, path)
        found = NodeRecord(
            node,
            index,
            location=location,
            attempts=_attempts(execution.folder, path, commit, described),
            failure=_failure(described),
        )
    except DaggerProvidersError as error:
        return NodeRecord(node, index, problem=one_line(error))
    told: dict[str, Any] = {}
    if commit is not None:
        told |= {"attempt": commit.attempt, "extra": dict(commit.extra)}
        told["outputs"] = [_row(n, one, execution.folder) for n, one in commit.outputs.items()]
    return _with(found, told | _of_outline(execution))


def _with(record: NodeRecord, told: Mapping[str, Any]) -> NodeRecord:
    values = {name: getattr(record, name) for name in NodeRecord.__slots__}
    return NodeRecord(**{**values, **told})


def _commit(folder: Store, path: str) -> CommitRecord | None:
    try:
        return read_commit(folder, path)
    except MissingValueError:
        return None


def _failure(described: Mapping[str, Any] | None) -> str:
    if described is None:
        return ""
    kind, message = described.get("type", ""), described.get("message", "")
    return one_line(f"{kind}: {message}".removesuffix(": "), 2000)


def _row(name: str, artifact: Artifact, folder: Folder) -> OutputRow:
    return OutputRow(
        name,
        folder.join(artifact.uri),
        artifact.sha256,
        artifact.size,
        artifact.serializer.name,
        artifact.kind,
        None if artifact.parts is None else len(artifact.parts),
    )


def _attempts(
    folder: Folder,
    path: str,
    commit: CommitRecord | None,
    described: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """Return the attempts that left values, a record or a failure, the latest of them."""
    ids = {name.removeprefix("attempt-") for name in folder.list(path) if name[:8] == "attempt-"}
    failed = str(described.get("attempt", "")) if described else ""
    ids |= {one for one in (commit.attempt if commit else "", failed) if one}
    found = []
    for attempt in sorted(ids)[-_ATTEMPTS:]:
        state = "failed" if attempt == failed else "unfinished"
        if commit is not None and attempt == commit.attempt:
            state = "committed"
        found.append({"attempt": attempt, "state": state, "time": _time_of(attempt)})
    return found


def _time_of(attempt: str) -> str:
    """Return when an attempt was made, which its id tells."""
    try:
        nanoseconds = int(attempt.partition("-")[0], 16)
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return ""


def _of_outline(execution: Execution) -> dict[str, Any]:
    """Return what the pipeline's outline tells beside the record."""
    card, outline = execution.card, execution.outline
    if card is None or outline is None:
        return {}
    index = index_from(execution.index)
    told: dict[str, Any] = {"function": card.function}
    told["rerun"] = rerun_command(card, execution)
    try:
        told["inputs"] = inputs_of(card, index, execution.resolver)
        told["readers"] = readers_of(card.address, index, outline)
        if card.body:
            found = list(islice(_inside(card, index, execution), PAGE + 1))
            told |= {"inside": found[:PAGE], "more_inside": len(found) > PAGE}
    except DaggerProvidersError as error:
        told["problem"] = one_line(error)
    return told


def _of_chunk(execution: Execution) -> NodeRecord:
    """Return the record of a task that ran several items of a loop."""
    index, card = execution.index, execution.card
    told = f"This task ran the items {index} of its loop; each has a record of its own."
    location = execution.folder.join(f"nodes/{execution.address}")
    if card is None:
        return NodeRecord(execution.address, index, location=location, problem=told)
    found = islice(indices_in(index, card.within, execution.resolver), PAGE + 1)
    items = [_brief(execution, card.address, one) for one in found]
    return NodeRecord(
        execution.address,
        index,
        card.function,
        location,
        inside=items[:PAGE],
        more_inside=len(items) > PAGE,
        problem=told,
    )


def _inside(card: Card, index: Index, execution: Execution) -> Iterator[dict[str, Any]]:
    """Yield what a body has executed, or executes: turn by turn, item by item."""
    resolver = execution.resolver
    at = resolver.positions(card.within, index)
    for stage in card.body:
        try:
            for rest in resolver.indices(stage.space[len(card.within) :], at):
                for inner in stage.cards:
                    yield _brief(execution, inner.address, (*index, *rest))
        except StorageError:  # how many there are is not known yet, or not told by the store
            continue


def _brief(execution: Execution, address: str, index: Index) -> dict[str, Any]:
    """Return in short what became of an execution."""
    folder, path = cast("Store", execution.folder), node_path(address, index)
    told = {"address": address, "index": index_text(index), "state": "none", "seconds": None}
    commit = _commit(folder, path)
    described = failure_document(folder, path)
    if described is not None:
        told |= {"state": "failed", "failure": _failure(described)}
    if commit is not None and not (
        described and str(described.get("attempt", "")) > commit.attempt
    ):
        state = "left out" if "failed" in commit.extra else "success"
        told |= {"state": state, "seconds": commit.extra.get("seconds")}
    return told


def rerun_command(card: Card, execution: Execution) -> str:
    """Return the command that runs an execution again in its run, as a shell takes it.

    It names the pipeline's function where there is one, for people; else it holds the card.
    """
    outline = execution.outline
    if outline is None:
        return ""
    root = execution.code_root or outline.root
    options = ["--store", execution.folder.root, "--run-id", execution.folder.run_id]
    if execution.index:
        options += ["--index", execution.index]
    for name in parameters_of(card):
        if name in execution.parameters:
            options += ["--param", name, _json(execution.parameters[name])]
    if outline.function and card.function and not card.when:
        reference = outline.function
        if root and is_file_reference(reference):
            reference = f"{root.rstrip('/')}/{reference}"
        words = [reference, "--node-name", card.address, *options]
    else:
        words = ["--card", dumps(card), *options]
        words += ["--code-root", root] if root else []
    if sum(map(len, words)) > 2 * ARGV_LIMIT:
        return ""
    return "PYTHONHASHSEED=0 dagger-providers run-node " + shlex.join(words)


def _json(value: Any) -> str:
    from json import dumps as text

    return text(value, ensure_ascii=False, separators=(",", ":"))
