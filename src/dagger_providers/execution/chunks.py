"""Items of a loop that run in one process, where an engine takes fewer tasks than there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from dagger_providers.errors import UsageError, counted
from dagger_providers.execution.context import Index, index_from
from dagger_providers.execution.resolve import Resolver


def chunked(indices: Sequence[str], limit: int) -> list[str]:
    """Return indices as they are, or when there are more than a limit, as that many chunks.

    A chunk is ``first:end``, as a slice: positions among all indices of its space.

    Args:
        indices: The indices of a space, as text.
        limit: How many an engine takes; 0 for any number.
    """
    count = len(indices)
    if not limit or count <= limit:
        return list(indices)
    bounds = [count * number // limit for number in range(limit + 1)]
    return [f"{first}:{end}" for first, end in pairwise(bounds)]


def ranged(count: int, limit: int) -> list[str]:
    """Return the positions of one loop, or when there are more than a limit, as many ranges.

    A range is ``first:end``, as a slice. Unlike a chunk it is of one loop, and stands in an index
    where a position does; in a space of one loop they are the same.

    Args:
        count: How many items the loop has.
        limit: How many an engine takes; 0 for any number.
    """
    if not limit or count <= limit:
        return [str(position) for position in range(count)]
    bounds = [count * number // limit for number in range(limit + 1)]
    return [f"{first}:{end}" for first, end in pairwise(bounds)]


def is_chunk(text: str) -> bool:
    """Say whether a text names several items, not one index."""
    return ":" in text


def indices_in(text: str, space: tuple[str, ...], resolver: Resolver) -> Iterator[Index]:
    """Yield the index that a text names, or all indices that are in its chunk or its ranges.

    One ``first:end`` alone is a chunk; in a space of several loops, one for each is of ranges.

    Raises:
        UsageError: It names none.
    """
    if not is_chunk(text):
        yield index_from(text)
        return
    spans = [_span(part, text) for part in text.split(".")]
    loops = [axis for axis in space if not resolver.axes[axis].is_guard]
    if len(spans) == len(loops):
        yield from resolver.indices(space, spans=spans)
    elif len(spans) == 1 and loops:
        yield from islice(resolver.indices(space), spans[0].start, spans[0].stop)
    else:
        has = f"{counted(len(spans), 'position')}, the node runs in {counted(len(loops), 'loop')}"
        raise UsageError(f"the index {text} has {has} ({', '.join(loops) or 'none'})")


def _span(part: str, text: str) -> range:
    first, found, end = part.partition(":")
    if not (first.isdecimal() and (end.isdecimal() if found else not end)):
        raise UsageError(
            f"{text!r} is no index: write positions like 3 or 0.2, or slices of them like 0:100 or "
            "3.0:100"
        )
    return range(int(first), int(end) if found else int(first) + 1)
