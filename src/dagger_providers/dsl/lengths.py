"""How many items the loops of a recording have, and what tells the loops apart for that."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dagger_providers.dsl.records import AxisRecord, NodeRecord
from dagger_providers.dsl.references import Tree

Source: TypeAlias = int
"""What a loop runs over; equal calls, and so lists of equal length, have the same."""

Known: TypeAlias = dict[Hashable, Source]
"""What the recordings of the same code have found so far."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many items loops have.

    Attributes:
        items: Items of a loop.
        longer: What loops run over that have one more.
    """

    items: int
    longer: frozenset[Source] = frozenset()

    def of(self, source: Source) -> int:
        """Return how many items a loop over this has."""
        return self.items + (source in self.longer)


class Sources:
    """Tells what the loops of a recording run over.

    That does not depend on passes, on which loops run in step or on how lists fold, so that all
    recordings of the same code agree on it.

    Args:
        known: What they share.
        nodes: The calls of the recording.
        axes: Its loops.
    """

    def __init__(
        self, known: Known, nodes: Sequence[NodeRecord], axes: Sequence[AxisRecord]
    ) -> None:
        self._known = known
        self._nodes = nodes
        self._axes = axes
        self._made: list[Source] = []

    def of_loop(self, over: Tree, around: Collection[int]) -> Source:
        """Return what a loop runs over; inside a loop over the same, its items are others."""
        source = self._of(over)
        taken = {self._axes[axis].source for axis in around}
        while source in taken:
            source = self._number(("again", source))
        return source

    def _of(self, tree: Tree) -> Source:
        match tree:
            case ("node", number, path):
                return self._number(("node", self._of_node(number), path))
            case ("item", axis, path):
                return self._number(("item", self._axes[axis].source, path))
            case ("list" | "unfolded", elements):
                return self._number(frozenset(self._of_each(elements)))
            case _:
                return self._number(tree)

    def _of_each(self, elements: Iterable[Tree]) -> Iterator[Source]:
        for element in elements:
            if element[0] == "each":
                yield from self._of_each(element[-1])
            else:
                yield self._of(element)

    def _of_node(self, number: int) -> Source:
        for node in self._nodes[len(self._made) : number + 1]:
            inputs = tuple((name, self._of(tree)) for name, tree in node.inputs.items())
            self._made.append(self._number((node.function.identity, inputs)))
        return self._made[number]

    def _number(self, content: Hashable) -> Source:
        return self._known.setdefault(content, len(self._known))
