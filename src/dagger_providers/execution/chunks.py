"""Items of a loop that run in one process, where an engine takes fewer tasks than there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from dagger_providers.errors import UsageError, counted
from dagger_providers.execution.context import Index, index_from
from dagger_providers.execution.resolve import Resolver


def chunked(indices: Sequence[str], limit: int) -> list[str]:
    """Return indices as they are, or when there are more than a limit, as that many chunks.

    A chunk is ``first:end``: positions among the indices of its space, the end not included.

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

    A range is ``first-end``, the end not included. Unlike a chunk it is of one loop, and stands in
    an index where a position does.

    Args:
        count: How many items the loop has.
        limit: How many an engine takes; 0 for any number.
    """
    if not limit or count <= limit:
        return [str(position) for position in range(count)]
    bounds = [count * number // limit for number in range(limit + 1)]
    return [f"{first}-{end}" for first, end in pairwise(bounds)]


def is_chunk(text: str) -> bool:
    """Say whether a text names several items, not one index."""
    return ":" in text or "-" in text


def indices_in(text: str, space: tuple[str, ...], resolver: Resolver) -> Iterator[Index]:
    """Yield the index that a text names, or all indices that are in its chunk or its ranges.

    Raises:
        UsageError: It names none.
    """
    if not is_chunk(text):
        yield index_from(text)
    elif ":" in text:
        found = _span(text, ":", text)
        yield from islice(resolver.indices(space), found.start, found.stop)
    else:
        parts = text.split(".")
        loops = [axis for axis in space if not resolver.axes[axis].is_guard]
        if len(parts) != len(loops):
            has = (
                f"{counted(len(parts), 'position')}, the node runs in {counted(len(loops), 'loop')}"
            )
            raise UsageError(f"the index {text} has {has} ({', '.join(loops) or 'none'})")
        yield from resolver.indices(space, spans=[_span(part, "-", text) for part in parts])


def _span(part: str, between: str, text: str) -> range:
    first, found, end = part.partition(between)
    if not (first.isdecimal() and (end.isdecimal() if found else not end)):
        raise UsageError(
            f"{text!r} is no index: write positions like 3 or 0.2, ranges like 0-100 or 3.0-100, "
            "a chunk like 0:100"
        )
    return range(int(first), int(end) if found else int(first) + 1)
