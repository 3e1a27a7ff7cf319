"""A run and its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from dagger_providers.errors import one_line
from dagger_providers.storage import Store, canonical_json, read_document

FORMAT = "dagger-providers.run"
MAJOR = 1
FILE_NAME = "run.json"

Status: TypeAlias = Literal["running", "succeeded", "failed"]


@dataclass(slots=True)
class NodeState:
    """How far one node is.

    Attributes:
        items: How often it runs; None while that is not known.
        done: How many of these are done.
        failed: Whether one failed.
        seconds: The time its items took, added up.
        cached: How many of the items done were taken from the cache.
        left_out: How many of the items done failed, which the task allows.
        over: Whether the run is over, so that nothing more is done.
    """

    items: int | None = None
    done: int = 0
    failed: bool = False
    seconds: float = 0.0
    cached: int = 0
    left_out: int = 0
    over: bool = False

    def count(self, seconds: float, how: str) -> None:
        """Count an item that is done."""
        self.done += 1
        self.seconds += seconds
        self.cached += how == "cached"
        self.left_out += how == "left out"

    @property
    def status(self) -> str:
        """``waiting``, ``running``, ``succeeded``, ``failed``, ``skipped``: it had no item.

        When the run is over, ``unfinished``: not all of its items ran, or none did.
        """
        if self.failed:
            return "failed"
        if self.items == 0:
            return "skipped"
        if self.items is not None and self.done >= self.items:
            return "succeeded"
        if self.over:
            return "unfinished"
        return "running" if self.done else "waiting"


@dataclass(slots=True)
class Run:
    """One run of a pipeline.

    Attributes:
        run_id: Its name in the store.
        pipeline: The pipeline's name.
        runtime: What ran it.
        folder: The run's folder, a path or URI.
        status: ``running``, ``succeeded`` or ``failed``.
        parameters: The JSON text of each parameter.
        nodes: How far each node is, by address.
        outputs: What the pipeline gave back, by name; read from the store when asked for.
        identities: The sha256 of each output.
        places: Where an output lies in the run's folder, for those that a node wrote whole.
        failure: Of a failed run, of the first failure: node, address, index, type, message,
            traceback, and the exit status that a command ends with by it.
        started: When it began, as ISO 8601.
        finished: When it ended; empty while it runs, and of an engine's run.
        engine: Of a run that an orchestrator schedules: what it calls the run, and the URL of its
            page.
        card: Of such a run: the JSON of a card that tells which nodes it has; their states are
            then read from the store when the record is.
        code_root: Of such a run: the folder that its ``file.py:name`` functions were relative to;
            empty where there are none.
    """

    run_id: str
    pipeline: str
    runtime: str
    folder: str
    status: Status = "running"
    parameters: Mapping[str, str] = field(default_factory=dict)
    nodes: dict[str, NodeState] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    failure: Mapping[str, Any] = field(default_factory=dict)
    started: str = ""
    finished: str = ""
    engine: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    code_root: str = ""

    @property
    def record(self) -> str:
        """Where the run record lies."""
        return f"{self.folder}/{FILE_NAME}"

    @property
    def reason(self) -> str:
        """What went wrong first, in one line: ``ValueError: no such flight``; empty if nothing."""
        if not self.failure:
            return ""
        told = f"{self.failure['type']}: {self.failure['message']}"
        return one_line(told.removesuffix(": "), 2000)

    def end(self) -> None:
        """Note that it is over, and with it each node."""
        self.finished = now()
        for node in self.nodes.values():
            node.over = True

    def __repr__(self) -> str:
        return f"<run {self.run_id}: {self.status}, {self.record}>"


def now() -> str:
    """Return the time as ISO 8601, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def claim(store: Store, run: Run) -> bool:
    """Write the first record of a run to its folder, and say whether there was none."""
    return store.write_new(FILE_NAME, _text(run))


def write_record(store: Store, run: Run) -> None:
    """Write a run's record to its folder."""
    store.write_atomic(FILE_NAME, _text(run))


def _text(run: Run) -> bytes:
    # A parameter may be a long list: its text goes in as it is, and is never data here.
    parameters = (canonical_json(name) + b":" + t.encode() for name, t in run.parameters.items())
    text = canonical_json(_described(run))[:-1]
    return text + b',"parameters":{' + b",".join(parameters) + b"}}"


def _described(run: Run) -> dict[str, Any]:
    """Return a run's record as JSON data, without the parameters."""
    import platform

    from dagger_providers import __version__

    of_engine = {"engine": dict(run.engine), "card": dict(run.card)} if run.engine else {}
    of_code = {"code_root": run.code_root} if run.code_root else {}
    return {
        "format": f"{FORMAT}/{MAJOR}",
        **of_engine,
        **of_code,
        "run_id": run.run_id,
        "pipeline": run.pipeline,
        "runtime": run.runtime,
        "status": run.status,
        "started": run.started,
        "finished": run.finished,
        "nodes": {address: _node_json(node) for address, node in run.nodes.items()},
        "outputs": {
            name: {"sha256": sha, "uri": run.places.get(name)}
            for name, sha in run.identities.items()
        },
        "failure": dict(run.failure) or None,
        "versions": {"python": platform.python_version(), "dagger-providers": __version__},
    }


def _node_json(node: NodeState) -> dict[str, Any]:
    document = {
        "status": node.status,
        "items": node.items,
        "done": node.done,
        "seconds": round(node.seconds, 6),
    }
    told = {"cached": node.cached, "left_out": node.left_out}
    return document | {name: count for name, count in told.items() if count}


def read_record(store: Store) -> dict[str, Any]:
    """Read the record in a run's folder.

    Raises:
        MissingValueError: There is none.
        FormatError: It is of a later major version.
    """
    return read_document(store, FILE_NAME, FORMAT, MAJOR)


class LazyOutputs(Mapping[str, Any]):
    """A pipeline's outputs, each read from the store when it is asked for."""

    def __init__(self, read: Mapping[str, Any]) -> None:
        self._read = dict(read)
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            self._values[name] = self._read[name]()
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def __repr__(self) -> str:
        return f"<outputs: {', '.join(self._read) or 'none'}>"
