"""Show how far an engine is by what its containers have committed to the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dagger_providers.errors import counted

_INTERVAL = 0.5
"""Seconds between two looks."""


@contextmanager
def watching(label: str, folders: Sequence[str], total: int, out: TextIO | None) -> Iterator[None]:
    """Show progress while the body runs an engine that tells nothing itself.

    Args:
        label: What runs.
        folders: The stores that it writes to, local folders.
        total: How many commits there will be; 0 when nobody knows.
        out: Where to show it; None for nowhere.
    """
    if out is None:
        yield
        return
    ended = threading.Event()
    show = _live if out.isatty() else _plain
    thread = threading.Thread(target=show, args=(label, folders, total, out, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def committed_files(folders: Sequence[str]) -> int:
    """Return how many executions have committed in some stores."""
    return sum(1 for folder in folders for _ in Path(folder).rglob("commit.json"))


def _plain(
    label: str, folders: Sequence[str], total: int, out: TextIO, ended: threading.Event
) -> None:
    started, shown = time.monotonic(), -1
    while not ended.wait(_INTERVAL):
        done = committed_files(folders)
        if done != shown and (done - shown) * 5 >= total:
            out.write(f"[{time.monotonic() - started:7.2f} s] {_count(label, done, total)}\n")
            out.flush()
            shown = done
    done = committed_files(folders)
    out.write(f"[{time.monotonic() - started:7.2f} s] {_count(label, done, total)}\n")
    out.flush()


def _count(label: str, done: int, total: int) -> str:
    return (
        f"{label}: {done}/{counted(total, 'execution')}"
        if total
        else f"{label}: {counted(done, 'execution')}"
    )


def _live(
    label: str, folders: Sequence[str], total: int, out: TextIO, ended: threading.Event
) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=out)) as progress:
        bar = progress.add_task(f"[bold]{label}", total=total or None)
        while not ended.wait(_INTERVAL):
            progress.update(bar, completed=committed_files(folders))
        progress.update(bar, completed=committed_files(folders))
