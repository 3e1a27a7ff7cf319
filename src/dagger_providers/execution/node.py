"""Run one card: read its inputs, call its function, write and commit its outputs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagger_providers.card import Card, OutputCard
from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import (
    argument_names,
    load,
    plain_function,
    signature_text,
)
from dagger_providers.errors import CodeMismatchError, SerializationError, UsageError
from dagger_providers.execution.context import (
    Index,
    RunContext,
    index_text,
    node_path,
    where,
)
from dagger_providers.execution.resolve import Resolver
from dagger_providers.execution.tries import Tries, time_limit, tried
from dagger_providers.execution.values import take
from dagger_providers.serializers import AnySerializer, is_lazy_reader
from dagger_providers.serializers.records import EMPTY, Record, replace
from dagger_providers.serializers.typeforms import origin_of, unwrap
from dagger_providers.storage import (
    Artifact,
    CommitRecord,
    Partitions,
    new_attempt_id,
    read_commit,
    write_commit,
    write_partitions,
    write_value,
)


class Locations(Record):
    """Paths or URIs that stand in for the run's store.

    Attributes:
        inputs: Where to read arguments from, by name; of a list, where each item lies.
        outputs: Where to write outputs to, by name.
        expect: The sha256 that an input must have, by name.
        trust: Inputs that may be read though reading them runs code: pickles.
        kinds: What an engine takes outputs for that are parameters of its own; see
            `serializers.engine_text`.
    """

    inputs: Mapping[str, str | tuple[str, ...]] = EMPTY
    outputs: Mapping[str, str] = EMPTY
    expect: Mapping[str, str] = EMPTY
    trust: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = EMPTY


NOWHERE = Locations()


def run_card(
    card: Card,
    index: Index,
    run: RunContext,
    locations: Locations = NOWHERE,
    tries: Tries | None = None,
) -> CommitRecord:
    """Run one node once, with its retries, and commit what it gives.

    Args:
        card: What to run.
        index: Which item of each loop around it.
        run: The run that it belongs to.
        locations: Plain places to read arguments from and write outputs to instead.
        tries: Where to begin, in a process that another one watches. Without it a node that has a
            timeout runs in a copy of this process, which can be ended.

    Returns:
        The record as committed; a record of nothing for outputs at plain locations only, and for
        the card of a hook that does not apply.

    Raises:
        UsageError: An input or the function does not exist.
        CodeMismatchError: The function takes other arguments than the card says.
        StorageError: A value cannot be read or written.
        Exception: What the user's function raised in its last try, with a note where.
    """
    _check_names(card, locations)
    if not (locations.inputs or _applies(card, index, run)):
        return CommitRecord(card.address, index, new_attempt_id())
    if card.policy.timeout is not None and tries is None:
        return _run_apart(card, index, run, locations)
    path = node_path(card.address, index)
    try:
        record = _executed(card, index, run, locations, tries)
    except (Exception, SystemExit) as error:
        _tell(card, index, error)
        if not locations.outputs:
            # Only a failure pays for the import.
            from dagger_providers.execution.failures import write_failure

            write_failure(run.store, path, error, run.started)
        if not card.allow_failure or isinstance(error, UsageError):
            raise
        record = _failed(card, index, error)
    if record.outputs or not locations.outputs:
        write_commit(run.store, path, record)
        run.remember(path, record)
    return record


def _applies(card: Card, index: Index, run: RunContext) -> bool:
    if not card.when:  # most cards are of nodes
        return True
    from dagger_providers.execution.hooks import applies

    return applies(card, index, Resolver(run, card.axes))


def _executed(
    card: Card, index: Index, run: RunContext, locations: Locations, tries: Tries | None
) -> CommitRecord:
    if card.body:
        return _body(card, index, run)
    if not card.cache or not run.caches or locations.inputs or locations.outputs:
        return _tried(card, index, run, locations, tries)
    from dagger_providers.execution.caching import through_cache

    def execute() -> CommitRecord:
        return _tried(card, index, run, locations, tries)

    return through_cache(card, index, run, load_function(card, run.root), execute)


def _tell(card: Card, index: Index, error: BaseException) -> None:
    """Note on an exception where it was raised: what is inside a body goes before the body."""
    from dagger_providers.execution.failures import mark, place_of

    error.add_note(f"in node {where(card, index)}")
    if not card.body or place_of(error) is None:
        mark(error, card.address, index_text(index))


def _body(card: Card, index: Index, run: RunContext) -> CommitRecord:
    # Most cards have a function.
    from dagger_providers.execution.bodies import run_body

    return run_body(card, index, run, run_card)


def _run_apart(card: Card, index: Index, run: RunContext, locations: Locations) -> CommitRecord:
    # Only a timeout pays for the import.
    from dagger_providers.execution.apart import run_apart

    what = where(card, index)
    if run.store.uri.startswith("memory://"):
        raise UsageError(
            f"{what} has a timeout, which takes a process of its own, and memory:// lives in "
            "one: use a folder"
        )
    run_apart(what, card.policy, lambda tries: run_card(card, index, run, locations, tries))
    if locations.outputs and not set(card.outputs) - set(locations.outputs):
        return CommitRecord(card.address, index, "")
    path = node_path(card.address, index)
    record = read_commit(run.store, path)
    run.remember(path, record)
    return record


def _tried(
    card: Card, index: Index, run: RunContext, locations: Locations, tries: Tries | None
) -> CommitRecord:
    """Run a card's function, and when all tries failed, the one that stands in."""
    resolver = Resolver(run, card.axes)
    at = resolver.positions(card.within, index)
    function = load_function(card, run.root)
    execution = _Execution(card, index, run, locations, function, resolver, tries)
    policy, what = card.policy, where(card, index)
    first, last = tries.first if tries else 1, policy.retries + 1
    try:
        return tried(lambda number: execution.once(at, number), policy, what, first=first)
    except (Exception, SystemExit) as error:
        if not card.on_failure or isinstance(error, UsageError) or first > last + 1:
            raise
        return execution.recovered(at, error)


