"""Run the groups of a plan in order, several batches at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from dagger_providers.errors import one_line
from dagger_providers.execution import Resolver, index_text
from dagger_providers.planning import Group, Plan
from dagger_providers.execution.batches import Batch, Failure, Outcome, Work, batches
from dagger_providers.tracking import Event, Listener, NodeState


@dataclass(slots=True)
class Schedule:
    """One plan that is being run.

    Attributes:
        plan: What to run.
        resolver: Reads how long each loop is.
        work: Runs a batch.
        jobs: How many batches run at a time.
        listen: Hears what happens.
        nodes: How far each node is.
    """

    plan: Plan
    resolver: Resolver
    work: Work
    jobs: int
    listen: Listener
    nodes: dict[str, NodeState]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> Failure | None:
        """Run until all is done or something failed; then what has begun is waited for."""
        if self.jobs == 1:
            return self._one_by_one()
        return self._side_by_side()

    def _one_by_one(self) -> Failure | None:
        for group in self.plan.groups:
            for batch in self._batches(group):
                failure = self._told(self.work(batch, self._starts))
                if failure is not None:
                    return failure
        return None

    def _side_by_side(self) -> Failure | None:
        home = {a: n for n, group in enumerate(self.plan.groups) for a in group.steps}
        needs = {n: {home[a] for a in g.needs} for n, g in enumerate(self.plan.groups)}
        order = TopologicalSorter(needs)
        order.prepare()
        waiting: list[tuple[int, Iterator[Batch]]] = []
        left: dict[int, int] = {}
        running: dict[Future[Outcome], int] = {}
        failure: Failure | None = None
        with ThreadPoolExecutor(self.jobs) as pool:
            while order.is_active():
                for number in order.get_ready():
                    waiting.append((number, iter(self._batches(self.plan.groups[number]))))
                    left[number] = 0
                self._fill(pool, waiting, running, left)
                for number in [n for n, count in left.items() if not count]:
                    if all(number != other for other, _ in waiting):
                        order.done(number)
                        del left[number]
                if not running:
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    left[running.pop(future)] -= 1
                    failure = self._told(future.result()) or failure
                if failure is not None:
                    break
            for future in running:
                self._told(future.result())
        return failure

    def _fill(
        self,
        pool: ThreadPoolExecutor,
        waiting: list[tuple[int, Iterator[Batch]]],
        running: dict[Future[Outcome], int],
        left: dict[int, int],
    ) -> None:
        """Hand out batches while a worker is free."""
        while waiting and len(running) < self.jobs:
            number, source = waiting[0]
            batch = next(source, None)
            if batch is None:
                waiting.pop(0)
                continue
            left[number] += 1
            running[pool.submit(self.work, batch, self._starts)] = number

    def _batches(self, group: Group) -> list[Batch]:
        steps = [self.plan.steps[address] for address in group.steps]
        steps = [step for step in steps if step.card.function]
        if not steps:
            return []
        cards = tuple(step.card for step in steps)
        indices = list(self.resolver.indices(group.space))
        for card in cards:
            self.nodes[card.address].items = len(indices)
            self._tell(Event("group", card.address, total=len(indices)))
        env = tuple(dict(step.options.env) for step in steps)
        return batches(cards, indices, env, self.jobs)

    # Telling

    def _starts(self, address: str, index: str) -> None:
        self._tell(Event("started", address, index))

    def _told(self, outcome: Outcome) -> Failure | None:
        for one in outcome.done:
            node = self.nodes[one.address]
            node.done += 1
            node.seconds += one.seconds
            self._tell(Event("done", one.address, one.index, seconds=one.seconds))
        failure = outcome.failure
        if failure is not None:
            self.nodes[failure.address].failed = True
            message = one_line(f"{type(failure.error).__name__}: {failure.error}")
            index = index_text(failure.index)
            self._tell(Event("failed", failure.address, index, message=message))
        return failure

    def _tell(self, event: Event) -> None:
        with self._lock:
            self.listen(event)


def states(plan: Plan) -> dict[str, NodeState]:
    """Return a state for every node of a plan that has code to run."""
    return {a: NodeState() for a, step in plan.steps.items() if step.card.function}


