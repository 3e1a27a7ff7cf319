"""Say in words how a target expresses the steps of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagger_providers.card import (
    Axis,
    Card,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    Parameter,
    Stored,
    Value,
)
from dagger_providers.errors import counted
from dagger_providers.model import DAG
from dagger_providers.planning.groups import owners_of
from dagger_providers.planning.lower import nested_plan, plan
from dagger_providers.planning.plan import Group, NestedPlan, Plan, Step


@dataclass(frozen=True, slots=True)
class Loops:
    """What a target calls a loop over steps, and a hook.

    Attributes:
        one: Over one step.
        several: Over several steps.
        hook: And what a hook.
        condition: And what runs only in some branch, where its loops and conditions nest; empty
            where they do not.
    """

    one: str
    several: str
    hook: str
    condition: str = ""


LOOPS: Mapping[str, Loops] = {
    "airflow": Loops("mapped tasks", "mapped task group", "teardown"),
    "argo": Loops("withParam", "withParam of a DAG", "exit handler"),
    "kfp": Loops("ParallelFor", "ParallelFor", "exit task", "If"),
}
"""The targets that have a construct of their own for loops, for which each step of a plan is a task
as any other; elsewhere a loop is a loop of ours. A new target is one more line here."""

_INSERTED = "inserted step"
_ONE_CONTAINER = "one container"
"""What runs the turns of a repetition, or the nodes of a group."""


@dataclass(frozen=True, slots=True)
class InnerView:
    """A node that runs inside the one container of a repetition or a group.

    Attributes:
        address: The node's address.
        over: The axes that it runs in, outermost first, those of the container included.
        runs: How often it runs, in words.
        function: What it runs; empty for one that has nodes inside itself.
        inside: The nodes inside it.
    """

    address: str
    over: tuple[str, ...]
    runs: str
    function: str
    inside: tuple[InnerView, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a plan as a target will see it.

    Attributes:
        address: The step's address.
        over: The axes that it runs in, outermost first; empty: it runs once.
        runs: How often it runs, in words.
        needs: Addresses of the steps that must be done before.
        lowering: Which construct of the target it becomes.
        inserted: Why planning added it; empty for a step of the pipeline.
        function: What it runs; empty for one that was inserted, and for one container of several.
        inside: The nodes that share its container.
    """

    address: str
    over: tuple[str, ...]
    runs: str
    needs: tuple[str, ...]
    lowering: str
    inserted: str = ""
    function: str = ""
    inside: tuple[InnerView, ...] = ()


def plan_for(dag: DAG, target: str) -> Plan:
    """Lower a pipeline as a target sees it; raises as `plan`."""
    nests = target in LOOPS and LOOPS[target].condition
    return nested_plan(dag) if nests else plan(dag)


def lowering_of(lowered: Plan, target: str) -> str:
    """Return in a few words how a target expresses a pipeline's loops, conditions and groups."""
    words = [word for group in lowered.groups for word in _words(group, lowered, target)]
    return ", ".join(dict.fromkeys(words)) or "steps"


def step_views(lowered: Plan, target: str) -> list[StepView]:
    """Return the steps of a plan as a target will see them, in an order in which they can run."""
    steps = [
        StepView(
            address,
            group.space,
            _runs(group.space, lowered.axes),
            step.needs,
            _lowering(step, group, lowered, target),
            _why_inserted(step, lowered),
            step.card.function,
            _inside(step.card, lowered.axes),
        )
        for group in lowered.groups
        for address in group.steps
        for step in [lowered.steps[address]]
    ]
    hooks = [
        StepView(
            hook.address,
            hook.step.card.within,
            _runs(hook.step.card.within, lowered.axes),
            (*hook.step.needs, *hook.after),
            LOOPS[target].hook if target in LOOPS else "hook",
            function=hook.step.card.function,
        )
        for hook in lowered.hooks
    ]
    return [*steps, *hooks]


def _inside(card: Card, axes: Mapping[str, Axis]) -> tuple[InnerView, ...]:
    return tuple(
        InnerView(
            inner.address,
            inner.within,
            _runs(inner.within, axes),
            inner.function,
            _inside(inner, axes),
        )
        for stage in card.body
        for inner in stage.cards
    )