def _failed(card: Card, index: Index, error: BaseException) -> CommitRecord:
    """Return the record of a failure that is allowed: it has no outputs."""
    from logging import getLogger

    from dagger_providers.execution.failures import summary

    told = summary(error)
    getLogger("dagger_providers").warning("%s failed and is left out: %s", where(card, index), told)
    return CommitRecord(card.address, index, new_attempt_id(), {}, {"failed": told})


def _check_names(card: Card, given: Locations) -> None:
    if given is NOWHERE:
        return
    wanted = (
        ("input", given.inputs, card.inputs),
        ("output", given.outputs, card.outputs),
        ("location of an input", (*given.expect, *given.trust), given.inputs),
    )
    for kind, names, known in wanted:
        for name in names:
            if name not in known:
                has = ", ".join(known) or "none"
                raise UsageError(f"node {card.address!r} has no {kind} {name!r}; it has: {has}")


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


def _handle(value: Any, annotation: Any) -> Any:
    """Return a list as its reader's annotation has it: with `next` for an iterator."""
    if origin_of(unwrap(annotation)) is not Iterator or isinstance(value, tuple):
        return value
    from dagger_providers.execution.streams import Stream

    return Stream(value)


class _Execution(Record):
    """One node at one index, about to run."""

    card: Card
    index: Index
    run: RunContext
    locations: Locations
    function: Callable[..., Any]
    resolver: Resolver
    tries: Tries | None = None
    given: Mapping[str, Any] = EMPTY

    def once(self, at: dict[str, int], number: int) -> CommitRecord:
        """Make one try, and return the record of it, to be committed."""
        started = time.time()
        with self._limit(number):
            result = self.function(**self._arguments(at), **self.given)
            identifier = new_attempt_id()
            if not self.card.outputs and isinstance(result, Iterator):
                deque(result, maxlen=0)  # nobody reads it, and yet it has to run
            outputs, located = self._written(result, f"attempt-{identifier}")
        extra: dict[str, Any] = {"try": number, "seconds": round(time.time() - started, 6)}
        if located:
            extra["located"] = located
        return CommitRecord(self.card.address, self.index, identifier, outputs, extra)

    def recovered(self, at: dict[str, int], error: BaseException) -> CommitRecord:
        """Run the function that stands in after the last try, and return the record of it.

        It gets those of the arguments that it has names for, and the exception as ``error``.
        """
        from dagger_providers.execution.failures import summary

        function = plain_function(load(self.card.on_failure, self.run.root))
        names = argument_names(function)
        bound = {name: b for name, b in self.card.inputs.items() if name in names}
        stand_in = replace(
            self,
            card=replace(self.card, inputs=bound),
            function=function,
            given={"error": error} if "error" in names else EMPTY,
        )
        record = stand_in.once(at, self.card.policy.retries + 2)
        return replace(record, extra={**record.extra, "try": 1, "recovered": summary(error)})

    @contextmanager
    def _limit(self, number: int) -> Iterator[None]:
        """Keep the time of a try, and tell who watches."""
        seconds = self.card.policy.timeout
        if seconds is None or self.tries is None:
            yield
            return
        what = where(self.card, self.index)
        self.tries.tell(["try", number, seconds, what])
        try:
            with time_limit(seconds, what):
                yield
        finally:
            self.tries.tell(["tried"])

    def _arguments(self, at: dict[str, int]) -> dict[str, Any]:
        annotations = hints(self.function)
        arguments: dict[str, Any] = {}
        for name, binding in self.card.inputs.items():
            annotation = annotations.get(name)
            lazy = annotation is not None and is_lazy_reader(annotation)
            if name in self.locations.inputs:
                value = self._located(name, annotation, lazy)
            else:
                value = self.resolver.value(binding, at, annotation, lazy=lazy)
            arguments[name] = _handle(value, annotation) if lazy else value
        return arguments

    def _located(self, name: str, annotation: Any, lazy: bool) -> Any:
        from dagger_providers.card.inputs import input_spec
        from dagger_providers.storage import read_location

        spec, depth, partitioned = input_spec(self.card, name)
        location, given = self.locations.inputs[name], self.locations
        expected = given.expect.get(name)
        if spec.name == "pickle" and expected is None and name not in given.trust:
            raise UsageError(
                f"input {name!r} is a pickle, and reading one runs the code in it: add --trust "
                f"{name} if you trust whoever wrote {location}, or --expect {name} sha256:HEX"
            )
        restores = annotation if spec.annotation is None and spec.name == "json" else None
        serializer = self.resolver.serializer(spec, partitioned=partitioned, otherwise=restores)
        if isinstance(location, tuple):
            # Few lists come in pieces from somewhere else.
            from dagger_providers.execution.places import Places

            every = Places(location, serializer)
            return every if lazy else list(every)
        value = read_location(location, serializer, depth=depth, expect=expected)
        return list(value) if isinstance(value, Partitions) and not lazy else value

    def _written(
        self, result: Any, attempt: str
    ) -> tuple[dict[str, Artifact], dict[str, dict[str, Any]]]:
        """Write the outputs: return those in the store, and what to tell of the others."""
        folder = f"{node_path(self.card.address, self.index)}/{attempt}"
        written: dict[str, Artifact] = {}
        located: dict[str, dict[str, Any]] = {}
        for name, output in self.card.outputs.items():
            value = self._part(result, name, output)
            try:
                if name in self.locations.outputs:
                    made = self._write_at(name, value, output)
                    located[name] = {
                        "sha256": made.sha256,
                        "serializer": output.serializer.name,
                        "size": made.size,
                    }
                else:
                    written[name] = self._write(f"{folder}/{name}", value, output)
            except SerializationError as error:
                raise self._unwritable(name, error) from (error.__cause__ or error)
        return written, located

    def _part(self, result: Any, name: str, output: OutputCard) -> Any:
        try:
            return take(result, output.path)
        except UsageError as error:  # here it is the user's result that is wrong
            raise self._unwritable(name, error) from None

    def _unwritable(self, name: str, error: Exception) -> SerializationError:
        return SerializationError(f"{where(self.card, self.index)}, output {name!r}: {error}")

    def _write(self, path: str, value: Any, output: OutputCard) -> Artifact:
        write = write_partitions if output.partitioned else write_value
        return write(self.run.store, path, value, self._serializer(output), output.serializer)

    def _write_at(self, name: str, value: Any, output: OutputCard) -> Artifact:
        from dagger_providers.storage import write_location

        location, kind = self.locations.outputs[name], self.locations.kinds.get(name)
        serializer: Any = self._serializer(output)
        depth = int(output.partitioned)
        if kind is not None:
            from dagger_providers.serializers.engine_text import EngineText

            serializer, depth = EngineText(serializer, kind, depth), 0
        return write_location(location, value, serializer, depth=depth)

    def _serializer(self, output: OutputCard) -> AnySerializer:
        return self.resolver.serializer(output.serializer, partitioned=output.partitioned)
