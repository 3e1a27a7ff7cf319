"""The commands that look at a store's cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dagger_providers.cli.arguments import Store, store_of
from dagger_providers.cli.launch import say
from dagger_providers.cli.usage import Command, Group
from dagger_providers.errors import UsageError
from dagger_providers.execution import index_text
from dagger_providers.storage import open_store
from dagger_providers.storage.cache import Entry, entries, is_gone, remove_entry

cache = typer.Typer(
    help="Look at the cache of a store.\n\nExample: dagger-providers cache list", cls=Group
)


@cache.command("list", cls=Command)
def list_entries(store: Store = None) -> None:
    """List what is cached, and the runs that hold the data.

    An entry whose data are gone, with the run that made them, is no hit any more; it says so.

    Example: dagger-providers cache list
    """
    place = store_of(store)
    root = open_store(place)
    lines = [
        _line(entry.key[:16], _node(entry), entry.run + " (gone)" * is_gone(root, entry))
        for entry in entries(root)
    ]
    say("\n".join([_line("key", "node", "run"), *lines]) if lines else f"nothing cached in {place}")


@cache.command("remove", cls=Command)
def remove(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NODE|KEY", help="A node, or the first 8 or more characters of a key."
        ),
    ] = None,
    gone: Annotated[bool, typer.Option("--gone", help="Only entries whose data are gone.")] = False,
    store: Store = None,
) -> None:
    """Forget what is cached, so that it is made anew.

    The data stay in the runs that made them.

    Example: dagger-providers cache remove fit

    Example: dagger-providers cache remove --gone
    """
    if what is None and not gone:
        raise UsageError("name a node or a key to forget, or give --gone: see cache list")
    root = open_store(store_of(store))
    chosen = list(entries(root))
    if what is not None:
        chosen = _named(what, chosen)
        if not chosen:
            raise UsageError(f"nothing is cached in {root.uri} under key or node {what!r}")
    if gone:
        chosen = [entry for entry in chosen if is_gone(root, entry)]
    for entry in chosen:
        remove_entry(root, entry.key)
    say(f"removed {len(chosen)}")


def _named(what: str, known: Sequence[Entry]) -> list[Entry]:
    """Return the entries of a node, else those whose key begins with a text."""
    chosen = [entry for entry in known if what in {entry.node, _node(entry)}]
    if not chosen and len(what) >= _SHORTEST:
        chosen = [entry for entry in known if entry.key.startswith(what)]
    return chosen


_SHORTEST = 8
"""Characters of a key that are enough to name it."""


def _node(entry: Entry) -> str:
    return f"{entry.node}[{index_text(entry.index)}]" if entry.index else entry.node


def _line(key: str, node: str, run: str) -> str:
    return f"{key:16} {node:32} {run}"
