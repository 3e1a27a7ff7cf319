"""What one execution knows of the run that it belongs to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from dagger_providers.card import Card
from dagger_providers.errors import UsageError
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage import CommitRecord, Store, open_store, read_commit

Index = tuple[int, ...]
"""One position for each loop around a node, outermost first; ``()`` outside loops."""

How: TypeAlias = Literal["", "cached", "left out"]
"""How an execution that is done went: as any, from the cache, or as a failure that is allowed."""

Told: TypeAlias = Callable[[str, str, float, How], None]
"""Hears that a card of a body is done: its address, its index as text, its seconds, and how."""


def how_of(record: CommitRecord) -> How:
    """Return how the execution went that a commit record is of."""
    if "cached" in record.extra:
        return "cached"
    return "left out" if "failed" in record.extra else ""


_REMEMBERED = 128


class RunContext(Record):
    """One run, as the processes that execute its nodes see it.

    Attributes:
        store: The run's folder.
        parameters: The JSON text of each parameter's value.
        root: The folder that ``file.py:name`` references are relative to.
        run_id: The run's name in the store of all runs.
        caches: Whether its results may come from, and go to, the cache of that store.
        started: How often an engine that tries again has started this process before; None where
            it does not say.
    """

    store: Store
    parameters: Mapping[str, str] = EMPTY
    root: str | None = None
    run_id: str = ""
    caches: bool = False
    started: int | None = None

    def __init__(
        self,
        store: Store,
        parameters: Mapping[str, str] = EMPTY,
        root: str | None = None,
        run_id: str = "",
        caches: bool = False,
        started: int | None = None,
    ) -> None:
        super().__init__(store, parameters, root, run_id, caches, started)
        # What the items of one loop all read: without it, a loop's cost grows with its square.
        self.__dict__["_commits"] = OrderedDict()
        self.__dict__["_lists"] = {}

    def telling(self, tell: Told) -> RunContext:
        """Return the same run, for executions that tell what they do inside a body."""
        other = RunContext(self.store, self.parameters, self.root, self.run_id)
        other.__dict__.update({**self.__dict__, "_tell": tell})
        return other

    def tell(self, address: str, index: Index, seconds: float, how: How) -> None:
        """Tell that a card of a body is done."""
        tell: Told | None = self.__dict__.get("_tell")
        if tell is not None:
            tell(address, index_text(index), seconds, how)

    def commit_at(self, path: str) -> CommitRecord:
        """Return the commit record in a folder of the run; the latest used are remembered."""
        found: CommitRecord | None = self.__dict__["_commits"].pop(path, None)
        if found is None:
            found = read_commit(self.store, path)
        self.remember(path, found)
        return found

    def remember(self, path: str, record: CommitRecord) -> None:
        """Let a record that was just written stand for its folder."""
        commits: OrderedDict[str, CommitRecord] = self.__dict__["_commits"]
        commits[path] = record
        if len(commits) > _REMEMBERED:
            commits.popitem(last=False)

    @property
    def lists(self) -> dict[Any, Any]:
        """The whole list that a loop walks, by what names it; holds one at a time."""
        lists: dict[Any, Any] = self.__dict__["_lists"]
        return lists


def open_run(
    store: str,
    run_id: str,
    parameters: Mapping[str, str],
    root: str | None = None,
    *,
    cache: bool = True,
    started: int | None = None,
) -> RunContext:
    """Return the context of a run.

    Args:
        store: Path or URI of the store that holds all runs.
        run_id: The run's name in it; may have several segments.
        parameters: The JSON text of each parameter's value.
        root: See `RunContext`.
        cache: Whether the cache of the store is used, by tasks that ask for it.
        started: See `RunContext`.

    Raises:
        UsageError: The name leads out of the store.
    """
    if not run_id or ".." in run_id.split("/") or run_id.startswith("/"):
        raise UsageError(f"{run_id!r} is no name for a run: it is a folder's name in the store")
    folder = open_store(store).join("runs", run_id)
    return RunContext(open_store(folder), parameters, root, run_id, cache, started)


def node_path(address: str, index: Index) -> str:
    """Return the folder of one execution in its run: ``nodes/<address>[/<index>]``."""
    return f"nodes/{address}/{index_text(index)}" if index else f"nodes/{address}"


def where(card: Card, index: Index) -> str:
    """Return a node's address with its index, as messages show it: ``fit[3]``."""
    return place_text(card.address, index_text(index))


def place_text(address: str, index: str) -> str:
    """Return an address with an index as text, as messages show it: ``fit[3]``."""
    return f"{address}[{index}]" if index else address


def index_text(index: Index) -> str:
    """Return an index as text: ``3``, ``0.2``; empty outside loops."""
    return ".".join(map(str, index))


def index_from(text: str) -> Index:
    """Read what `index_text` wrote.

    Raises:
        UsageError: It is no index.
    """
    parts = text.split(".") if text else []
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"{text!r} is no index: write positions like 3 or 0.2")
    return tuple(map(int, parts))
