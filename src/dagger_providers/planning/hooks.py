"""Lower hooks: steps that run when what their pipeline was lowered to is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Element,
    ForEach,
    Item,
    ListOf,
    Parameter,
    RunRecord,
    Told,
    Value,
)
from dagger_providers.card.card import Policy
from dagger_providers.errors import ModelError
from dagger_providers.model import DAG, Task
from dagger_providers.model.hooks import hooks_of
from dagger_providers.planning.groups import owners_of
from dagger_providers.planning.plan import Hook, Step
from dagger_providers.planning.reading import closure, parameters_of
from dagger_providers.serializers.records import Record, replace


class Part(Record):
    """What a pipeline was lowered to.

    Attributes:
        prefix: What its addresses begin with.
        space: The axes that it runs in.
        parameters: Where its parameters come from.
        steps: Its steps.
        hooks: The hooks of the pipelines nested in it.
    """

    prefix: str
    space: tuple[str, ...]
    parameters: Mapping[str, Binding]
    steps: tuple[Step, ...]
    hooks: tuple[Hook, ...]


def lower_hooks(dag: DAG, part: Part, axes: Mapping[str, Axis]) -> Iterator[Hook]:
    """Yield the hooks of one pipeline, in order; where their indices come from is not yet known."""
    told = [Told(step.address, step.card.within) for step in part.steps]
    told += [_told(hook) for hook in part.hooks]
    before = tuple(hook.address for hook in part.hooks)
    needs = tuple(step.address for step in part.steps)
    outcome: list[Hook] = []
    for name, task in hooks_of(dag):
        if name == "on_exit" and outcome:
            told += [_told(hook) for hook in outcome]
            needs, before = (), tuple(hook.address for hook in outcome)
        hook = Hook(_step(name, task, _record(dag, part, told, axes), needs, axes), "", before)
        outcome.append(hook)
        yield hook


def _told(hook: Hook) -> Told:
    return Told(hook.address, hook.step.card.within, hook.step.card.when)


def _record(dag: DAG, part: Part, told: Sequence[Told], axes: Mapping[str, Axis]) -> RunRecord:
    known = {name: source for name, source in part.parameters.items() if _is_given(source, axes)}
    return RunRecord(dag.name, part.prefix, part.space, tuple(told), known)


def _is_given(source: Element, axes: Mapping[str, Axis]) -> bool:
    """Say whether a value, or an item of it, is given to the run, and not made by it."""
    match source:
        case Value() | Parameter():
            return True
        case Item(loop=loop):
            over = axes[loop].over
            return over is not None and _is_given(over, axes)
        case ListOf(items=items):
            return not any(isinstance(i, ForEach) or not _is_given(i, axes) for i in items)
        case _:
            return False


def _step(
    name: str, task: Task, record: RunRecord, needs: tuple[str, ...], axes: Mapping[str, Axis]
) -> Step:
    options = task.options
    card = Card(
        address=record.prefix + name,
        function=task.function,
        signature=task.signature,
        within=record.within,
        inputs=dict.fromkeys(task.inputs, record),
        policy=Policy(options.retries, options.retry_delay, options.retry_backoff, options.timeout),
        on_failure=task.on_failure,
        when=name,
    )
    card = replace(card, axes=closure(card, axes))
    return Step(
        card,
        needs,
        tuple(parameters_of(card)),
        options,
        task.runtime_options,
        description=task.description,
    )


def place_hooks(
    hooks: Sequence[Hook], steps: Mapping[str, Step], sources: Mapping[tuple[str, ...], str]
) -> tuple[Hook, ...]:
    """Return hooks that wait for the steps that their nodes run in, and know their indices.

    Raises:
        ModelError: A step has the address of a hook.
    """
    owners = owners_of(steps.values())
    placed = []
    for hook in hooks:
        if hook.address in steps:
            raise ModelError(f"a hook and a group are both called {hook.address!r}; rename it")
        needs = tuple(dict.fromkeys(owners.get(need, need) for need in hook.step.needs))
        source = sources.get(hook.step.card.within, "")
        placed.append(Hook(replace(hook.step, needs=needs), source, hook.after))
    return tuple(placed)