def _runs(space: tuple[str, ...], axes: Mapping[str, Axis]) -> str:
    parts: list[str] = []
    for name in space:
        axis = axes[name]
        if axis.is_guard:
            parts.append(f"if {name}")
        elif axis.turns:
            parts.append(f"in each turn of {axis.turns}")
        elif parts and parts[-1].startswith("for each of "):
            parts[-1] += f", {name}"
        else:
            parts.append(f"for each of {name}")
    return ", ".join(parts) or "once"


def _lowering(step: Step, group: Group, lowered: Plan, target: str) -> str:
    if step.inserted:
        return _INSERTED
    construct = _construct(group, lowered, target)
    if not step.card.body:
        return construct
    how = "turn by turn" if step.card.turns else _nodes(step.card)
    container = f"{_ONE_CONTAINER}: {how}"
    return f"{construct}, {container}" if group.space else container


def _nodes(card: Card) -> str:
    return counted(sum(len(stage.cards) for stage in card.body), "node")


def _words(group: Group, lowered: Plan, target: str) -> Iterator[str]:
    if group.space and target in LOOPS:
        if not all(lowered.steps[address].inserted for address in group.steps):
            yield _construct(group, lowered, target)
        if group.indices_from and lowered.steps[group.indices_from].inserted:
            yield _INSERTED
    else:
        guards = [lowered.axes[name].is_guard for name in group.space]
        if not all(guards):
            yield "loops"
        if any(guards):
            yield "conditions"
    if any(lowered.steps[address].card.body for address in group.steps):
        yield _ONE_CONTAINER


def _construct(group: Group, lowered: Plan, target: str) -> str:
    if not group.space:
        return "step"
    depth = sum(not lowered.axes[name].is_guard for name in group.space)
    loops = LOOPS.get(target)
    if loops is None:
        return "loop" if depth else "condition"
    native = loops.several if len(group.steps) > 1 else loops.one
    if isinstance(lowered, NestedPlan):
        guards = (lowered.axes[name].is_guard for name in reversed(group.space))
        return " in ".join(loops.condition if guard else native for guard in guards)
    return f"{native} over an index product" if depth > 1 else native


# Why a step was inserted


def _why_inserted(step: Step, lowered: Plan) -> str:
    if not step.inserted:
        return ""
    if step.card.decides:
        guard = lowered.axes[step.card.decides[0]]
        if guard.choice is None:
            return f"tells which items of {guard.survives} did not fail"
        return f"tells which branch of {guard.choice.switch} runs"
    axes = {name: lowered.axes[name] for name in step.card.emits[len(step.card.within) :]}
    loops = [name for name, axis in axes.items() if not axis.is_guard]
    guards = [axis for axis in axes.values() if axis.is_guard]
    conditions = " and ".join(map(_condition, guards))
    innermost = axes[step.card.emits[-1]]
    if innermost.survives and len(guards) == 1:
        return f"tells which items of {innermost.survives} did not fail"
    if innermost.is_guard:
        return f"tells {'for which items' if loops else 'whether'} {conditions}"
    if len(loops) > 1:
        why = "no single step knows all indices of nested loops"
    else:
        why = _why_no_step_lists(innermost, step, lowered)
    where = f", where {conditions}" if guards else ""
    return f"lists the indices of {', '.join(loops)}{where}: {why}"


def _condition(guard: Axis) -> str:
    if guard.choice is None:
        return f"{guard.survives} did not fail"
    return f"{guard.choice.switch} chose {guard.choice.case}"


def _why_no_step_lists(axis: Axis, step: Step, lowered: Plan) -> str:
    match axis.over:
        case Parameter(name=name):
            return f"the list is parameter {name!r}"
        case Stored(uri=uri):
            return f"the list is artifact {uri!r}"
        case NodeOutput(address=inner, loops=loops) if not loops or step.card.within:
            address = owners_of(lowered.steps.values()).get(inner, inner)
            if lowered.steps[address].card.within != step.card.within:
                return f"{address}, which makes the list, may not run"
            return f"{address} lists those of another loop already"
        case other:
            return _LISTS[type(other)]


_LISTS: Mapping[type, str] = {
    type(None): "loops in step must be compared",
    Value: "the list is a literal",
    ListOf: "several steps make the list",
    OneOf: "one branch of a switch makes the list",
    Last: "the last turn of a repetition makes the list",
    NodeOutput: "the list is an item of another loop",
    Item: "the list is an item of another loop",
}
