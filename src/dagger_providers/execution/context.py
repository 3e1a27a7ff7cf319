"""What one execution knows of the run that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage import Store, open_store

Index = tuple[int, ...]
"""One position for each loop around a node, outermost first; ``()`` outside loops."""


class RunContext(Record):
    """One run, as the processes that execute its nodes see it.

    Attributes:
        store: The run's folder.
        parameters: The JSON text of each parameter's value.
        root: The folder that ``file.py:name`` references are relative to.
    """

    store: Store
    parameters: Mapping[str, str] = EMPTY
    root: str | None = None


def open_run(
    store: str, run_id: str, parameters: Mapping[str, str], root: str | None = None
) -> RunContext:
    """Return the context of a run.

    Args:
        store: Path or URI of the store that holds all runs.
        run_id: The run's name in it; may have several segments.
        parameters: The JSON text of each parameter's value.
        root: See `RunContext`.
    """
    folder = open_store(store).join("runs", run_id)
    return RunContext(open_store(folder), parameters, root)


def node_path(address: str, index: Index) -> str:
    """Return the folder of one execution in its run: ``nodes/<address>[/<index>]``."""
    return f"nodes/{address}/{index_text(index)}" if index else f"nodes/{address}"


def index_text(index: Index) -> str:
    """Return an index as text: ``3``, ``0.2``; empty outside loops."""
    return ".".join(map(str, index))


def index_from(text: str) -> Index:
    """Read what `index_text` wrote.

    Raises:
        UsageError: It is no index.
    """
    from dagger_providers.errors import UsageError

    try:
        return tuple(int(part) for part in text.split(".")) if text else ()
    except ValueError:
        raise UsageError(f"{text!r} is no index: write positions like 3 or 0.2") from None
