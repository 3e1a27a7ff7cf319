"""Run one card: read its inputs, call its function, write and commit its outputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagger_providers.card import Card, OutputCard
from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import load, plain_function, signature_text
from dagger_providers.errors import (
    CodeMismatchError,
    SerializationError,
    UsageError,
)
from dagger_providers.execution.context import Index, RunContext, index_text, node_path
from dagger_providers.execution.resolve import Resolver, take
from dagger_providers.serializers import is_lazy_reader
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage import (
    Artifact,
    CommitRecord,
    Partitions,
    new_attempt_id,
    read_location,
    write_commit,
    write_location,
    write_partitions,
    write_value,
)


class Locations(Record):
    """Paths or URIs that stand in for the run's store.

    Attributes:
        inputs: Where to read arguments from, by name.
        outputs: Where to write outputs to, by name.
        expect: The sha256 that an input must have, by name.
    """

    inputs: Mapping[str, str] = EMPTY
    outputs: Mapping[str, str] = EMPTY
    expect: Mapping[str, str] = EMPTY


NOWHERE = Locations()


def run_card(
    card: Card, index: Index, run: RunContext, locations: Locations = NOWHERE
) -> CommitRecord:
    """Run one node once, with its retries, and commit what it gives.

    Args:
        card: What to run.
        index: Which item of each loop around it.
        run: The run that it belongs to.
        locations: Plain places to read arguments from and write outputs to instead.

    Returns:
        The record as committed; for outputs at plain locations only, a record of nothing.

    Raises:
        UsageError: An input or the function does not exist.
        CodeMismatchError: The function takes other arguments than the card says.
        StorageError: A value cannot be read or written.
        Exception: What the user's function raised in its last try, with a note where.
    """
    function = load_function(card, run.root)
    resolver = Resolver(run, card.axes)
    at = resolver.positions(card.within, index)
    execution = _Execution(card, index, run, locations, function, resolver)
    try:
        record = execution.tried(at)
    except Exception as error:
        from dagger_providers.execution.failures import write_failure

        if not locations.outputs:
            write_failure(run.store, node_path(card.address, index), error)
        error.add_note(f"in node {where(card, index)}")
        raise
    if record.outputs or not locations.outputs:
        write_commit(run.store, node_path(card.address, index), record)
    return record


def where(card: Card, index: Index) -> str:
    """Return a node's address with its index, as messages show it: ``fit[3]``."""
    return f"{card.address}[{index_text(index)}]" if index else card.address


def load_function(card: Card, root: str | None) -> Callable[..., Any]:
    """Import a card's function and check that it is the one the card was made for.

    Raises:
        UsageError: There is no such function.
        CodeMismatchError: It takes other arguments.
    """
    function = plain_function(load(card.function, root))
    found = signature_text(function)
    if card.signature and found != card.signature:
        raise CodeMismatchError(
            f"{card.function} takes {found}, the manifest says {card.signature}: the image holds "
            "other code than the manifest; build both from the same source"
        )
    return function


class _Execution(Record):
    """One node at one index, about to run."""

    card: Card
    index: Index
    run: RunContext
    locations: Locations
    function: Callable[..., Any]
    resolver: Resolver

    def tried(self, at: dict[str, int]) -> CommitRecord:
        """Try as often as the policy says, and return the record of the try that worked."""
        policy = self.card.policy
        if not policy.retries:
            return self._attempt(at, 1)
        # Only tasks with retries pay for the import.
        from tenacity import Retrying, retry_if_not_exception_type, stop_after_attempt
        from tenacity.wait import wait_exponential

        tries = Retrying(
            stop=stop_after_attempt(policy.retries + 1),
            wait=wait_exponential(policy.retry_delay, exp_base=policy.retry_backoff),
            retry=retry_if_not_exception_type((UsageError, CodeMismatchError)),
            reraise=True,
        )
        for number, attempt in enumerate(tries, start=1):
            with attempt:
                record = self._attempt(at, number)
        return record

    def _attempt(self, at: dict[str, int], number: int) -> CommitRecord:
        started = time.time()
        with _time_limit(self.card.policy.timeout, where(self.card, self.index)):
            result = self.function(**self._arguments(at))
            identifier = new_attempt_id()
            outputs = self._written(result, f"attempt-{identifier}")
        extra: dict[str, Any] = {"try": number, "seconds": round(time.time() - started, 6)}
        return CommitRecord(self.card.address, self.index, identifier, outputs, extra)

    def _arguments(self, at: dict[str, int]) -> dict[str, Any]:
        annotations = hints(self.function)
        arguments: dict[str, Any] = {}
        for name, binding in self.card.inputs.items():
            annotation = annotations.get(name)
            lazy = annotation is not None and is_lazy_reader(annotation)
            if name in self.locations.inputs:
                arguments[name] = self._located(name, annotation, lazy)
            else:
                arguments[name] = self.resolver.value(binding, at, annotation, lazy=lazy)
        return arguments

    def _located(self, name: str, annotation: Any, lazy: bool) -> Any:
        from dagger_providers.execution.inputs import input_spec

        spec, depth = input_spec(self.card, name)
        restores = annotation if spec.annotation is None and spec.name == "json" else None
        serializer = self.resolver.serializer(spec, partitioned=depth > 0, otherwise=restores)
        location = self.locations.inputs[name]
        expected = self.locations.expect.get(name)
        value = read_location(location, serializer, depth=depth, expect=expected)
        return list(value) if isinstance(value, Partitions) and not lazy else value

    def _written(self, result: Any, attempt: str) -> dict[str, Artifact]:
        folder = f"{node_path(self.card.address, self.index)}/{attempt}"
        written: dict[str, Artifact] = {}
        for name, output in self.card.outputs.items():
            try:
                value = take(result, output.path)
                if name in self.locations.outputs:
                    self._write_at(self.locations.outputs[name], value, output)
                else:
                    written[name] = self._write(f"{folder}/{name}", value, output)
            except (SerializationError, UsageError) as error:
                raise type(error)(
                    f"{where(self.card, self.index)}, output {name!r}: {error}"
                ) from (error.__cause__ or error)
        return written

    def _write(self, path: str, value: Any, output: OutputCard) -> Artifact:
        serializer = self.resolver.serializer(output.serializer, partitioned=output.partitioned)
        write = write_partitions if output.partitioned else write_value
        return write(self.run.store, path, value, serializer, output.serializer)

    def _write_at(self, location: str, value: Any, output: OutputCard) -> None:
        serializer = self.resolver.serializer(output.serializer, partitioned=output.partitioned)
        write_location(location, value, serializer, depth=int(output.partitioned))


@contextmanager
def _time_limit(seconds: float | None, what: str) -> Iterator[None]:
    """Interrupt the body after some seconds; only a process's main thread can be."""
    if seconds is None:
        yield
        return
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        raise UsageError(f"{what} has a timeout, which threads cannot keep; use processes")

    def stop(*_: object) -> None:
        raise TimeoutError(f"{what} took longer than its timeout of {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


