"""The commands that look at a store's cache."""

from __future__ import annotations

from typing import Annotated

import typer

from dagger_providers.cli.runs import Store, say, store_of
from dagger_providers.errors import UsageError
from dagger_providers.execution import index_text
from dagger_providers.storage import open_store
from dagger_providers.storage.cache import Entry, entries, remove_entry

cache = typer.Typer(help="Look at the cache of a store.", no_args_is_help=True)


@cache.command("list")
def list_entries(store: Store = None) -> None:
    """List what is cached: the key, the node, and the run that holds the data."""
    root = store_of(store)
    lines = [_line(entry.key[:16], _node(entry), entry.run) for entry in entries(open_store(root))]
    say("\n".join([_line("key", "node", "run"), *lines]) if lines else f"nothing cached in {root}")


@cache.command("remove")
def remove(
    what: Annotated[str, typer.Argument(metavar="NODE|KEY", help="A node, or a key's start.")],
    store: Store = None,
) -> None:
    """Forget what is cached, so that it is made anew; the data stay in the runs that made them.

    Example: dagger-providers cache remove fit
    """
    root = open_store(store_of(store))
    known = list(entries(root))
    chosen = [entry for entry in known if what in {entry.node, _node(entry)}]
    if not chosen and len(what) >= _SHORTEST:
        chosen = [entry for entry in known if entry.key.startswith(what)]
    if not chosen:
        raise UsageError(f"nothing is cached in {root.uri} under key or node {what!r}")
    for entry in chosen:
        remove_entry(root, entry.key)
    say(f"removed {len(chosen)}")


_SHORTEST = 8
"""Characters of a key that are enough to name it."""


def _node(entry: Entry) -> str:
    return f"{entry.node}[{index_text(entry.index)}]" if entry.index else entry.node


def _line(key: str, node: str, run: str) -> str:
    return f"{key:16} {node:32} {run}"
