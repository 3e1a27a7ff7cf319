"""Say in words how a target expresses the steps of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagger_providers.card import Axis, ListOf, NodeOutput, Parameter, Value
from dagger_providers.planning.plan import Group, Plan, Step


@dataclass(frozen=True, slots=True)
class Loops:
    """What a target calls a loop over steps, and a hook.

    Attributes:
        one: Over one step.
        several: Over several steps.
        hook: And what a hook.
    """

    one: str
    several: str
    hook: str


LOOPS: Mapping[str, Loops] = {
    "airflow": Loops("mapped tasks", "mapped task group", "teardown"),
    "argo": Loops("withParam", "withParam of a DAG", "exit handler"),
    "kfp": Loops("ParallelFor", "ParallelFor", "exit task"),
}
"""The targets that have a construct of their own for loops, for which each step of a plan is a task
as any other; elsewhere a loop is a loop of ours. A new target is one more line here."""

_INSERTED = "inserted step"
_ONE_CONTAINER = "one container"
"""What runs the turns of a repetition, or the nodes of a group."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a plan as a target will see it.

    Attributes:
        address: The step's address.
        over: The loops that it runs in, outermost first; empty: it runs once.
        needs: Addresses of the steps that must be done before.
        lowering: Which construct of the target it becomes.
        inserted: Why planning added it; empty for a step of the pipeline.
        function: What it runs; empty for one that was inserted.
    """

    address: str
    over: tuple[str, ...]
    needs: tuple[str, ...]
    lowering: str
    inserted: str = ""
    function: str = ""

    @property
    def runs(self) -> str:
        """How often it runs."""
        return f"for each {', '.join(self.over)}" if self.over else "once"


def lowering_of(lowered: Plan, target: str) -> str:
    """Return in a few words how a target expresses a pipeline's loops."""
    bodies = any(step.card.body for step in lowered.steps.values())
    words = [_ONE_CONTAINER] if bodies else []
    for group in lowered.groups:
        if group.space and target not in LOOPS:
            words.append("loops")
        elif group.space:
            words.append(_construct(group, target))
            if lowered.steps[group.indices_from].inserted:
                words.append(_INSERTED)
    return ", ".join(dict.fromkeys(words)) or "steps"


def step_views(lowered: Plan, target: str) -> list[StepView]:
    """Return the steps of a plan as a target will see them, in an order in which they can run."""
    hooks = [
        StepView(
            hook.address,
            hook.step.card.within,
            (*hook.step.needs, *hook.after),
            LOOPS[target].hook if target in LOOPS else "hook",
            function=hook.step.card.function,
        )
        for hook in lowered.hooks
    ]
    steps = [
        StepView(
            address,
            group.space,
            lowered.steps[address].needs,
            _step_lowering(lowered.steps[address], group, target),
            _why_inserted(lowered.steps[address], lowered),
            lowered.steps[address].card.function,
        )
        for group in lowered.groups
        for address in group.steps
    ]
    return [*steps, *hooks]


def _step_lowering(step: Step, group: Group, target: str) -> str:
    if step.inserted:
        return _INSERTED
    construct = _construct(group, target)
    return f"{construct}, {_ONE_CONTAINER}" if step.card.body else construct


def _construct(group: Group, target: str) -> str:
    if not group.space:
        return "step"
    loops = LOOPS.get(target)
    if loops is None:
        return "loop"
    native = loops.several if len(group.steps) > 1 else loops.one
    return native if len(group.space) == 1 else f"{native} over an index product"


def _why_inserted(step: Step, lowered: Plan) -> str:
    if not step.inserted:
        return ""
    space = step.card.emits
    if len(space) > 1:
        why = "no single step knows all indices of nested loops"
    else:
        axis = lowered.axes[space[0]]
        why = _when_open(axis) if axis.is_guard else _why_no_step_lists(axis, lowered)
    return f"lists the indices of {', '.join(space)}: {why}"


def _when_open(axis: Axis) -> str:
    if axis.choice is None:
        return f"it is open where {axis.survives} did not fail"
    return f"it is open where switch {axis.choice.switch!r} chooses {axis.choice.case!r}"


def _why_no_step_lists(axis: Axis, lowered: Plan) -> str:
    match axis.over:
        case None:
            return "loops in step must be compared"
        case Parameter(name=name):
            return f"the list is parameter {name!r}"
        case Value():
            return "the list is a literal"
        case ListOf():
            return "several steps make the list"
        case NodeOutput(address=address, loops=()) if lowered.steps[address].card.emits:
            return f"{address} lists those of another loop already"
        case _:
            return "the list is an item of another loop"
