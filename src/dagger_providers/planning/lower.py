"""Lower a model to a plan: inline what is nested, then group the steps of each loop."""

from __future__ import annotations

from collections.abc import Mapping
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
    OutputCard,
    Parameter,
    Policy,
    State,
    Stored,
    Turns,
    in_environment,
)
from dagger_providers.dsl.wiring import check_wiring
from dagger_providers.errors import ModelError, UnknownReferenceError
from dagger_providers.model import (
    DAG,
    FromParam,
    Options,
    Repeat,
    Switch,
    Task,
)
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.hooks import hooks_of
from dagger_providers.model.nodes import TURN, AnyNode
from dagger_providers.planning.bodies import composite, join_groups
from dagger_providers.planning.groups import group_steps
from dagger_providers.planning.hooks import Part, lower_hooks, place_hooks
from dagger_providers.planning.nesting import groups_of, nest_steps
from dagger_providers.planning.plan import Hook, NestedPlan, Plan, Step
from dagger_providers.planning.reading import closure, leaves_of, needs_of, parameters_of
from dagger_providers.planning.results import (
    DagResult,
    RepeatResult,
    Result,
    SwitchResult,
    TaskResult,
)
from dagger_providers.planning.scopes import Inputs, Names, Scope, Seen
from dagger_providers.serializers.records import replace
from dagger_providers.storage import canonical_json


def plan(dag: DAG) -> Plan:
    """Lower a pipeline, with all loops beside each other.

    Raises:
        ModelError: It is no root: an input is bound to another pipeline's node.
        BuildError: It was made by hand, and an edge does not fit; see `check_wiring`.
    """
    lowering, result, given = _lowered(dag)
    spaces = [hook.step.card.within for hook in lowering.hooks]
    steps, groups, sources = group_steps(given, lowering.axes, spaces)
    hooks = place_hooks(lowering.hooks, steps, sources)
    outputs = dict(result.outputs)
    declared = _declared(dag)
    return Plan(dag.name, dag.description, declared, steps, groups, outputs, lowering.axes, hooks)


def nested_plan(dag: DAG) -> NestedPlan:
    """Lower a pipeline, with loops and branches in each other; raises as `plan`.

    Hooks of what is nested in it have no indices: an engine that runs them takes `plan`.
    """
    lowering, result, given = _lowered(dag)
    declared = _declared(dag)
    steps, root = nest_steps(given, lowering.axes, declared)
    return NestedPlan(
        dag.name,
        dag.description,
        declared,
        steps,
        tuple(groups_of(root)),
        dict(result.outputs),
        lowering.axes,
        place_hooks(lowering.hooks, steps, {}),
        root,
    )


def _lowered(dag: DAG) -> tuple[_Lowering, DagResult, dict[str, Step]]:
    """Return a pipeline's axes and hooks, its outputs and its steps."""
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
    result = lowering.inline(dag, Scope("", (), parameters, ()))
    for name, binding in result.outputs.items():
        _check_made(dag, name, binding)
    joined = join_groups(lowering.steps, lowering.containers, lowering.axes)
    return lowering, result, _in_environments(joined)


def _check_made(dag: DAG, name: str, binding: Binding) -> None:
    """Refuse to give back an artifact that a nested pipeline has handed on; see `check_dag`."""
    for leaf in leaves_of(binding):
        if isinstance(leaf, Stored):
            raise ModelError(
                f"pipeline {dag.name!r} returns artifact {leaf.uri!r} as {name!r}, which no run "
                "makes: return what a task makes of it"
            )


def _declared(dag: DAG) -> dict[str, FromParam]:
    return {name: s for name, s in dag.inputs.items() if isinstance(s, FromParam)}


