"""The order in which the groups and hooks of a plan can run."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter

from dagger_providers.execution.batches import Batch, Batches
from dagger_providers.planning import Group, Plan


def units(plan: Plan) -> tuple[Group, ...]:
    """Return the groups of a plan, and its hooks as groups: each as soon as it may run."""
    waiting = [
        Group(h.step.card.within, (h.address,), h.indices_from, (*h.step.needs, *h.after))
        for h in plan.hooks
    ]
    found: list[Group] = []
    over: set[str] = set()
    for group in plan.groups:
        found.append(group)
        over.update(group.steps)
        for hook in tuple(waiting):
            if over.issuperset(hook.needs):
                waiting.remove(hook)
                found.append(hook)
                over.update(hook.steps)
    return tuple(found)


class Ready:
    """The batches that may run now, and what comes after them."""

    def __init__(self, plan: Plan, units: Sequence[Group]) -> None:
        home = {a: n for n, unit in enumerate(units) for a in unit.steps}
        needs = {n: {home[a] for a in unit.needs} for n, unit in enumerate(units)}
        self._order = TopologicalSorter(needs)
        self._order.prepare()
        self._waiting: deque[tuple[int, Iterator[Batch]]] = deque()
        self._left: dict[int, int] = {}
        self._running: Counter[int] = Counter()
        self._limits = [plan.concurrency(unit.steps) for unit in units]

    def is_active(self) -> bool:
        """Whether any group is not done."""
        return self._order.is_active()

    def new_groups(self) -> Iterator[int]:
        """Yield the groups that can begin; empty ones let others begin at once."""
        while found := self._order.get_ready():
            yield from found

    def add(self, number: int, found: Batches | None) -> None:
        """Let a group's batches wait for a worker."""
        if not found:
            self._order.done(number)
            return
        self._left[number] = len(found)
        self._waiting.append((number, iter(found)))

    def next_batch(self) -> tuple[int, Batch] | None:
        """Hand out a batch, with its group: of the one that waited longest and may run more."""
        for entry in tuple(self._waiting):
            number, left = entry
            if self._running[number] == self._limits[number]:
                continue
            for batch in left:
                self._running[number] += 1
                return number, batch
            self._waiting.remove(entry)
        return None

    def done(self, number: int) -> None:
        """Count a batch of a group as done."""
        self._running[number] -= 1
        self._left[number] -= 1
        if not self._left[number]:
            self._order.done(number)
