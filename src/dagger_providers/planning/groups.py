"""Put the steps of each loop together, and say which step tells how long the loop is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from dagger_providers.card import Axis, Card, NodeOutput
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS
from dagger_providers.planning.plan import Group, Step
from dagger_providers.planning.reading import closure, gathered_by, needs_of, parameters_of
from dagger_providers.serializers.records import replace

_Key = tuple[tuple[str, ...], int]


def group_steps(
    given: Mapping[str, Step], axes: Mapping[str, Axis], others: Iterable[tuple[str, ...]] = ()
) -> tuple[dict[str, Step], tuple[Group, ...], dict[tuple[str, ...], str]]:
    """Return all steps in an order in which they can run, and the groups that they form.

    The last of three says which step emits the indices of a space, also of the ``others``.

    Steps of one index space form one group, unless one of them waits for another through a step
    of a different space: then what comes after is a group of its own.
    """
    steps, sources = _with_indices(given, axes, others)
    steps, members = stages(steps)
    groups = []
    for space, addresses in members:
        inside = set(addresses)
        needs = dict.fromkeys(n for a in addresses for n in steps[a].needs if n not in inside)
        groups.append(Group(space, addresses, sources.get(space, ""), tuple(needs)))
    return steps, tuple(groups), sources


def stages(
    given: Mapping[str, Step],
) -> tuple[dict[str, Step], list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Return steps in order, and the stages that they form, in order: a space and its steps.

    What steps need that are not given is there already.
    """
    graph = {a: [n for n in step.needs if n in given] for a, step in given.items()}
    steps = {address: given[address] for address in TopologicalSorter(graph).static_order()}
    owners = owners_of(steps.values())
    members: dict[_Key, list[str]] = {}
    keys: dict[str, _Key] = {}
    for address, step in steps.items():
        key = keys[address] = _key(step, graph[address], keys, owners)
        members.setdefault(key if key[0] else ((), -len(members) - 1), []).append(address)
    found = [(space, tuple(addresses)) for (space, _), addresses in members.items()]
    return steps, [found[number] for number in _in_order(found, graph)]


def owners_of(steps: Iterable[Step]) -> dict[str, str]:
    """Return, for each card in the body of a step, the step."""
    return {inner: step.address for step in steps for inner in step.card.inside}


def _key(
    step: Step, needs: Iterable[str], keys: Mapping[str, _Key], owners: Mapping[str, str]
) -> _Key:
    """Return a step's space and its level: how many barriers are on the way to it.

    A step of the same space is no barrier as long as each item waits only for its own.
    """
    space = step.card.within
    gathered = {owners.get(a, a) for a in gathered_by(step.card)} if space else frozenset()
    level = 0
    for need in needs:
        other, height = keys[need]
        same = other == space and need not in gathered
        level = max(level, height if same else height + 1)
    return space, level


def _in_order(
    found: list[tuple[tuple[str, ...], tuple[str, ...]]], graph: Mapping[str, Iterable[str]]
) -> Iterable[int]:
    home = {address: number for number, (_, members) in enumerate(found) for address in members}
    waits = {
        number: {home[need] for address in members for need in graph[address]} - {number}
        for number, (_, members) in enumerate(found)
    }
    return TopologicalSorter(waits).static_order()


def _with_indices(
    given: Mapping[str, Step], axes: Mapping[str, Axis], others: Iterable[tuple[str, ...]]
) -> tuple[dict[str, Step], dict[tuple[str, ...], str]]:
    """Let a step emit the indices of each space: the one that makes the list, or a new one."""
    steps = dict(given)
    owners = owners_of(steps.values())
    sources: dict[tuple[str, ...], str] = {}
    spaces = dict.fromkeys((*(step.card.within for step in given.values()), *others))
    for space in filter(None, spaces):
        maker = _maker(space, axes, steps, owners)
        if maker is not None:
            card = steps[maker].card
            known = {**card.axes, **closure(Card("", emits=space), axes)}
            steps[maker] = replace(steps[maker], card=replace(card, emits=space, axes=known))
        else:
            step = inserted(Card("", emits=space), axes, steps, owners)
            maker = step.address
            steps[maker] = step
        sources[space] = maker
    for address, step in steps.items():
        maker = sources.get(step.card.within)
        if maker is not None and maker not in step.needs:
            steps[address] = replace(step, needs=(*step.needs, maker))
    return steps, sources


def _maker(
    space: tuple[str, ...],
    axes: Mapping[str, Axis],
    steps: Mapping[str, Step],
    owners: Mapping[str, str],
) -> str | None:
    """Return the step whose output a single axis runs over, if it can tell the length itself."""
    over = axes[space[0]].over
    if len(space) > 1 or not isinstance(over, NodeOutput) or over.loops:
        return None
    maker = owners.get(over.address, over.address)
    card = steps[maker].card
    return None if card.emits or card.within else maker


def inserted(
    card: Card,
    axes: Mapping[str, Axis],
    steps: Mapping[str, Step],
    owners: Mapping[str, str],
) -> Step:
    """Return a step that only tells what a card says; it has an address of its own.

    Args:
        card: What it tells, without an address.
        axes: All axes of the plan.
        steps: All steps so far.
        owners: For each card in the body of a step, the step.
    """
    base = _name(card, axes)
    address, number = base, 1
    while address in steps:
        number += 1
        address = f"{base}-{number}"
    card = replace(card, address=address)
    card = replace(card, axes=closure(card, axes))
    needs = dict.fromkeys(owners.get(need, need) for need in needs_of(card))
    return Step(
        card, tuple(needs), tuple(parameters_of(card)), DEFAULT_OPTIONS, EMPTY, inserted=True
    )


def _name(card: Card, axes: Mapping[str, Axis]) -> str:
    """Return what a step is called that tells the indices of an innermost axis, or a choice."""
    axis = (*card.emits, *card.decides)[-1]
    of = axes[axis]
    if card.decides and of.choice is not None:
        prefix, _, last = of.choice.switch.rpartition(".")
        word = "choice-of"
    else:
        prefix, _, last = (of.survives or axis).rpartition(".")
        word = "if" if of.is_guard else "items-of"
    name = f"{word}-{last}-ok" if of.survives else f"{word}-{last}"
    return f"{prefix}.{name}" if prefix else name
