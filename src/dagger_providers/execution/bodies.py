"""Run the cards of a body in one process: a group's once, a repetition's turn by turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from dagger_providers.card import Card, Stage, Turns
from dagger_providers.errors import MissingValueError, NotDoneError, counted
from dagger_providers.execution.context import Index, RunContext, how_of, node_path, where
from dagger_providers.execution.loops import Positions
from dagger_providers.execution.resolve import Resolver
from dagger_providers.serializers.records import Record
from dagger_providers.storage import CommitRecord, new_attempt_id
from dagger_providers.storage.documents import read_document, write_document

FORMAT = "dagger-providers.turns"
MAJOR = 1
FILE_NAME = "turns.json"


RunCard: TypeAlias = Callable[[Card, Index, RunContext], CommitRecord]


def run_body(card: Card, index: Index, run: RunContext, run_card: RunCard) -> CommitRecord:
    """Run the cards of a card's body, each with its own tries, and return the record of the whole.

    Args:
        card: What has a body.
        index: Which item of each loop around it.
        run: The run that it belongs to.
        run_card: Runs one card of the body.

    Raises:
        NotDoneError: A repetition reached its bound.
        Exception: What a card of the body raised.
    """
    resolver = Resolver(run, card.axes)
    at = resolver.positions(card.within, index)
    body = _Body(card.body, resolver, run_card)
    extra: dict[str, int] = {}
    if card.turns is None:
        body.run(card.within, index, at)
    else:
        extra["turns"] = _Repetition(card, card.turns, index, at, body).run()
    return CommitRecord(card.address, index, new_attempt_id(), {}, extra)


class _Body(Record):
    """The stages of a body, and what runs their cards."""

    stages: tuple[Stage, ...]
    resolver: Resolver
    run_card: RunCard

    def run(self, around: tuple[str, ...], index: Index, at: Positions) -> None:
        """Run all stages once, at an index of the axes around the body."""
        run = self.resolver.run
        for stage in self.stages:
            for rest in self.resolver.indices(stage.space[len(around) :], at):
                for card in stage.cards:
                    started = time.perf_counter()
                    record = self.run_card(card, (*index, *rest), run)
                    seconds = time.perf_counter() - started
                    run.tell(card.address, (*index, *rest), seconds, how_of(record))


class _Repetition:
    """A body that is run until it says that it is done.

    Each turn's values are committed as any node's. A file beside the commit record says how many
    turns there are, and from which values they came: another attempt goes on after them.
    """

    def __init__(self, card: Card, turns: Turns, index: Index, at: Positions, body: _Body) -> None:
        self.card = card
        self.turns = turns
        self.index = index
        self.at = at
        self.body = body
        self.resolver = body.resolver
        self.file = f"{node_path(card.address, index)}/{FILE_NAME}"

    def run(self) -> int:
        """Run the turns that are still to be run, and return how many there are in all."""
        digests = self._digests()
        around = (*self.card.within, self.turns.axis)
        limit = self.turns.max_iterations
        for turn in range(self._taken(digests), limit):
            at = {**self.at, self.turns.axis: turn}
            self.body.run(around, (*self.index, turn), at)
            if self._is_done(at) or (self.turns.returns and turn + 1 == limit):
                self._keep(digests, 0)  # whoever runs it again means all of it
                return turn + 1
            self._keep(digests, turn + 1)
        raise NotDoneError(
            f"{where(self.card, self.index)} was not done after {counted(limit, 'turn')}; "
            "raise max_iterations, or take what there is with exhausted='return'"
        )

    def _is_done(self, at: Positions) -> bool:
        done = self.resolver.value(self.turns.until, at)
        if not isinstance(done, bool):
            raise NotDoneError(
                f"{where(self.card, self.index)}: what ends a repetition must be a bool, got "
                f"{done!r:.80}"
            )
        return done

    def _digests(self) -> dict[str, str]:
        inputs = self.card.inputs
        return {name: self.resolver.identity(inputs[name], self.at) for name in inputs}

    def _taken(self, digests: dict[str, str]) -> int:
        """Return how many turns an earlier attempt has finished that began with the same."""
        try:
            document = read_document(self.resolver.run.store, self.file, FORMAT, MAJOR)
        except MissingValueError:
            return 0
        return int(document["turns"]) if document["inputs"] == digests else 0

    def _keep(self, digests: dict[str, str], turns: int) -> None:
        write_document(
            self.resolver.run.store,
            self.file,
            {"format": f"{FORMAT}/{MAJOR}", "turns": turns, "inputs": digests},
        )


def inner_executions(card: Card, index: Index, run: RunContext) -> Iterator[tuple[str, Index]]:
    """Yield what the body of a card that is done has executed: addresses and indices."""
    resolver = Resolver(run, card.axes)
    at = resolver.positions(card.within, index)
    for stage in card.body:
        for rest in resolver.indices(stage.space[len(card.within) :], at):
            for inner in stage.cards:
                yield inner.address, (*index, *rest)
                yield from inner_executions(inner, (*index, *rest), run)
