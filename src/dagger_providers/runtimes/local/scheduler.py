"""Run the groups of a plan in order, several batches at a time, and its hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from dagger_providers.errors import DaggerProvidersError, one_line
from dagger_providers.execution import Index, Resolver
from dagger_providers.execution.batches import Batch, Batches, Failure, Outcome, batches
from dagger_providers.execution.context import How
from dagger_providers.execution.failures import summary
from dagger_providers.execution.hooks import applies
from dagger_providers.planning import Group, Plan
from dagger_providers.planning.groups import owners_of
from dagger_providers.runtimes.local.order import Ready, units
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
        failure: What failed first; a hook only where no step failed.
    """

    plan: Plan
    resolver: Resolver
    work: Workers
    jobs: int
    listen: Listener
    nodes: dict[str, NodeState]
    failure: Failure | None = None
    _units: tuple[Group, ...] = ()
    _owners: Mapping[str, str] = field(default_factory=dict)
    """The step that runs a node which stands in a body."""
    _hooks: dict[int, list[Batch] | None] = field(default_factory=dict)
    """What is left of each hook: its batches, None where these are not yet known."""
    _stopped: bool = False
    """Whether a step failed, so that no other begins."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        hooks = {hook.address for hook in self.plan.hooks}
        self._units = units(self.plan)
        self._owners = owners_of(self.plan.all_steps.values())
        self._hooks = {n: None for n, unit in enumerate(self._units) if unit.steps[0] in hooks}

    def run(self) -> None:
        """Run until all is done or a step failed; then what has begun is waited for.

        A hook runs as soon as all is over that it waits for; `run_hooks` runs those that are left.
        """
        try:
            if self.jobs == 1:
                self._one_by_one()
            else:
                self._side_by_side()
        except _GroupFailed:
            return
        except BaseException:
            self.work.stop()
            raise
        finally:
            self._count_inner()

    def run_hooks(self, work: Workers) -> None:
        """Run the hooks that have not begun, one after the other, whatever happened before."""
        for number, left in self._hooks.items():
            for batch in self._batches(number) or () if left is None else tuple(left):
                self._begun(number, batch)
                self._told(work(batch, self._hears))

    def _count_inner(self) -> None:
        """Note how often what stands in a body ran or was to run, as far as that is known."""
        for step in self.plan.steps.values():
            for inner in step.card.every():
                outer, state = self.nodes[step.address], self.nodes[inner.address]
                if outer.done == outer.items:
                    state.items = state.done
                elif inner.within == step.card.within:
                    state.items = outer.items

    def _one_by_one(self) -> None:
        for number in range(len(self._units)):
            for batch in self._batches(number) or ():
                self._begun(number, batch)
                self._told(self.work(batch, self._hears))
                if self._stopped:
                    return

    def _side_by_side(self) -> None:
        ready = Ready(self.plan, self._units)
        running: dict[Future[Outcome], int] = {}
        pool = ThreadPoolExecutor(self.jobs)
        try:
            while not self._stopped and ready.is_active():
                for number in ready.new_groups():
                    ready.add(number, self._batches(number))
                while len(running) < self.jobs and (found := ready.next_batch()):
                    number, batch = found
                    self._begun(number, batch)
                    running[pool.submit(self.work, batch, self._hears)] = number
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    ready.done(running.pop(future))
                    self._told(future.result())
            for future in running:
                self._told(future.result())
        except BaseException as error:
            if not isinstance(error, _GroupFailed):
                self.work.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _batches(self, number: int) -> Batches | None:
        """Return the batches of a unit whose turn has come."""
        if number not in self._hooks:
            return self._of_group(self._units[number])
        found = self._of_hook(self._units[number])
        self._hooks[number] = list(found)
        return found

    def _begun(self, number: int, batch: Batch) -> None:
        left = self._hooks.get(number)
        if left is not None:
            left.remove(batch)

    def _of_group(self, group: Group) -> Batches | None:
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
            self._told(Outcome((), Failure(cards[0].address, (), error)))
            raise _GroupFailed from error
        for card in cards:
            self.nodes[card.address].items = found.items
            self._tell(Event("group", card.address, total=found.items))
        return found

    def _of_hook(self, unit: Group) -> Batches:
        """Return a batch for each item of a hook, so that one that fails stops no other."""
        [address] = unit.steps
        step = self.plan.step(address)
        try:
            indices = tuple(
                index
                for index in self.resolver.indices(unit.space)
                if applies(step.card, index, self.resolver)
            )
        except DaggerProvidersError:  # how often its pipeline was to run never came to be known
            indices = ()
        items = len(indices)
        self.nodes[address].items = items
        message = "" if indices else "it does not apply"
        self._tell(Event("group", address, total=items, message=message))
        env = (dict(step.options.env),)
        return Batches((step.card,), lambda: iter(indices), env, items, 1)

    def _walk(self, space: tuple[str, ...]) -> Callable[[], Iterator[Index]]:
        """Return what lists the indices of a space, each time anew."""
        walk = partial(self.resolver.indices, space)
        if len(space) <= 1:
            return walk
        held = tuple(walk())  # with inner axes the walk reads the store
        return lambda: iter(held)

    # Telling

    def _hears(self, address: str, index: str, seconds: float | None, how: How) -> None:
        if seconds is None:
            self._tell(Event("started", address, index))
            return
        with self._lock:
            self.nodes[address].count(seconds, how)
            inside = self._owners[address]
            self.listen(Event("inner", address, index, seconds=seconds, how=how, inside=inside))

    def _told(self, outcome: Outcome) -> None:
        for one in outcome.done:
            self.nodes[one.address].count(one.seconds, one.how)
            self._tell(Event("done", one.address, one.index, seconds=one.seconds, how=one.how))
        failure = outcome.failure
        if failure is not None:
            address, index = failure.place
            for failed in {failure.address, address} & set(self.nodes):
                self.nodes[failed].failed = True
            message = one_line(summary(failure.error))
            self._tell(Event("failed", address, index, message=message))
            self._note(failure)

    def _note(self, failure: Failure) -> None:
        """Note a failure; that of a hook stops nothing, and hides none of a step."""
        if failure.address not in self.plan.steps:
            self.failure = self.failure or failure
        elif not self._stopped:
            self.failure = failure
            self._stopped = True

    def _tell(self, event: Event) -> None:
        with self._lock:
            self.listen(event)


class _GroupFailed(Exception):  # noqa: N818 - an event, as RunFailed is
    """It cannot be known how often a group runs."""


def states(plan: Plan) -> dict[str, NodeState]:
    """Return a state for every node of a plan that has code to run."""
    found: dict[str, NodeState] = {}
    for address, step in plan.all_steps.items():
        if step.card.executes:
            found[address] = NodeState()
            found |= {inner: NodeState() for inner in step.card.inside}
    return found
