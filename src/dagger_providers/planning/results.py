"""What those who read a node's result read, after lowering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dagger_providers.card import Binding, Last, NodeOutput, OneOf
from dagger_providers.card.bindings import part
from dagger_providers.model import Task
from dagger_providers.model.outputs import part_of_outputs, part_of_task
from dagger_providers.model.values import Path

Guards = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The outputs of one step.

    Attributes:
        address: The step's address.
        task: What it runs.
        loops: The loops that it runs in.
        guards: Guards of failures: where one is closed, there is no result.
    """

    address: str
    task: Task
    loops: tuple[str, ...]
    guards: Guards

    def output(self, name: str, path: Path) -> Binding:
        """Return where a part of an output is read."""
        written = self.task.outputs[name]
        return NodeOutput(
            self.address, name, self.loops, written.serializer, written.partitioned, path
        )

    def part(self, path: Path) -> Binding:
        """Return where a part of the whole result is read."""
        return self.output(*part_of_task(self.task, path))

    def guards_of(self, _output: str) -> Guards:
        """Return the guards of an output."""
        return self.guards


@dataclass(frozen=True, slots=True)
class DagResult:
    """The outputs of a nested pipeline, and the guards of each."""

    name: str
    outputs: Mapping[str, Binding]
    guards: Mapping[str, Guards]

    def output(self, name: str, path: Path) -> Binding:
        """See `TaskResult.output`."""
        return part(self.outputs[name], path)

    def part(self, path: Path) -> Binding:
        """See `TaskResult.part`."""
        return self.output(*part_of_outputs(self.name, self.outputs, path))

    def guards_of(self, output: str) -> Guards:
        """See `TaskResult.guards_of`."""
        return self.guards[output]


@dataclass(frozen=True, slots=True)
class SwitchResult:
    """The result of the branch that ran; each branch with its guard."""

    branches: tuple[tuple[str, Result], ...]

    def output(self, _: str, path: Path) -> Binding:
        """See `TaskResult.output`."""
        return self.part(path)

    def part(self, path: Path) -> Binding:
        """See `TaskResult.part`."""
        return OneOf(tuple((guard, result.part(path)) for guard, result in self.branches))

    def guards_of(self, output: str) -> Guards:
        """See `TaskResult.guards_of`."""
        return _all_guards([result for _, result in self.branches], output)


@dataclass(frozen=True, slots=True)
class RepeatResult:
    """The result of the last turn."""

    turns: str
    body: Result

    def output(self, _: str, path: Path) -> Binding:
        """See `TaskResult.output`."""
        return self.part(path)

    def part(self, path: Path) -> Binding:
        """See `TaskResult.part`."""
        return Last(self.turns, self.body.part(path))

    def guards_of(self, output: str) -> Guards:
        """See `TaskResult.guards_of`."""
        return _all_guards([self.body], output)


Result: TypeAlias = TaskResult | DagResult | SwitchResult | RepeatResult


def _all_guards(results: list[Result], output: str) -> Guards:
    found: dict[str, None] = {}
    for result in results:
        names = result.outputs if isinstance(result, DagResult) else [output]
        for name in names:
            found |= dict.fromkeys(result.guards_of(name))
    return tuple(found)
