"""What a run executed: by its plan, by its store, and by the record of the engine that ran it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dagger_providers.execution import Resolver, index_text
from dagger_providers.execution.bodies import inner_executions
from dagger_providers.execution.chunks import indices_in, is_chunk
from dagger_providers.execution.hooks import applies
from dagger_providers.planning import Plan
from dagger_providers.storage import Store
from dagger_providers.storage.commits import FILE_NAME


def name_of(address: str, index: str = "") -> str:
    """Return an execution's name: ``fit[0.2]``, or ``fit`` outside loops."""
    return f"{address}[{index}]" if index else address


def planned(
    plan: Plan, resolver: Resolver, *, inserted: bool = False, inner: bool = False
) -> list[str]:
    """Return the executions that a plan asks for, given how long the loops of a run turned out.

    Args:
        plan: What was to be run.
        resolver: Reads the run.
        inserted: Whether to list also the steps that planning added, which commit nothing.
        inner: Whether to list also what runs inside the steps that run several nodes.
    """
    found: list[str] = []
    for group in plan.groups:
        for index in resolver.indices(group.space):
            for address in group.steps:
                card = plan.steps[address].card
                if inserted or card.executes:
                    found.append(name_of(address, index_text(index)))
                if inner:
                    inside = inner_executions(card, index, resolver.run)
                    found.extend(name_of(a, index_text(i)) for a, i in inside)
    return [*found, *_hooks(plan, resolver)]


def _hooks(plan: Plan, resolver: Resolver) -> Iterator[str]:
    for hook in plan.hooks:
        card = hook.step.card
        for index in resolver.indices(card.within):
            if applies(card, index, resolver):
                yield name_of(hook.address, index_text(index))


def unchunked(tasks: Iterable[str], plan: Plan, resolver: Resolver) -> list[str]:
    """Return an engine's record with each task that ran a chunk as the executions of that chunk."""
    found: list[str] = []
    for task in tasks:
        address, _, text = task.removesuffix("]").partition("[")
        if is_chunk(text):
            indices = indices_in(text, plan.all_steps[address].card.within, resolver)
            found.extend(name_of(address, index_text(index)) for index in indices)
        else:
            found.append(task)
    return found


def committed(store: Store) -> list[str]:
    """Return the executions that have a commit record in a run's store."""
    found = []
    for address in store.list("nodes") if store.is_directory("nodes") else []:
        folder = f"nodes/{address}"
        for name in store.list(folder):
            if name == FILE_NAME:
                found.append(address)
            elif store.exists(f"{folder}/{name}/{FILE_NAME}"):
                found.append(name_of(address, name))
    return found


def difference(found: Iterable[str], expected: Iterable[str], who: str) -> str:
    """Return in one line how a record differs from the plan's executions; empty: it does not."""
    have, want = Counter(found), Counter(expected)
    parts = []
    if have - want:
        parts.append(f"{who} has {_listed(have - want)}, which the plan has not")
    if want - have:
        parts.append(f"{who} lacks {_listed(want - have)}")
    return "; ".join(parts)


def _listed(counts: Counter[str]) -> str:
    names = sorted(counts.elements())
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
