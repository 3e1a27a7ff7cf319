"""Tell what happens in a run on a KFP server, from what its API says each time it is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.errors import one_line
from dagger_providers.kfp.keys import TaskNames, task_names
from dagger_providers.planning import NestedPlan
from dagger_providers.tracking import Event, Listener

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
"""States of a run that is over."""

_UNDER_WAY = frozenset({"RUNNING", "PAUSED", "CANCELING"})
_FAILED = frozenset({"FAILED", "CANCELED"})


@dataclass(slots=True)
class Progress:
    """What was told of a run.

    Attributes:
        plan: What runs.
        listen: Hears of it.
    """

    plan: NestedPlan
    listen: Listener
    _names: Mapping[str, TaskNames] = field(init=False)
    _open: dict[str, str] = field(init=False)
    """The nodes that are not over, each with what was told of it last."""

    def __post_init__(self) -> None:
        self._names = task_names(self.plan)
        steps = self.plan.all_steps.items()
        self._open = {address: "" for address, step in steps if step.card.executes}

    def begin(self) -> None:
        """Tell that the run begins."""
        self.listen(Event("run", self.plan.name, total=len(self._open)))

    def __call__(self, run: Any) -> None:
        """Tell what is new.

        Args:
            run: What KFP knows of the run. It has a task for each node of Argo's workflow: one for
                each item of a loop, and drivers, loops and branches too.
        """
        tasks: dict[str, list[Any]] = defaultdict(list)
        for task in (run.run_details and run.run_details.task_details) or ():
            tasks[task.display_name or ""].append(task)
        over = run.state in ENDED
        for address in list(self._open):
            names = self._names[address]
            outer = tasks[names.outer]
            closed = over or (bool(outer) and all(one.state in ENDED for one in outer))
            failed = next((t for t in _of(tasks, names) if t.state in _FAILED), None)
            if failed is not None:
                self._end(Event("failed", address, message=reason_of(failed)))
            elif closed:
                self._close(address, tasks[names.own])
            else:
                self._tell(address, tasks[names.own])

    def _close(self, address: str, tasks: Sequence[Any]) -> None:
        done = [task for task in tasks if task.state == "SUCCEEDED"]
        if done:
            self._end(Event("done", address, seconds=sum(map(_seconds, done))))
        else:
            self._end(Event("group", address, total=0, message="not run"))

    def _end(self, event: Event) -> None:
        del self._open[event.address]
        self.listen(event)

    def _tell(self, address: str, tasks: Sequence[Any]) -> None:
        done = sum(task.state == "SUCCEEDED" for task in tasks)
        running = sum(task.state in _UNDER_WAY for task in tasks)
        now = f"{done} done, {running} running"
        before = self._open[address]
        if now == before or not done + running:
            return
        self._open[address] = now
        if not before:
            self.listen(Event("started", address))
        if len(tasks) > 1:
            self.listen(Event("inner", address, how=now, inside=address))


def _of(tasks: Mapping[str, Sequence[Any]], names: TaskNames) -> list[Any]:
    """Return the tasks of a step: the containers, and what prepares them."""
    return [*tasks.get(names.own, ()), *tasks.get(f"{names.own}-driver", ())]


def reason_of(task: Any) -> str:
    """Return what KFP says of a task, or a run, that failed; in one line, maybe empty."""
    return one_line((task.error and task.error.message) or "", 600)


def failed_tasks(run: Any) -> list[str]:
    """Return the names of the tasks that failed in a run, those inside others last."""
    tasks = (run.run_details and run.run_details.task_details) or ()
    return [task.display_name for task in tasks if task.state in _FAILED and task.display_name]


def _seconds(task: Any) -> float:
    if task.start_time is None or task.end_time is None:
        return 0.0
    return max(0.0, float((task.end_time - task.start_time).total_seconds()))
