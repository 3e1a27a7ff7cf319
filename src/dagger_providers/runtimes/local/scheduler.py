"""Run the groups of a plan in order, several batches at a time."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from graphlib import TopologicalSorter

from dagger_providers.errors import DaggerProvidersError, one_line
from dagger_providers.execution import Index, Resolver
from dagger_providers.execution.batches import Batch, Batches, Failure, Outcome, batches
from dagger_providers.execution.failures import summary
from dagger_providers.planning import Group, Plan
from dagger_providers.runtimes.local.workers import Workers
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
    work: Workers
    jobs: int
    listen: Listener
    nodes: dict[str, NodeState]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> Failure | None:
        """Run until all is done or something failed; then what has begun is waited for."""
        try:
            return self._one_by_one() if self.jobs == 1 else self._side_by_side()
        except _GroupFailed as failed:
            return failed.failure
        except BaseException:
            self.work.stop()
            raise
        finally:
            self._count_inner()

    def _count_inner(self) -> None:
        """Note how often what stands in a body ran, which only the body knows."""
        for step in self.plan.steps.values():
            outer = self.nodes.get(step.address)
            if outer is not None and outer.done == outer.items:
                for inner in step.card.inside:
                    self.nodes[inner].items = self.nodes[inner].done

    def _one_by_one(self) -> Failure | None:
        for group in self.plan.groups:
            for batch in self._batches(group) or ():
                failure = self._told(self.work(batch, self._hears))
                if failure is not None:
                    return failure
        return None

    def _side_by_side(self) -> Failure | None:
        ready = _Ready(self.plan)
        running: dict[Future[Outcome], int] = {}
        failure: Failure | None = None
        pool = ThreadPoolExecutor(self.jobs)
        try:
            while failure is None and ready.is_active():
                for number in ready.new_groups():
                    ready.add(number, self._batches(self.plan.groups[number]))
                while len(running) < self.jobs and (found := ready.next_batch()):
                    number, batch = found
                    running[pool.submit(self.work, batch, self._hears)] = number
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    ready.done(running.pop(future))
                    told = self._told(future.result())
                    failure = failure or told
            for future in running:
                self._told(future.result())
        except BaseException as error:
            if not isinstance(error, _GroupFailed):
                self.work.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return failure

    def _batches(self, group: Group) -> Batches | None:
        steps = [self.plan.steps[address] for address in group.steps]
        steps = [step for step in steps if step.card.executes]
        if not steps:
            return None
        cards = tuple(step.card for step in steps)
        env = tuple(dict(step.options.env) for step in steps)
        try:
            found = batches(cards, self._walk(group.space), env, self.jobs)
        except DaggerProvidersError as error:  # what the loop runs over is no list
            error.add_note(f"in the loop around node {cards[0].address}")
            failure = Failure(cards[0].address, (), error)
            self._told(Outcome((), failure))
            raise _GroupFailed(failure) from error
        for card in cards:
            self.nodes[card.address].items = found.items
            self._tell(Event("group", card.address, total=found.items))
        return found

    def _walk(self, space: tuple[str, ...]) -> Callable[[], Iterator[Index]]:
        """Return what lists the indices of a space, each time anew."""
        walk = partial(self.resolver.indices, space)
        if len(space) <= 1:
            return walk
        held = tuple(walk())  # with inner axes the walk reads the store
        return lambda: iter(held)

    # Telling

    def _hears(self, address: str, index: str, seconds: float | None) -> None:
        if seconds is None:
            self._tell(Event("started", address, index))
            return
        with self._lock:
            node = self.nodes[address]
            node.done += 1
            node.seconds += seconds
            self.listen(Event("inner", address, index, seconds=seconds))

    def _told(self, outcome: Outcome) -> Failure | None:
        for one in outcome.done:
            node = self.nodes[one.address]
            node.done += 1
            node.seconds += one.seconds
            self._tell(Event("done", one.address, one.index, seconds=one.seconds))
        failure = outcome.failure
        if failure is not None:
            address, index = failure.place
            for failed in {failure.address, address} & set(self.nodes):
                self.nodes[failed].failed = True
            message = one_line(summary(failure.error))
            self._tell(Event("failed", address, index, message=message))
        return failure

    def _tell(self, event: Event) -> None:
        with self._lock:
            self.listen(event)


class _GroupFailed(Exception):  # noqa: N818 - an event, as RunFailed is
    """It cannot be known how often a group runs."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class _Ready:
    """The batches that may run now, and what comes after them."""

    def __init__(self, plan: Plan) -> None:
        home = {a: n for n, group in enumerate(plan.groups) for a in group.steps}
        needs = {n: {home[a] for a in g.needs} for n, g in enumerate(plan.groups)}
        self._order = TopologicalSorter(needs)
        self._order.prepare()
        self._waiting: deque[tuple[int, Iterator[Batch]]] = deque()
        self._left: dict[int, int] = {}
        self._running: Counter[int] = Counter()
        self._limits = [plan.concurrency(group) for group in plan.groups]

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


def states(plan: Plan) -> dict[str, NodeState]:
    """Return a state for every node of a plan that has code to run."""
    found: dict[str, NodeState] = {}
    for address, step in plan.steps.items():
        if step.card.executes:
            found[address] = NodeState()
            found |= {inner: NodeState() for inner in step.card.inside}
    return found