def card_of(address: str, task: Task) -> Card:
    """Return the card of a task that stands alone: its inputs and loops are yet to be said."""
    return Card(
        address=address,
        function=task.function,
        signature=task.signature,
        outputs={
            name: OutputCard(output.path, output.serializer, output.partitioned)
            for name, output in task.outputs.items()
        },
        policy=_policy(task.options),
        on_failure=task.on_failure,
        allow_failure=task.options.allow_failure,
        cache=_cache(task.options),
    )


def _parameter(name: str, source: Any) -> Parameter:
    return Parameter(name, source.serializer)


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

    def inline(self, dag: DAG, scope: Scope) -> DagResult:
        """Add a pipeline's steps and return where its outputs are read from."""
        begun = len(self.steps), len(self.hooks)
        names = Names(dag, scope, self.axes)
        body = _Body(self, names)
        for name in dag.order:
            body.add(name, dag.nodes[name])
        for name in dag.loops:
            names.axis(name)
        outputs: dict[str, Binding] = {}
        guards: dict[str, tuple[str, ...]] = {}
        for name, source in dag.outputs.items():
            seen: Seen = {}
            outputs[name] = names.binding(source, name, seen)
            guards[name] = tuple(seen)
        if any(hooks_of(dag)):
            self._add_hooks(dag, scope, *begun)
        return DagResult(dag.name, outputs, guards)

    def _add_hooks(self, dag: DAG, scope: Scope, steps: int, hooks: int) -> None:
        """Add the hooks of a pipeline whose first step and first nested hook have these numbers."""
        part = Part(
            scope.prefix,
            scope.space,
            scope.parameters,
            tuple(islice(self.steps.values(), steps, None)),
            tuple(self.hooks[hooks:]),
        )
        self.hooks += lower_hooks(dag, part, self.axes)

    def add_node(self, name: str, node: AnyNode, scope: Scope, inputs: Inputs) -> Result:
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

    def _add_task(self, name: str, task: Task, scope: Scope, inputs: Inputs) -> TaskResult:
        address = scope.prefix + name
        card = replace(card_of(address, task), within=inputs.space, inputs=inputs.bound)
        self._add_step(card, scope.after, task)
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

    def _add_step(self, card: Card, after: tuple[str, ...], task: Task) -> None:
        card = replace(card, axes=closure(card, self.axes))
        self._keep(
            Step(
                card,
                tuple(needs_of(card) | dict.fromkeys(after)),
                tuple(parameters_of(card)),
                task.options,
                task.runtime_options,
                description=task.description,
            )
        )

    def _keep(self, step: Step) -> None:
        self.steps[step.address] = step
        self.added.append(step.address)

    # Switches and repetitions

    def _add_switch(self, name: str, switch: Switch, scope: Scope, inputs: Inputs) -> SwitchResult:
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

    def _add_repeat(self, name: str, repeat: Repeat, scope: Scope, inputs: Inputs) -> RepeatResult:
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

    def _add_inner(self, name: str, node: AnyNode, scope: Scope) -> Result:
        """Add what stands in a switch or a repetition: it sees only what that is given."""
        names = Names(_NO_LOOPS, scope, self.axes)
        _Body(self, names).add(name, node)
        return names.results[name]


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


@dataclass(slots=True)
class _Body:
    """One pipeline that is being inlined."""

    lowering: _Lowering
    names: Names
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each node, the addresses of its steps."""

    def add(self, name: str, node: AnyNode) -> None:
        """Add a node's steps."""
        inputs = self.names.inputs(node)
        scope = self.names.scope
        inner = replace(scope, after=self._after(node.after))
        before = len(self.lowering.added)
        self.names.results[name] = self.lowering.add_node(name, node, inner, inputs)
        self.members[name] = tuple(self.lowering.added[before:])
        group = node.options.group if isinstance(node, Task) else getattr(node, "group", None)
        if group:
            shared = dict.fromkeys(self.members[name], scope.home + group)
            self.lowering.containers |= shared

    def _after(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return (*self.names.scope.after, *(a for name in names for a in self.members[name]))


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
