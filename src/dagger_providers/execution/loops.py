"""Walk loops: which items they have, and the elements of the lists that they build."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dagger_providers.card import Axis, Binding, Element, ForEach
from dagger_providers.errors import UsageError, counted

Positions = dict[str, int]
"""For each loop that has a current item, which one."""


def enter(axes: Mapping[str, Axis], at: Positions, loop: str, position: int) -> Positions:
    """Return positions with one more loop, and those that run in step under it."""
    entered = {**at, loop: position}
    for joined in axes[loop].zips:
        entered = enter(axes, entered, joined, position)
    return entered


def positions(
    axes: Mapping[str, Axis], within: tuple[str, ...], index: tuple[int, ...]
) -> Positions:
    """Return the loops' current items at an index of a space; guards take no position.

    Raises:
        UsageError: The index has not one position for each loop.
    """
    counted = tuple(axis for axis in within if not axes[axis].is_guard)
    if len(counted) != len(index):
        raise UsageError(
            f"the index has {len(index)} positions, the node runs in {len(counted)} loops "
            f"({', '.join(counted) or 'none'})"
        )
    at: Positions = dict.fromkeys(within, 0)
    for loop, position in zip(counted, index, strict=True):
        at = enter(axes, at, loop, position)
    return at


class Elements:
    """The elements of a list that bindings and loops build, at some positions.

    Args:
        axes: Every loop that is named.
        extent: How many items a loop has at some positions.
    """

    def __init__(self, axes: Mapping[str, Axis], extent: Callable[[str, Positions], int]) -> None:
        self._axes = axes
        self._extent = extent

    def all(self, items: tuple[Element, ...], at: Positions) -> Iterator[tuple[Binding, Positions]]:
        """Yield each element's binding, and the positions to read it at."""
        for item in items:
            if isinstance(item, ForEach):
                for inner in self._rounds(item, at):
                    yield from self.all(item.items, inner)
            else:
                yield item, at

    def count(self, items: tuple[Element, ...], at: Positions) -> int:
        """Return how many there are."""
        return sum(self._width(item, at) for item in items)

    def one(
        self, items: tuple[Element, ...], at: Positions, position: int
    ) -> tuple[Binding, Positions]:
        """Return the element at a position, without a walk over those before it.

        Raises:
            UsageError: There are not as many.
        """
        left = position
        for item in items:
            width = self._width(item, at)
            if left >= width:
                left -= width
            elif isinstance(item, ForEach):
                return self._in_loop(item, at, left)
            else:
                return item, at
        has = counted(position - left, "item")
        raise UsageError(f"the list has {has}, there is none at {position}")

    def _in_loop(self, loop: ForEach, at: Positions, left: int) -> tuple[Binding, Positions]:
        if _is_flat(loop):
            round_, left = divmod(left, len(loop.items))
            return self.one(loop.items, enter(self._axes, at, loop.loop, round_), left)
        for inner in self._rounds(loop, at):
            width = self.count(loop.items, inner)
            if left < width:
                return self.one(loop.items, inner, left)
            left -= width
        raise AssertionError("the position is within the loop's width")

    def _width(self, item: Element, at: Positions) -> int:
        if not isinstance(item, ForEach):
            return 1
        if _is_flat(item):
            return self._extent(item.loop, at) * len(item.items)
        return sum(self.count(item.items, inner) for inner in self._rounds(item, at))

    def _rounds(self, item: ForEach, at: Positions) -> Iterator[Positions]:
        for position in range(self._extent(item.loop, at)):
            yield enter(self._axes, at, item.loop, position)


def _is_flat(loop: ForEach) -> bool:
    return not any(isinstance(item, ForEach) for item in loop.items)
