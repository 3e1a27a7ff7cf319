"""Tell an engine what it has to know of a node that is done: a loop's items, a switch's branch."""

from __future__ import annotations

from dagger_providers.card import Card
from dagger_providers.card.axes import SEVERAL
from dagger_providers.execution.chunks import chunked, indices_in, ranged
from dagger_providers.execution.context import index_text
from dagger_providers.execution.resolve import Resolver


def emitted(card: Card, index: str, resolver: Resolver, limit: int = 0) -> list[str]:
    """Return what a loop of the engine runs over: indices of ``card.emits``, as text.

    Args:
        card: The node; it is done, or has nothing to do.
        index: Which item of each loop around it, or several of them.
        resolver: Reads the run.
        limit: How many items the loops around it and this one may have together; 0 for any number.
    """
    axis = card.emits[-1]
    if card.emits[:-1] != card.within or resolver.axes[axis].is_guard:
        return chunked([index_text(found) for found in resolver.indices(card.emits)], limit)
    count, around = 0, 1
    for found in indices_in(index, card.within, resolver):
        at = resolver.positions(card.within, found)
        count = max(count, resolver.extent(axis, at))
        around = 1
        for outer in card.within:
            around *= min(resolver.extent(outer, at), limit or 1)
    return ranged(count, max(limit // around, 1) if limit else 0)


def decided(card: Card, index: str, resolver: Resolver) -> str:
    """Return which of ``card.decides`` is open: the last part of its name; empty for none.

    For several items, of which not all have the same one open, it is `SEVERAL`.

    Raises:
        NoCaseError: A switch has no case for its selector.
    """
    found: set[str] = set()
    for each in indices_in(index, card.within, resolver):
        at = resolver.positions(card.within, each)
        open_ = (guard for guard in card.decides if resolver.extent(guard, at))
        found.add(next(open_, "").rpartition(".")[2])
    return found.pop() if len(found) == 1 else SEVERAL if found else ""
