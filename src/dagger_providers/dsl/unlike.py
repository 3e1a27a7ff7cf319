"""Check that a recording means the same when its loops are not equally long.

Where all have as many items, code that walks lists of results in step (``zip``, ``map``) and uses
their items apart records as two loops would; Python stops at the end of the shorter list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, count
from math import comb
from typing import TypeAlias

from dagger_providers.dsl.lengths import Source
from dagger_providers.dsl.recording import Recording
from dagger_providers.errors import BuildError

Alike: TypeAlias = frozenset[Source]
"""What loops run over that every run finds to be equally long, or fails."""


def check_unlike(recording: Recording, agrees: Callable[[Alike], bool]) -> None:
    """Check that no loop has to be as long as another one, unless a run compares them.

    Args:
        recording: One with loops that are equally long.
        agrees: Records with longer loops over these, and says whether that gives the same model.

    Raises:
        BuildError: One has to.
    """
    groups = _alike(recording)
    for longer in _turns(groups):
        if not agrees(frozenset().union(*longer)):
            _refuse(recording, _in_step(groups, longer, agrees))


def _alike(recording: Recording) -> list[Alike]:
    """Return what the loops run over; together what those do that a joined loop compares."""
    groups: list[Alike] = []
    for axis in range(len(recording.axes.records)):
        own = frozenset(recording.axes.sources(axis))
        joined = [group for group in groups if not group.isdisjoint(own)]
        groups = [group for group in groups if group not in joined]
        groups.append(own.union(*joined))
    return groups


def _turns(groups: Sequence[Alike]) -> Iterator[Sequence[Alike]]:
    """Yield groups to be longer than the others, until each was longer than each.

    Each is longer in half of the turns, and no two in the same ones.
    """
    turns = next(n for n in count() if comb(n, n // 2) >= len(groups))
    halves = list(zip(groups, combinations(range(turns), turns // 2), strict=False))
    for turn in range(turns):
        yield [group for group, half in halves if turn in half]


def _in_step(
    groups: Sequence[Alike], longer: Sequence[Alike], agrees: Callable[[Alike], bool]
) -> Sequence[Alike]:
    """Return few groups that have to be equally long, of which one is among the longer ones."""
    for first in longer:
        if agrees(first):
            continue
        found = list(groups)
        for other in groups:
            fewer = [group for group in found if group != other]
            if other != first and agrees(frozenset().union(*fewer)):
                found = fewer
        return found
    return groups


def _refuse(recording: Recording, groups: Sequence[Alike]) -> None:
    axes = recording.axes
    own = {axis.source: axes.label(number) for number, axis in enumerate(axes.records)}
    labels = " and ".join(own[min(group)] for group in groups)
    raise BuildError(
        f"{recording.place}: the loops over {labels} have to be equally long for what it records "
        "(zip or map of their results), but nothing uses their items together, so that no run "
        "would notice when they are not; give the items of both to one task, or write one loop "
        "after the other"
    )
