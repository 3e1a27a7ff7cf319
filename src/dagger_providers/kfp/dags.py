"""DAGs of a pipeline: the steps of regions, in KFP's own loops and conditions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dagger_providers.card.axes import SEVERAL
from dagger_providers.kfp.conditions import any_of, equals, none_of
from dagger_providers.kfp.containers import CHANNEL, RUN_ID, TOLD, index_inputs
from dagger_providers.kfp.importers import read_by
from dagger_providers.kfp.interface import BEGIN
from dagger_providers.kfp.tasks import (
    Channel,
    Draft,
    Needed,
    add_dag,
    add_importers,
    add_task,
    connect,
    take_in,
)
from dagger_providers.planning import Plan
from dagger_providers.planning.naming import unique
from dagger_providers.planning.plan import Branch, Branches, Loop, Region


def fill(draft: Draft, dag: Any, region: Region, items: tuple[Channel, ...]) -> Needed:
    """Write the tasks of a region into a DAG; return what they read from around it.

    Args:
        draft: The pipeline.
        dag: The DAG.
        region: The region.
        items: The item of each loop around it, outermost first.
    """
    needed: Needed = {}
    homes = add_importers(draft, dag) if region is draft.plan.root else {}
    for part in region.parts:
        waits = (*draft.begun, *_importers_of(draft, part))
        if isinstance(part, str):
            step = draft.plan.steps[part]
            before = _known(homes, (*step.needs, *waits))
            add_task(draft, dag, step, before)
            reads = {name: draft.parameter(name) for name in step.parameters}
            if draft.begun and part != BEGIN:
                reads[RUN_ID] = Channel(RUN_ID, "STRING", BEGIN)
            reads |= dict(zip(index_inputs(step), items, strict=True))
            homes[part] = draft.keys.of(part)
        elif isinstance(part, Loop):
            before = _known(homes, (*part.needs, *waits))
            reads = _add_loop(draft, dag, part, items, before)
            homes |= dict.fromkeys(part.body.addresses, draft.keys.of(part))
        else:
            before = _known(homes, (*part.needs, *waits))
            reads = _add_branches(draft, dag, part, items, before)
            inside = (a for branch in part.branches for a in branch.body.addresses)
            homes |= dict.fromkeys(inside, draft.keys.of(part))
        key = homes[part] if isinstance(part, str) else draft.keys.of(part)
        needed |= connect(dag.tasks[key], reads, homes)
    return needed


def _importers_of(draft: Draft, part: str | Loop | Branches) -> Iterable[str]:
    if not draft.imported:  # most pipelines have none, and parts many steps
        return ()
    inside = Region(draft.plan.root.space, (part,)).addresses
    return read_by((draft.plan.steps[a] for a in inside), draft.imported)


def _known(homes: Mapping[str, str], addresses: Iterable[str]) -> Iterable[str]:
    """Return the tasks of a DAG that some steps are in, as far as they are in it."""
    return dict.fromkeys(homes[address] for address in addresses if address in homes)


# Loops


def _add_loop(
    draft: Draft, dag: Any, loop: Loop, items: tuple[Channel, ...], before: Iterable[str]
) -> Needed:
    """Add a loop: a task whose component holds the steps, run once for each position.

    The shape is what the SDK gives a ``ParallelFor`` over a task's output or a list, and so are
    names, but for the item's: `kfp.local` takes each ``-loop-item`` for the innermost loop's.
    """
    key = draft.keys.of(loop)
    task, component = add_dag(draft, dag, key, before)
    name = f"{CHANNEL}{draft.keys.of(loop.indices_from)}-{TOLD}" if loop.indices_from else ""
    item = Channel(unique(f"{name or CHANNEL + key}-item", {one.name for one in items}), "STRING")
    needed = fill(draft, component.dag, loop.body, (*items, item))
    needed.pop(item.name, None)
    task.parameter_iterator.item_input = item.name
    if name:
        needed[name] = Channel(name, "LIST", loop.indices_from)
        task.parameter_iterator.items.input_parameter = name
    else:
        task.parameter_iterator.items.raw = json.dumps([str(n) for n in range(loop.count)])
    take_in(component, (*needed.values(), item))
    limits = (draft.options.parallelism, _concurrency(draft.plan, loop))
    parallelism = min(filter(None, limits), default=0)
    if parallelism:
        task.iterator_policy.parallelism_limit = parallelism
    return needed


def _concurrency(lowered: Plan, loop: Loop) -> int | None:
    """Return how many items may run at a time: one, where a loop inside has a limit."""
    own: list[str] = []
    deeper: list[str] = []
    for address in loop.body.addresses:
        card = lowered.steps[address].card
        innermost = next(a for a in reversed(card.within) if not lowered.axes[a].is_guard)
        (own if innermost == loop.axis else deeper).append(address)
    return 1 if lowered.concurrency(deeper) else lowered.concurrency(own)


# Branches


def _add_branches(
    draft: Draft, dag: Any, branches: Branches, items: tuple[Channel, ...], before: Iterable[str]
) -> Needed:
    """Add a task whose component holds a DAG for each branch, all but one of them skipped.

    Names and shape are those that the SDK gives an ``If`` with its ``Elif`` and ``Else``. What
    comes after waits for the whole, which is done also where nothing was chosen.
    """
    _, component = add_dag(draft, dag, draft.keys.of(branches), before)
    read = _told(draft, branches)
    needed: Needed = {read.name: read}
    for branch in branches.branches:
        one, inner = add_dag(draft, component.dag, draft.keys.of(branch), ())
        reads = {read.name: read, **fill(draft, inner.dag, branch.body, items)}
        take_in(inner, reads.values())
        needed |= connect(one, reads, {})
        if condition := _condition(draft, branches, branch, read, bool(items)):
            one.trigger_policy.condition = condition
    take_in(component, needed.values())
    return needed


def _told(draft: Draft, branches: Branches) -> Channel:
    """Return what says which branch runs: a step's output, or a parameter."""
    if branches.compared is not None:
        return draft.parameter(branches.compared.parameter)
    name = f"{CHANNEL}{draft.keys.of(branches.chosen_by)}-{TOLD}"
    return Channel(name, "STRING", branches.chosen_by)


def _condition(
    draft: Draft, branches: Branches, branch: Branch, read: Channel, in_loop: bool
) -> str:
    """Return when a branch runs; empty: always."""
    axis = draft.plan.axes[branch.guard]
    if branches.compared is None or axis.choice is None:
        case = branch.guard.rpartition(".")[2]
        names = (case, SEVERAL) if in_loop else (case,)
        return any_of(equals(read.name, read.type, name) for name in names)
    case, cases = axis.choice.case, dict(axis.choice.cases)
    if branch.guard != branches.compared.otherwise:
        return equals(read.name, read.type, cases[case])
    return none_of(equals(read.name, read.type, cases[name]) for name in cases if name != case)
