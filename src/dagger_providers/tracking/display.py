"""Show a run on a terminal while it runs: bars, or plain lines where nobody looks live."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from dagger_providers.errors import counted
from dagger_providers.tracking.events import Event, Listener, silent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PAUSE = 1.0
"""Seconds of silence after which a line tells what a step does inside."""

_SHOWN = 12
"""How many nodes have a bar of their own at a time; long pipelines would fill the screen."""


@contextmanager
def display(*, quiet: bool = False, stream: TextIO | None = None) -> Iterator[Listener]:
    """Yield a listener that shows what happens.

    Args:
        quiet: Show nothing.
        stream: Where to; by default the standard error, so that results can be piped.
    """
    out = stream or sys.stderr
    if quiet:
        yield silent
    elif out.isatty():
        with _progress(out) as progress:
            yield _Bars(progress)
    else:
        yield Lines(out)


@dataclass(slots=True)
class Lines:
    """One line when a node is done, or is at another tenth of a long loop."""

    out: TextIO
    _started: float = field(default_factory=time.monotonic)
    _totals: dict[str, int] = field(default_factory=dict)
    _done: dict[str, int] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _how: Counter[tuple[str, str]] = field(default_factory=Counter)
    _said: float = 0.0
    _running: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, event: Event) -> None:  # noqa: C901 - one case for each kind
        """Show an event."""
        match event.kind:
            case "run":
                self._say(f"{event.address}: {counted(event.total, 'node')}")
            case "group":
                self._totals[event.address] = event.total
                if not event.total and not event.message:
                    self._say(f"{event.address}: nothing to do, its loop is empty")
            case "done":
                self._count(event)
            case "failed":
                self._say_failed(event)
            case "end":
                if event.message != "failed":
                    self._say(f"{event.address}: {event.message}")
            case "inner":
                self._say_inner(event)
            case "started":
                self._running.add((event.address, event.index))

    def _say_failed(self, event: Event) -> None:
        """Say what failed while others run; why is for who started the run to say, at its end."""
        self._running -= {one for one in self._running if _ended(*one, event)}
        if self._running:
            self._say(f"{_item(event)}: failed; what has begun goes on")

    def _say_inner(self, event: Event) -> None:
        """Say what a long step does inside; not of each of thousands."""
        self._how[event.inside, f"{event.how} inside"] += 1
        now = time.monotonic()
        if now - self._said > _PAUSE:
            self._say(f"  {_item(event)}: {_ending(event)}")

    def _count(self, event: Event) -> None:
        name = event.address
        self._running.discard((name, event.index))
        total = self._totals.get(name, 1)
        done = self._done[name] = self._done.get(name, 0) + 1
        seconds = self._seconds[name] = self._seconds.get(name, 0.0) + event.seconds
        self._how[name, event.how] += 1
        of_these = _counted(self._how, name, _INSIDE if total == 1 else (*_OWN, *_INSIDE))
        shown = f" ({of_these})" if of_these else ""
        if total == 1:
            self._say(f"{name}: {_ending(event)}{shown}")
        elif done == total or done % max(1, total // 10) == 0:
            self._say(f"{name}: {done}/{total} done{shown}, {seconds:.2f} s of work")

    def _say(self, text: str) -> None:
        self.out.write(f"[{time.monotonic() - self._started:7.2f} s] {text}\n")
        self.out.flush()
        self._said = time.monotonic()


def _ending(event: Event) -> str:
    return event.how or f"done in {event.seconds:.2f} s"


_OWN = ("cached", "left out")
_INSIDE = ("cached inside", "left out inside")
"""Which ways to be done are counted: of a node's items, and of those of nodes inside it."""


def _counted(
    how: Counter[tuple[str, str]], name: str, words: Sequence[str] = (*_OWN, *_INSIDE)
) -> str:
    """Return how many items of a node were cached, and how many were left out."""
    found = ((how[name, word], word) for word in words)
    return ", ".join(f"{count} {word}" for count, word in found if count)


def _item(event: Event) -> str:
    return f"{event.address}[{event.index}]" if event.index else event.address


def _ended(address: str, index: str, by: Event) -> bool:
    """Say whether an execution ended by a failure: its own, or that of one inside it."""
    within = not index or f"{by.index}.".startswith(f"{index}.")
    return within and f"{by.address}.".startswith(f"{address}.")


class _Bars:
    """A bar for the whole run and one for each node that is busy."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._finished: list[str] = []
        self._how: Counter[tuple[str, str]] = Counter()
        self._whole = progress.add_task("", total=None, now="")

    def __call__(self, event: Event) -> None:
        """Show an event."""
        progress, address = self._progress, event.address
        match event.kind:
            case "run":
                title = f"[bold]{address}"
                progress.update(self._whole, description=title, total=event.total)
            case "group":
                progress.update(self._bar(address), total=event.total)
                self._complete(address, event.message or "empty loop")
            case "started":
                progress.update(self._bar(address), now=event.index)
            case "inner":
                outer = event.inside
                self._how[outer, f"{event.how} inside"] += 1
                progress.update(self._bar(outer), now=_item(event).removeprefix(f"{outer}."))
            case "done":
                progress.advance(self._bar(address))
                self._how[address, event.how] += 1
                self._complete(address)
            case "failed":
                now = f"[red]{event.index} failed".replace("] ", "]")
                progress.update(self._bar(address), description=f"  [red]{address}", now=now)
            case "end":
                colour = "green" if event.message == "succeeded" else "red"
                progress.update(self._whole, now=f"[{colour}]{event.message}")

    def _bar(self, address: str) -> TaskID:
        if address not in self._bars:
            self._bars[address] = self._progress.add_task(f"  {address}", total=1, now="")
        return self._bars[address]

    def _complete(self, address: str, nothing: str = "") -> None:
        """When a node is done, count it, and take away the oldest bar of too many."""
        bar = self._progress.tasks[self._progress.task_ids.index(self._bars[address])]
        if bar.total is None or bar.completed < bar.total:
            return
        of_these = _counted(self._how, address)
        whole = self._how[address, "cached"] == bar.total
        done = "cached" if whole else f"done, {of_these}" if of_these else "done"
        self._progress.update(self._bars[address], now=done if bar.total else nothing)
        self._progress.advance(self._whole)
        self._finished.append(address)
        if len(self._progress.task_ids) > _SHOWN:
            self._progress.remove_task(self._bars[self._finished.pop(0)])


def _progress(out: TextIO) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
        console=Console(file=out),
    )
