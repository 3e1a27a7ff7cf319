"""Lower a model to a plan: inline what is nested, then group the steps of each loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, assert_never

from dagger_providers.card import (
    Axis,
    Binding,
    Cache,
    Card,
    Carried,
    Choice,
    Element,
    ForEach,
    Item,
    ListOf,
    OutputCard,
    Parameter,
    Policy,
    State,
    Turns,
    Value,
    in_environment,
)
from dagger_providers.card.bindings import part
from dagger_providers.dsl.wiring import check_wiring
from dagger_providers.errors import ModelError, UnknownReferenceError
from dagger_providers.model import (
    DAG,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Options,
    Repeat,
    Switch,
    Task,
    thaw,
)
from dagger_providers.model import ForEach as EachInput
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.hooks import hooks_of
from dagger_providers.model.nodes import TURN, AnyNode
from dagger_providers.planning.bodies import composite, join_groups
from dagger_providers.planning.groups import group_steps
from dagger_providers.planning.hooks import Part, lower_hooks, place_hooks
from dagger_providers.planning.plan import Hook, Plan, Step
from dagger_providers.planning.reading import closure, needs_of, parameters_of
from dagger_providers.planning.results import (
    DagResult,
    RepeatResult,
    Result,
    SwitchResult,
    TaskResult,
)
from dagger_providers.serializers.records import replace
from dagger_providers.storage import canonical_json

_Seen = dict[str, None]
"""Guards of failures that a binding depends on, in order."""


def plan(dag: DAG) -> Plan:
    """Lower a pipeline.

    Raises:
        ModelError: It is no root: an input is bound to another pipeline's node.
        BuildError: It was made by hand, and an edge does not fit; see `check_wiring`.
    """
    for name, source in dag.inputs.items():
        if not isinstance(source, FromParam):
            raise ModelError(
                f"pipeline {dag.name!r} cannot run alone: its input {name!r} is bound to another "
                "pipeline"
            )
    if dag.function is None:
        check_wiring(dag)  # what was recorded is checked by its build
    lowering = _Lowering()
    parameters = {name: _parameter(name, source) for name, source in dag.inputs.items()}
    result = lowering.inline(dag, _Scope("", (), parameters, ()))
    joined = join_groups(lowering.steps, lowering.containers, lowering.axes)
    spaces = [hook.step.card.within for hook in lowering.hooks]
    steps, groups, sources = group_steps(_in_environments(joined), lowering.axes, spaces)
    hooks = place_hooks(lowering.hooks, steps, sources)
    declared = {name: s for name, s in dag.inputs.items() if isinstance(s, FromParam)}
    outputs = dict(result.outputs)
    return Plan(dag.name, dag.description, declared, steps, groups, outputs, lowering.axes, hooks)


def _parameter(name: str, source: Any) -> Parameter:
    return Parameter(name, source.serializer)


@dataclass(frozen=True, slots=True)
class _Scope:
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

    def axes(self, within: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.space, *(self.prefix + name for name in within))

    def inside(self, name: str, space: tuple[str, ...], **changes: Any) -> _Scope:
        return replace(self, prefix=f"{self.prefix}{name}.", space=space, **changes)


@dataclass(slots=True)
class _Lowering:
    """Collects the steps and axes of a pipeline and of what is nested in it."""

    steps: dict[str, Step] = field(default_factory=dict)
    axes: dict[str, Axis] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    """The addresses of the steps, in order."""
    containers: dict[str, str] = field(default_factory=dict)
    """The group of each step that shares a container, by the step's address."""
    hooks: list[Hook] = field(default_factory=list)

    def inline(self, dag: DAG, scope: _Scope) -> DagResult:
        """Add a pipeline's steps and return where its outputs are read from."""
        begun = len(self.steps), len(self.hooks)
        body = _Body(self, dag, scope)
        for name in dag.order:
            body.add(name, dag.nodes[name])
        for name in dag.loops:
            body.axis(name)
        outputs: dict[str, Binding] = {}
        guards: dict[str, tuple[str, ...]] = {}
        for name, source in dag.outputs.items():
            seen: _Seen = {}
            outputs[name] = body.binding(source, name, seen)
            guards[name] = tuple(seen)
        if any(hooks_of(dag)):
            self._add_hooks(dag, scope, *begun)
        return DagResult(dag.name, outputs, guards)

    def _add_hooks(self, dag: DAG, scope: _Scope, steps: int, hooks: int) -> None:
        """Add the hooks of a pipeline whose first step and first nested hook have these numbers."""
        part = Part(
            scope.prefix,
            scope.space,
            scope.parameters,
            tuple(islice(self.steps.values(), steps, None)),
            tuple(self.hooks[hooks:]),
        )
        self.hooks += lower_hooks(dag, part, self.axes)

    def add_node(self, name: str, node: AnyNode, scope: _Scope, inputs: _Inputs) -> Result:
        """Add the steps of one node; its inputs are bound already."""
        match node:
            case Task():
                return self._add_task(name, node, scope, inputs)
            case DAG():
                home = f"{scope.prefix}{name}."
                given = {"parameters": inputs.bound, "guards": inputs.guards}
                return self.inline(node, scope.inside(name, inputs.space, home=home, **given))
            case Switch():
                return self._add_switch(name, node, scope, inputs)
            case Repeat():
                return self._add_repeat(name, node, scope, inputs)
            case _:
                assert_never(node)

    # Tasks

    def _add_task(self, name: str, task: Task, scope: _Scope, inputs: _Inputs) -> TaskResult:
        address = scope.prefix + name
        card = Card(
            address=address,
            function=task.function,
            signature=task.signature,
            within=inputs.space,
            inputs=inputs.bound,
            outputs={
                name: OutputCard(output.path, output.serializer, output.partitioned)
                for name, output in task.outputs.items()
            },
            policy=_policy(task.options),
            on_failure=task.on_failure,
            allow_failure=task.options.allow_failure,
            cache=_cache(task.options),
        )
        self._add_step(card, scope.after, task.options, task.runtime_options)
        loops = tuple(axis for axis in inputs.space if not self.axes[axis].is_guard)
        guards = tuple(axis for axis in inputs.space if self.axes[axis].survives)
        if card.allow_failure:
            guards = (*guards, self._survivors(address, inputs.space, loops))
        return TaskResult(address, task, loops, guards)

    def _survivors(self, address: str, space: tuple[str, ...], loops: tuple[str, ...]) -> str:
        """Add the guard that is open where a task that may fail did not."""
        if not loops or self.axes[loops[-1]].turns:
            around = "runs in the turns of a repetition" if loops else "is in no loop"
            raise ModelError(
                f"task {address!r} has allow_failure, and {around}: there is no list to leave "
                "its result out of; use on_failure for a result that stands in"
            )
        guard = f"{address}.ok"
        self.axes[guard] = Axis(None, (), space, survives=address)
        return guard

    def _add_step(
        self, card: Card, after: tuple[str, ...], options: Options, runtime_options: Any
    ) -> None:
        card = replace(card, axes=closure(card, self.axes))
        needs = needs_of(card) | dict.fromkeys(after)
        self._keep(Step(card, tuple(needs), tuple(parameters_of(card)), options, runtime_options))

    def _keep(self, step: Step) -> None:
        self.steps[step.address] = step
        self.added.append(step.address)

    # Switches and repetitions

    def _add_switch(
        self, name: str, switch: Switch, scope: _Scope, inputs: _Inputs
    ) -> SwitchResult:
        address = scope.prefix + name
        cases = tuple((case.node, case.value) for case in switch.cases)
        branches: list[tuple[str, Result]] = []
        for branch, node in switch.nodes.items():
            guard = f"{address}.{branch}"
            choice = Choice(address, branch, cases, switch.default or "")
            self.axes[guard] = Axis(inputs.selector, (), inputs.space, choice)
            space = (*inputs.space, guard)
            given = {"parameters": inputs.bound, "guards": inputs.guards}
            inner = scope.inside(name, space, **given)
            branches.append((guard, self._add_inner(branch, node, inner)))
        return SwitchResult(tuple(branches))

    def _add_repeat(
        self, name: str, repeat: Repeat, scope: _Scope, inputs: _Inputs
    ) -> RepeatResult:
        address = scope.prefix + name
        turns = f"{address}.turns"
        self.axes[turns] = Axis(None, (), inputs.space, turns=address)
        carried = {state: Carried(turns, state) for state in inputs.bound}
        space = (*inputs.space, turns)
        apart = _Lowering(axes=self.axes)
        home = f"{address}."
        given = {"parameters": carried, "guards": inputs.guards}
        inner = scope.inside(name, space, after=(), home=home, **given)
        result = apart._add_inner(TURN, repeat.node, inner)
        if apart.hooks:
            raise ModelError(
                f"{apart.hooks[0].address!r} is a hook in a repetition, whose turns run in one "
                "container: put the hook on the pipeline around the repetition"
            )
        states = {
            state: _state(first, result, state, repeat) for state, first in inputs.bound.items()
        }
        self.axes[turns] = replace(self.axes[turns], carried=states)
        card = Card(
            address=address,
            within=inputs.space,
            inputs=inputs.bound,
            turns=Turns(
                turns,
                result.part((("key", repeat.until),)),
                repeat.max_iterations,
                repeat.exhausted == "return",
            ),
        )
        step = composite(card, join_groups(apart.steps, apart.containers, self.axes), self.axes)
        self._keep(replace(step, needs=tuple(dict.fromkeys((*step.needs, *scope.after)))))
        return RepeatResult(turns, result)

    def _add_inner(self, name: str, node: AnyNode, scope: _Scope) -> Result:
        """Add what stands in a switch or a repetition: it sees only what that is given."""
        body = _Body(self, _NO_LOOPS, scope)
        body.add(name, node)
        return body.results[name]


