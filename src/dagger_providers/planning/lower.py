"""Lower a model to a plan: inline nested pipelines, then group the steps of each loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Element,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    OutputCard,
    Parameter,
    Policy,
    Value,
)
from dagger_providers.errors import ModelError
from dagger_providers.model import (
    DAG,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Options,
    Task,
    thaw,
)
from dagger_providers.model import ForEach as EachInput
from dagger_providers.planning.groups import group_steps
from dagger_providers.planning.plan import Plan, Step
from dagger_providers.planning.reading import closure, leaves_of
from dagger_providers.serializers.records import replace

_NO_PATH: tuple[Any, ...] = ()


def plan(dag: DAG) -> Plan:
    """Lower a pipeline.

    Raises:
        ModelError: It is no root: an input is bound to another pipeline's node.
    """
    for name, source in dag.inputs.items():
        if not isinstance(source, FromParam):
            raise ModelError(
                f"pipeline {dag.name!r} cannot run alone: its input {name!r} is bound to another "
                "pipeline"
            )
    lowering = _Lowering()
    parameters = {name: _parameter(name, source) for name, source in dag.inputs.items()}
    scope = _Scope("", (), parameters, ())
    outputs = lowering.inline(dag, scope)
    steps, groups = group_steps(lowering.steps, lowering.axes)
    declared = {name: s for name, s in dag.inputs.items() if isinstance(s, FromParam)}
    return Plan(dag.name, dag.description, declared, steps, groups, dict(outputs), lowering.axes)


def _parameter(name: str, source: Any) -> Parameter:
    return Parameter(name, source.serializer)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a pipeline stands that is being inlined.

    Attributes:
        prefix: Its address and a dot; empty for the root.
        space: The loops that it runs in.
        parameters: Where its parameters come from.
        after: Addresses that all its steps wait for.
    """

    prefix: str
    space: tuple[str, ...]
    parameters: Mapping[str, Binding]
    after: tuple[str, ...]

    def loops(self, within: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.space, *(self.prefix + name for name in within))


@dataclass(slots=True)
class _Lowering:
    """Collects the steps and loops of a pipeline and of those nested in it."""

    steps: dict[str, Step] = field(default_factory=dict)
    axes: dict[str, Axis] = field(default_factory=dict)

    def inline(self, dag: DAG, scope: _Scope) -> Mapping[str, Binding]:
        """Add a pipeline's steps and return where its outputs are read from."""
        body = _Body(self, dag, scope)
        for name in dag.order:
            node = dag.nodes[name]
            if isinstance(node, DAG):
                body.add_nested(name, node)
            else:
                body.add_task(name, node)
        for name in dag.loops:
            body.axis(name)
        return {name: body.binding(source, name) for name, source in dag.outputs.items()}


@dataclass(slots=True)
class _Body:
    """One pipeline that is being inlined."""

    lowering: _Lowering
    dag: DAG
    scope: _Scope
    nested: dict[str, Mapping[str, Binding]] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add_task(self, name: str, task: Task) -> None:
        address = self.scope.prefix + name
        for loop in task.within:
            self.axis(loop)
        card = Card(
            address=address,
            function=task.function,
            signature=task.signature,
            within=self.scope.loops(task.within),
            inputs={arg: self.binding(source, arg) for arg, source in task.inputs.items()},
            outputs={
                name: OutputCard(output.path, output.serializer, output.partitioned)
                for name, output in task.outputs.items()
            },
            policy=_policy(task.options),
        )
        self._add(card, self._after(task.after), task.options, task.runtime_options)
        self.members[name] = (address,)

    def _add(
        self, card: Card, after: tuple[str, ...], options: Options, runtime_options: Any
    ) -> None:
        axes = closure(card, self.lowering.axes)
        card = replace(card, axes=axes)
        sources = [*card.inputs.values(), *(a.over for a in axes.values() if a.over is not None)]
        leaves = [leaf for source in sources for leaf in leaves_of(source)]
        needs = dict.fromkeys(leaf.address for leaf in leaves if isinstance(leaf, NodeOutput))
        needs |= dict.fromkeys(after)
        read = dict.fromkeys(leaf.name for leaf in leaves if isinstance(leaf, Parameter))
        self.lowering.steps[card.address] = Step(
            card, tuple(needs), tuple(read), options, runtime_options
        )

    def _after(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.scope.after, *(a for name in names for a in self.members[name]))

    def add_nested(self, name: str, dag: DAG) -> None:
        for loop in dag.within:
            self.axis(loop)
        inner = _Scope(
            f"{self.scope.prefix}{name}.",
            self.scope.loops(dag.within),
            {key: self.binding(source, key) for key, source in dag.inputs.items()},
            self._after(dag.after),
        )
        before = set(self.lowering.steps)
        self.nested[name] = self.lowering.inline(dag, inner)
        self.members[name] = tuple(a for a in self.lowering.steps if a not in before)

    def axis(self, name: str) -> None:
        """Add a loop, and first those that it needs."""
        full = self.scope.prefix + name
        if full in self.lowering.axes:
            return
        loop = self.dag.loops[name]
        for other in (*loop.within, *loop.zips):
            self.axis(other)
        over = self.binding(loop.over, name) if loop.over is not None else None
        self.lowering.axes[full] = Axis(
            over,
            tuple(self.scope.prefix + other for other in loop.zips),
            self.scope.loops(loop.within),
        )

    # Bindings

    def binding(self, source: Any, name: str) -> Binding:
        """Return where an input of this pipeline's namespace comes from in the plan."""
        match source:
            case FromValue(value=value):
                return Value(thaw(value))
            case FromParam():
                return self._from_parameter(source, name)
            case FromItem(loop=loop, path=path):
                self.axis(loop)
                return Item(self.scope.prefix + loop, path)
            case FromNodeOutput(node=node, output=output, path=path):
                return self._from_node(node, output, path)
            case FromList(items=items):
                return ListOf(tuple(self._element(item, name) for item in items))
            case _:
                raise AssertionError(source)

    def _element(self, source: Any, name: str) -> Element:
        if isinstance(source, EachInput):
            self.axis(source.loop)
            items = tuple(self._element(item, name) for item in source.items)
            return ForEach(self.scope.prefix + source.loop, items)
        return self.binding(source, name)

    def _from_parameter(self, source: FromParam, name: str) -> Binding:
        found = self.scope.parameters.get(source.name or name)
        if found is None:
            return Value(thaw(source.default))
        return part(found, source.path)

    def _from_node(self, node: str, output: str, path: tuple[Any, ...]) -> Binding:
        if node in self.nested:
            return part(self.nested[node][output], path)
        task = self.dag.nodes[node]
        assert isinstance(task, Task)  # noqa: S101 - nested pipelines are inlined before readers
        written = task.outputs[output]
        return NodeOutput(
            self.scope.prefix + node,
            output,
            self.scope.loops(task.within),
            written.serializer,
            written.partitioned,
            path,
        )


def _policy(options: Options) -> Policy:
    return Policy(options.retries, options.retry_delay, options.retry_backoff, options.timeout)


def part(binding: Binding, path: tuple[Any, ...]) -> Binding:
    """Return the binding of a part of a value."""
    if not path:
        return binding
    if isinstance(binding, Value):
        data = binding.data
        for _, name in path:
            try:
                data = data[name]
            except (KeyError, IndexError, TypeError):
                raise ModelError(f"the literal {data!r:.80} has no part {name!r}") from None
        return Value(data)
    return replace(binding, path=(*binding.path, *path))
