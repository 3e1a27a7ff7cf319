"""Items of a loop that run in one process, where an engine takes fewer tasks than there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from dagger_providers.errors import UsageError
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


def is_chunk(text: str) -> bool:
    """Say whether a text names a chunk, not one index."""
    return ":" in text


def indices_in(text: str, space: tuple[str, ...], resolver: Resolver) -> Iterator[Index]:
    """Yield the index that a text names, or all indices of the chunk that it names.

    Raises:
        UsageError: It names none.
    """
    if not is_chunk(text):
        yield index_from(text)
        return
    first, _, end = text.partition(":")
    if not (first.isdecimal() and end.isdecimal()):
        raise UsageError(f"{text!r} is no index: write positions like 3 or 0.2, a chunk like 0:100")
    yield from islice(resolver.indices(space), int(first), int(end))