_NO_LOOPS = DAG.trusted(nodes=EMPTY)


def _state(first: Binding, result: Result, name: str, repeat: Repeat) -> State:
    """Return what turns get under a name: what the turn before gave, if it gave that."""
    try:
        then = result.part((("key", name),))
    except UnknownReferenceError:
        return State(first)
    return State(first, then, result.part(()) if _may_lack(repeat.node, name) else None)


def _may_lack(node: AnyNode, key: str) -> bool:
    """Say whether a node's mapping is only known to have a key once it is there."""
    match node:
        case Task():
            return not any(output.path == (("key", key),) for output in node.outputs.values())
        case DAG():
            return False
        case Switch():
            return any(_may_lack(inner, key) for inner in node.nodes.values())
        case Repeat():
            return _may_lack(node.node, key)


@dataclass(frozen=True, slots=True)
class _Inputs:
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
class _Body:
    """One pipeline that is being inlined."""

    lowering: _Lowering
    dag: DAG
    scope: _Scope
    results: dict[str, Result] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    guards: dict[str, _Seen] = field(default_factory=dict)
    """For each loop, the guards that the list depends on which it runs over."""

    def add(self, name: str, node: AnyNode) -> None:
        """Add a node's steps."""
        seen: _Seen = {}
        for loop in node.within:
            self.axis(loop)
            seen |= self.guards[loop]
        bound: dict[str, Binding] = {}
        guards: dict[str, tuple[str, ...]] = {}
        for key, source in node.inputs.items():
            own: _Seen = {}
            bound[key] = self.binding(source, key, own)
            if own:
                guards[key] = tuple(own)
                seen |= own
        selector = None
        if isinstance(node, Switch):
            selector = self.binding(node.selector, "selector", seen)
        space = self._guarded(self.scope.axes(node.within), seen)
        scope = replace(self.scope, after=self._after(node.after))
        before = len(self.lowering.added)
        inputs = _Inputs(bound, space, guards, selector)
        self.results[name] = self.lowering.add_node(name, node, scope, inputs)
        self.members[name] = tuple(self.lowering.added[before:])
        group = node.options.group if isinstance(node, Task) else getattr(node, "group", None)
        if group:
            shared = dict.fromkeys(self.members[name], self.scope.home + group)
            self.lowering.containers |= shared

    def _guarded(self, space: tuple[str, ...], guards: Iterable[str]) -> tuple[str, ...]:
        """Put guards into a space, each behind the axes that it depends on."""
        placed = list(space)
        for guard in guards:
            if guard not in placed:
                around = set(self.lowering.axes[guard].within)
                known = (
                    n for n, axis in enumerate(placed) if not around.isdisjoint(self._in_step(axis))
                )
                placed.insert(max(known, default=-1) + 1, guard)
        return tuple(placed)

    def _in_step(self, axis: str) -> Iterator[str]:
        """Yield an axis, and those that run in step under it."""
        yield axis
        for joined in self.lowering.axes[axis].zips:
            yield from self._in_step(joined)

    def _after(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.scope.after, *(a for name in names for a in self.members[name]))

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
        self.lowering.axes[self.scope.prefix + name] = Axis(
            over,
            tuple(self.scope.prefix + other for other in loop.zips),
            self._guarded(self.scope.axes(loop.within), seen),
        )

    # Bindings

    def binding(self, source: Any, name: str, seen: _Seen) -> Binding:
        """Return where an input of this pipeline's namespace comes from in the plan."""
        match source:
            case FromValue(value=value):
                return Value(thaw(value))
            case FromParam():
                return self._from_parameter(source, name, seen)
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

    def _element(self, source: Any, name: str, seen: _Seen) -> Element:
        if not isinstance(source, EachInput):
            return self.binding(source, name, seen)
        self.axis(source.loop)
        seen |= self.guards[source.loop]
        loop = self.scope.prefix + source.loop
        items: list[Element] = []
        for item in source.items:
            own: _Seen = {}
            element = self._element(item, name, own)
            for guard in own:
                if not set(self._in_step(loop)).isdisjoint(self.lowering.axes[guard].within):
                    element = ForEach(guard, (element,))
                else:
                    seen[guard] = None
            items.append(element)
        return ForEach(loop, tuple(items))

    def _from_parameter(self, source: FromParam, name: str, seen: _Seen) -> Binding:
        wanted = source.name or name
        seen |= dict.fromkeys(self.scope.guards.get(wanted, ()))
        found = self.scope.parameters.get(wanted)
        if found is None:
            return Value(thaw(source.default))
        return part(found, source.path)


def _cache(options: Options) -> Cache | None:
    if not options.cache:
        return None
    return Cache("" if options.cache is True else options.cache)


def _in_environments(steps: Mapping[str, Step]) -> dict[str, Step]:
    """Return steps whose cached results count for the variables of their container only."""
    return {
        address: replace(step, card=in_environment(step.card, _digest(step.options.env)))
        if step.options.env
        else step
        for address, step in steps.items()
    }


def _digest(env: Mapping[str, str]) -> str:
    return sha256(canonical_json(dict(sorted(env.items())))).hexdigest()


def _policy(options: Options) -> Policy:
    return Policy(options.retries, options.retry_delay, options.retry_backoff, options.timeout)
