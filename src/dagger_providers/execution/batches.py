"""Units of work: some items of a group of steps, and what became of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias

from dagger_providers.card import Card
from dagger_providers.execution.context import (
    How,
    Index,
    RunContext,
    how_of,
    index_from,
    index_text,
)
from dagger_providers.execution.node import run_card
from dagger_providers.execution.tries import Tries
from dagger_providers.serializers.records import Record


class Batch(Record):
    """Some indices of a group; each goes through all of its steps before the next begins.

    Attributes:
        cards: The steps, in order.
        indices: Which items.
        env: For each card, environment variables of its process.
        skip: How many of its executions, in order, are done already.
        first: The number of the first try of the one after them.
    """

    cards: tuple[Card, ...]
    indices: tuple[Index, ...]
    env: tuple[dict[str, str], ...]
    skip: int = 0
    first: int = 1

    def execution(self, number: int) -> tuple[Card, Index]:
        """Return one of its executions, by its number in order."""
        item, step = divmod(number, len(self.cards))
        return self.cards[step], self.indices[item]


class Done(Record):
    """One item of one node that ran."""

    address: str
    index: str
    seconds: float
    how: How = ""


class Failure(Record):
    """One item of one node that failed, and the exception."""

    address: str
    index: Index
    error: BaseException

    @property
    def place(self) -> tuple[str, str]:
        """What failed, as address and index: what is inside the node, if that is known."""
        from dagger_providers.execution.failures import place_of

        return place_of(self.error) or (self.address, index_text(self.index))


class Outcome(Record):
    """What became of a batch, as far as it came."""

    done: tuple[Done, ...]
    failure: Failure | None = None


Tell: TypeAlias = Callable[[str, str, float | None, How], None]
"""Hears that an item of a node starts: its address, its index as text, None; or that one inside a
body is done: with its seconds, and how."""

Execute: TypeAlias = Callable[[Card, Index, Mapping[str, str], int], BaseException | How]
"""Runs one item of one node, with some environment variables and from some try on; returns the
exception that it failed with, else how it went."""


def run_batch(batch: Batch, tell: Tell, execute: Execute) -> Outcome:
    """Run a batch item by item, until one fails."""
    done: list[Done] = []
    first = batch.first
    for number in range(batch.skip, len(batch.indices) * len(batch.cards)):
        card, index = batch.execution(number)
        text = index_text(index)
        tell(card.address, text, None, "")
        started = time.perf_counter()
        ended = execute(card, index, batch.env[number % len(batch.cards)], first)
        if isinstance(ended, BaseException):
            return Outcome(tuple(done), Failure(card.address, index, ended))
        done.append(Done(card.address, text, time.perf_counter() - started, ended))
        first = 1
    return Outcome(tuple(done))


def execute_here(run: RunContext, watcher: Callable[[list[Any]], None] | None = None) -> Execute:
    """Return what runs items in this process.

    Args:
        run: The run that they belong to.
        watcher: Takes messages for the process that watches this one, if one does.
    """

    def execute(
        card: Card, index: Index, env: Mapping[str, str], first: int
    ) -> BaseException | How:
        tries = Tries(watcher, first) if watcher is not None else None
        try:
            with _environment(env):
                return how_of(run_card(card, index, run, tries=tries))
        except (Exception, SystemExit) as error:
            return error

    return execute


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    if not env:
        yield
        return
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Batches(Record):
    """A group's indices, split so that workers have several turns each, and long lists few trips.

    They are listed anew whenever they are walked: a long loop is never held whole.

    Attributes:
        cards: The steps, in order.
        indices: Lists the indices.
        env: For each card, environment variables of its process.
        items: How many indices there are.
        size: How many a batch has.
    """

    cards: tuple[Card, ...]
    indices: Callable[[], Iterator[Index]]
    env: tuple[dict[str, str], ...]
    items: int
    size: int

    def __len__(self) -> int:
        return len(range(0, self.items, self.size))

    def __iter__(self) -> Iterator[Batch]:
        indices = self.indices()
        while chosen := tuple(islice(indices, self.size)):
            yield Batch(self.cards, chosen, self.env)


def batches(
    cards: tuple[Card, ...],
    indices: Callable[[], Iterator[Index]],
    env: tuple[dict[str, str], ...],
    jobs: int,
) -> Batches:
    """Return the batches of a group for a number of workers; see `Batches`."""
    items = sum(1 for _ in indices())
    size = max(1, min(_LARGEST, items // (jobs * _TURNS)))
    return Batches(cards, indices, env, items, size)


_LARGEST = 256
_TURNS = 4


def batch_to_json(batch: Batch) -> dict[str, Any]:
    """Return a batch as JSON data for a worker."""
    from dagger_providers.card import dumps

    return {
        "cards": [dumps(card) for card in batch.cards],
        "indices": [index_text(index) for index in batch.indices],
        "env": list(batch.env),
        "skip": batch.skip,
        "first": batch.first,
    }


def batch_from_json(document: dict[str, Any]) -> Batch:
    """Read what `batch_to_json` wrote."""
    from dagger_providers.card import loads

    cards = tuple(loads(text) for text in document["cards"])
    indices = tuple(index_from(text) for text in document["indices"])
    env = tuple(document["env"])
    return Batch(cards, indices, env, document["skip"], document["first"])
