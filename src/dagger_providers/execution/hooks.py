"""What a hook is told: the record of its pipeline's part of a run, read from the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagger_providers.card import Card, Item, ListOf, Parameter, RunRecord, Told, Value
from dagger_providers.card.bindings import Binding
from dagger_providers.errors import DaggerProvidersError, MissingValueError
from dagger_providers.execution.context import Index, index_text, node_path
from dagger_providers.execution.failures import describe, failure_document
from dagger_providers.execution.loops import Positions
from dagger_providers.serializers.records import Record

if TYPE_CHECKING:
    from dagger_providers.execution.resolve import Resolver

NAMES = ("on_success", "on_failure", "on_exit")


def applies(card: Card, index: Index, resolver: Resolver) -> bool:
    """Say whether a card is to be run: one of a hook depends on what became of its pipeline."""
    if card.when not in {"on_success", "on_failure"}:
        return True
    record = next(source for source in card.inputs.values() if isinstance(source, RunRecord))
    reader = _Reader(resolver, record.nodes)
    return reader.is_done(record.prefix, card.within, index) == (card.when == "on_success")


def record_of(record: RunRecord, at: Positions, resolver: Resolver) -> dict[str, Any]:
    """Return the record that a hook gets, as JSON data.

    Args:
        record: Which part of the run.
        at: The current items of the loops around the pipeline.
        resolver: Reads the run.
    """
    index = tuple(at[axis] for axis in record.within if not resolver.axes[axis].is_guard)
    reader = _Reader(resolver, record.nodes)
    states = {told.address: reader.state(told, record.within, index) for told in record.nodes}
    failures = [failure for state in states.values() for failure in state.failures]
    done = all(state.status in _GOOD for state in states.values())
    return {
        "run_id": resolver.run.run_id,
        "pipeline": record.pipeline,
        "index": index_text(index),
        "status": "succeeded" if done else "failed",
        "failure": dict(min(failures, key=lambda one: one.time).told) if failures else None,
        "nodes": {
            address: {"status": state.status, "done": state.done, "items": state.items}
            for address, state in states.items()
        },
        "parameters": _parameters(record.parameters, at, resolver),
    }


class _Failed(Record):
    """One execution that failed, and when."""

    time: str
    told: Mapping[str, str]


class _State(Record):
    """What became of one node.

    Attributes:
        items: How many executions were asked for; None when that is not known.
        done: How many of these are done.
        failures: Those that failed.
    """

    items: int | None
    done: int
    failures: tuple[_Failed, ...]

    @property
    def status(self) -> str:
        if self.failures:
            return "failed"
        if self.items is None or self.done < self.items:
            return "unfinished"
        return "succeeded" if self.items else "skipped"


_GOOD = frozenset({"succeeded", "skipped"})

_LATEST = "~"
"""Sorts after the id of any attempt."""


class _Reader:
    """Reads what became of some nodes."""

    def __init__(self, resolver: Resolver, nodes: tuple[Told, ...]) -> None:
        self.resolver = resolver
        self.nodes = nodes

    def is_done(self, prefix: str, within: tuple[str, ...], index: Index) -> bool:
        """Say whether all that a pipeline asks for is done; its own hooks do not count."""
        own = {f"{prefix}{name}" for name in NAMES}
        return all(
            self.state(told, within, index).status in _GOOD
            for told in self.nodes
            if told.address.startswith(prefix) and told.address not in own
        )

    def state(self, told: Told, within: tuple[str, ...], index: Index) -> _State:
        """Return what became of a node, at an index of the space around it."""
        items: int | None = 0
        done = 0
        failures = []
        try:
            for own in self._asked(told, within, index):
                items = (items or 0) + 1
                attempt, failure = self._last(told.address, own)
                if failure is not None:
                    failures.append(failure)
                elif attempt:
                    done += 1
        except MissingValueError:  # what a loop runs over has not come to be
            items = None
        except DaggerProvidersError as error:
            items = None
            failures.append(_failed(told.address, (), _LATEST, describe(error)))
        return _State(items, done, tuple(failures))

    def _asked(self, told: Told, within: tuple[str, ...], index: Index) -> Iterator[Index]:
        """Yield the indices at which a node is asked for."""
        at = self.resolver.positions(within, index)
        rest = tuple(axis for axis in told.space if axis not in within)
        for inner in self.resolver.indices(rest, at):
            own = (*index, *inner)
            if told.when in {"on_success", "on_failure"}:
                prefix = told.address.removesuffix(told.when)
                if self.is_done(prefix, told.space, own) != (told.when == "on_success"):
                    continue
            yield own

    def _last(self, address: str, index: Index) -> tuple[str, _Failed | None]:
        """Return which attempt at an execution counts, and how it failed since."""
        path = node_path(address, index)
        try:
            attempt = self.resolver.run.commit_at(path).attempt
        except MissingValueError:
            attempt = ""
        document = failure_document(self.resolver.run.store, path)
        time = str(document.get("attempt", "")) if document else ""
        if document is None or (attempt and time < attempt):
            return attempt, None
        return attempt, _failed(address, index, time, document)


def _failed(address: str, index: Index, time: str, described: Mapping[str, Any]) -> _Failed:
    text = index_text(index)
    return _Failed(
        time,
        {
            "node": f"{address}[{text}]" if text else address,
            "address": address,
            "index": text,
            "type": described["type"],
            "message": described["message"],
        },
    )


# Parameters


def _parameters(
    parameters: Mapping[str, Binding], at: Positions, resolver: Resolver
) -> dict[str, Any]:
    return {name: _data(binding, at, resolver) for name, binding in parameters.items()}


def _data(binding: Binding, at: Positions, resolver: Resolver) -> Any:
    """Return a value that the run was given, as the JSON data that it was given as."""
    import json

    match binding:
        case Value(data):
            return data
        case Parameter(name, _, path):
            found = json.loads(resolver.run.parameters[name])
        case ListOf(items, path):
            found = [_data(item, there, resolver) for item, there in resolver.elements(items, at)]
        case Item(loop, path):
            over = resolver.axes[loop].over
            assert over is not None  # noqa: S101 - planning asks for no other
            found = _data(over, at, resolver)[at[loop]]
        case _:
            raise AssertionError(binding)
    for _, name in path:
        found = found[name]
    return found
