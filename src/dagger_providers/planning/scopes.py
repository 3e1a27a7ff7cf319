"""Where the names of one pipeline lead in the plan: its parameters, results and loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.card import Axis, Binding, Element, ForEach, Item, ListOf, Value
from dagger_providers.card.bindings import part
from dagger_providers.model import (
    DAG,
    FromArtifact,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Switch,
    thaw,
)
from dagger_providers.model import ForEach as EachInput
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.nodes import AnyNode
from dagger_providers.planning.results import Result
from dagger_providers.serializers.records import replace

Seen = dict[str, None]
"""Guards of failures that a binding depends on, in order."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a node stands that is being inlined.

    Attributes:
        prefix: The address of what it stands in, and a dot; empty for the root.
        space: The axes that it runs in.
        parameters: Where its parameters come from.
        after: Addresses that all its steps wait for.
        guards: For each parameter, the guards of failures that it depends on.
        home: The prefix of the pipeline that it is written in: groups are named there.
    """

    prefix: str
    space: tuple[str, ...]
    parameters: Mapping[str, Binding]
    after: tuple[str, ...]
    guards: Mapping[str, tuple[str, ...]] = EMPTY
    home: str = ""

    def axes_of(self, within: tuple[str, ...]) -> tuple[str, ...]:
        """Return the axes of the plan that a node runs in, by the loops around it."""
        return (*self.space, *(self.prefix + name for name in within))

    def inside(self, name: str, space: tuple[str, ...], **changes: Any) -> Scope:
        """Return the scope of what stands in a node."""
        return replace(self, prefix=f"{self.prefix}{name}.", space=space, **changes)


@dataclass(frozen=True, slots=True)
class Inputs:
    """A node's inputs, bound.

    Attributes:
        bound: A binding for each.
        space: The axes that the node runs in, guards of what it reads included.
        guards: For each input, the guards of failures that it depends on.
        selector: What chooses the branch, for a switch.
    """

    bound: Mapping[str, Binding]
    space: tuple[str, ...]
    guards: Mapping[str, tuple[str, ...]]
    selector: Binding | None = None


@dataclass(slots=True)
class Names:
    """What the names of a pipeline stand for while it is inlined.

    Attributes:
        dag: The pipeline.
        scope: Where it stands.
        axes: The axes of the plan; loops are added to them.
        results: What its nodes so far give.
        guards: For each loop, the guards that the list depends on which it runs over.
    """

    dag: DAG
    scope: Scope
    axes: dict[str, Axis]
    results: dict[str, Result] = field(default_factory=dict)
    guards: dict[str, Seen] = field(default_factory=dict)

    def inputs(self, node: AnyNode) -> Inputs:
        """Bind what a node reads."""
        seen: Seen = {}
        for loop in node.within:
            self.axis(loop)
            seen |= self.guards[loop]
        bound: dict[str, Binding] = {}
        guards: dict[str, tuple[str, ...]] = {}
        for key, source in node.inputs.items():
            own: Seen = {}
            bound[key] = self.binding(source, key, own)
            if own:
                guards[key] = tuple(own)
                seen |= own
        selector = None
        if isinstance(node, Switch):
            selector = self.binding(node.selector, "selector", seen)
        return Inputs(bound, self._guarded(self.scope.axes_of(node.within), seen), guards, selector)

    def axis(self, name: str) -> None:
        """Add a loop, and first those that it needs."""
        if name in self.guards:
            return
        seen = self.guards[name] = {}
        loop = self.dag.loops[name]
        for other in (*loop.within, *loop.zips):
            self.axis(other)
            seen |= self.guards[other]
        over = self.binding(loop.over, name, seen) if loop.over is not None else None
        self.axes[self.scope.prefix + name] = Axis(
            over,
            tuple(self.scope.prefix + other for other in loop.zips),
            self._guarded(self.scope.axes_of(loop.within), seen),
        )

    def binding(self, source: Any, name: str, seen: Seen) -> Binding:
        """Return where an input of this pipeline's namespace comes from in the plan."""
        match source:
            case FromValue(value=value):
                return Value(thaw(value))
            case FromParam():
                return self._from_parameter(source, name, seen)
            case FromArtifact():
                return source.stored
            case FromItem(loop=loop, path=path):
                self.axis(loop)
                seen |= self.guards[loop]
                return Item(self.scope.prefix + loop, path)
            case FromNodeOutput(node=node, output=output, path=path):
                result = self.results[node]
                seen |= dict.fromkeys(result.guards_of(output))
                return result.output(output, path)
            case FromList(items=items):
                return ListOf(tuple(self._element(item, name, seen) for item in items))
            case _:
                raise AssertionError(source)

    def _element(self, source: Any, name: str, seen: Seen) -> Element:
        if not isinstance(source, EachInput):
            return self.binding(source, name, seen)
        self.axis(source.loop)
        seen |= self.guards[source.loop]
        loop = self.scope.prefix + source.loop
        items: list[Element] = []
        for item in source.items:
            own: Seen = {}
            element = self._element(item, name, own)
            for guard in own:
                if not set(self._in_step(loop)).isdisjoint(self.axes[guard].within):
                    element = ForEach(guard, (element,))
                else:
                    seen[guard] = None
            items.append(element)
        return ForEach(loop, tuple(items))

    def _from_parameter(self, source: FromParam, name: str, seen: Seen) -> Binding:
        wanted = source.name or name
        seen |= dict.fromkeys(self.scope.guards.get(wanted, ()))
        found = self.scope.parameters.get(wanted)
        if found is None:
            return Value(thaw(source.default))
        return part(found, source.path)

    def _guarded(self, space: tuple[str, ...], guards: Iterable[str]) -> tuple[str, ...]:
        """Put guards into a space, each behind the axes that it depends on."""
        placed = list(space)
        for guard in guards:
            if guard not in placed:
                around = set(self.axes[guard].within)
                known = (
                    n for n, axis in enumerate(placed) if not around.isdisjoint(self._in_step(axis))
                )
                placed.insert(max(known, default=-1) + 1, guard)
        return tuple(placed)

    def _in_step(self, axis: str) -> Iterator[str]:
        """Yield an axis, and those that run in step under it."""
        yield axis
        for joined in self.axes[axis].zips:
            yield from self._in_step(joined)
