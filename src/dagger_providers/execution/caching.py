"""Take a node's result from an earlier run that made it by the same code from the same inputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from logging import getLogger
from typing import Any

from dagger_providers.card import Card
from dagger_providers.errors import (
    CorruptValueError,
    FormatError,
    MissingValueError,
    StorageError,
    UsageError,
    one_line,
)
from dagger_providers.execution.context import Index, RunContext, where
from dagger_providers.execution.keys import key_of
from dagger_providers.serializers.records import replace
from dagger_providers.storage import Artifact, CommitRecord, Store, new_attempt_id, open_store
from dagger_providers.storage.cache import (
    Entry,
    read_entry,
    relative_to_run,
    relative_to_store,
    verify,
    write_entry,
)

VARIABLE = "DAGGER_CACHE"
"""The environment variable that turns the cache off."""


def is_off() -> bool:
    """Say whether the environment forbids to read and to write the cache.

    Raises:
        UsageError: The variable says neither ``on`` nor ``off``.
    """
    text = os.environ.get(VARIABLE, "").strip().lower() or "on"
    if text not in {"on", "off"}:
        raise UsageError(f"{VARIABLE} must be on or off, got {text!r:.60}")
    return text == "off"


def through_cache(
    card: Card,
    index: Index,
    run: RunContext,
    function: Callable[..., Any],
    execute: Callable[[], CommitRecord],
) -> CommitRecord:
    """Return the record of a result that is in the cache, else of an execution that is put there.

    What stood in for the result of a task that failed is not put there.

    Args:
        card: What to run; it has a ``cache``.
        index: Which item of each loop around it.
        run: The run that it belongs to.
        function: The card's function.
        execute: Runs it.

    Raises:
        Exception: What the execution raised.
    """
    key = None if is_off() else key_of(card, index, run, function)
    if key is None:
        return execute()
    place = _Place(card, index, run, key)
    entry = place.entry()
    if entry is not None:
        return place.hit(entry)
    record = execute()
    if "recovered" not in record.extra:
        place.keep(record)
    return record


class _Place:
    """Where the result of one execution is in the cache, if it is there."""

    def __init__(self, card: Card, index: Index, run: RunContext, key: str) -> None:
        self.card = card
        self.index = index
        self.run = run.run_id
        self.key = key
        self.store: Store = open_store(run.store.uri.removesuffix(f"/runs/{self.run}"))
        self._is_of_no_use = False

    def entry(self) -> Entry | None:
        """Return the entry, its data verified; one of no use is told, and is none."""
        try:
            entry = read_entry(self.store, self.key)
        except MissingValueError:
            return None
        except (CorruptValueError, FormatError) as error:
            self._miss(error)
            return None
        except StorageError as error:
            self._warn("the cache cannot be read", error)
            return None
        try:
            self._check(entry)
        except (MissingValueError, CorruptValueError) as error:
            self._miss(error)
            return None
        except StorageError as error:
            self._warn("what is in the cache cannot be read", error)
            return None
        return entry

    def _check(self, entry: Entry) -> None:
        kinds = {name: one.kind == "partitioned" for name, one in entry.outputs.items()}
        expected = {name: one.partitioned for name, one in self.card.outputs.items()}
        if kinds != expected:
            raise CorruptValueError(f"the entry of key {self.key} has other outputs than the node")
        for artifact in entry.outputs.values():
            verify(self.store, artifact)

    def _miss(self, error: Exception) -> None:
        self._is_of_no_use = True
        self._warn("what is in the cache is of no use", error)

    def _warn(self, what: str, error: Exception) -> None:
        place = where(self.card, self.index)
        getLogger("dagger_providers").warning("%s: %s: %s", place, what, one_line(error))

    def hit(self, entry: Entry) -> CommitRecord:
        """Return the record of an entry's result, as one of this run."""
        outputs = {name: self._own(name, entry.outputs[name]) for name in self.card.outputs}
        extra = {"cached": {"run": entry.run, "key": self.key}}
        return CommitRecord(self.card.address, self.index, new_attempt_id(), outputs, extra)

    def _own(self, name: str, artifact: Artifact) -> Artifact:
        """Name an artifact as this run does: how it is read, its card says and no entry."""
        serializer = self.card.outputs[name].serializer
        return replace(relative_to_run(artifact, self.run), serializer=serializer)

    def keep(self, record: CommitRecord) -> None:
        """Put a result into the cache."""
        outputs = {n: relative_to_store(one, self.run) for n, one in record.outputs.items()}
        card = self.card
        entry = Entry(self.key, self.run, card.address, self.index, card.function, outputs)
        try:
            write_entry(self.store, entry, replace=self._is_of_no_use)
        except StorageError as error:  # the result itself is there
            self._warn("its result could not be put into the cache", error)
