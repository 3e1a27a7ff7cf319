"""Put the steps of each loop together, and say which step tells how long the loop is."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from dagger_providers.card import Axis, Card, NodeOutput, Parameter
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS
from dagger_providers.planning.plan import Group, Step
from dagger_providers.planning.reading import closure, gathered_by, leaves_of
from dagger_providers.serializers.records import replace

_Key = tuple[tuple[str, ...], int]


def group_steps(
    given: Mapping[str, Step], axes: Mapping[str, Axis]
) -> tuple[dict[str, Step], tuple[Group, ...]]:
    """Return all steps in an order in which they can run, and the groups that they form.

    Steps of one index space form one group, unless one of them waits for another through a step
    of a different space: then what comes after is a group of its own.
    """
    steps, sources = _with_indices(given, axes)
    order = TopologicalSorter({a: s.needs for a, s in steps.items()}).static_order()
    steps = {address: steps[address] for address in order}
    members: dict[_Key, list[str]] = {}
    keys: dict[str, _Key] = {}
    for address, step in steps.items():
        key = keys[address] = _key(step, keys)
        members.setdefault(key if key[0] else ((), -len(members) - 1), []).append(address)
    groups = []
    for (space, _), addresses in members.items():
        inside = set(addresses)
        needs = dict.fromkeys(n for a in addresses for n in steps[a].needs if n not in inside)
        groups.append(Group(space, tuple(addresses), sources.get(space, ""), tuple(needs)))
    return steps, _ordered(groups)


def _key(step: Step, keys: Mapping[str, _Key]) -> _Key:
    """Return a step's space and its level: how many barriers are on the way to it.

    A step of the same space is no barrier as long as each item waits only for its own.
    """
    space = step.card.within
    gathered = gathered_by(step.card) if space else frozenset()
    level = 0
    for need in step.needs:
        other, height = keys[need]
        same = other == space and need not in gathered
        level = max(level, height if same else height + 1)
    return space, level


def _ordered(groups: list[Group]) -> tuple[Group, ...]:
    home = {address: number for number, group in enumerate(groups) for address in group.steps}
    graph = {n: {home[a] for a in group.needs} for n, group in enumerate(groups)}
    return tuple(groups[n] for n in TopologicalSorter(graph).static_order())


def _with_indices(
    given: Mapping[str, Step], axes: Mapping[str, Axis]
) -> tuple[dict[str, Step], dict[tuple[str, ...], str]]:
    """Let a step emit the indices of each space: the one that makes the list, or a new one."""
    steps = dict(given)
    sources: dict[tuple[str, ...], str] = {}
    spaces = dict.fromkeys(step.card.within for step in given.values() if step.card.within)
    for space in spaces:
        maker = _maker(space, axes, steps)
        if maker is not None:
            card = steps[maker].card
            emitting = replace(card, emits=space, axes=closure(replace(card, emits=space), axes))
            steps[maker] = replace(steps[maker], card=emitting)
        else:
            inserted = _inserted(space, axes, steps)
            maker = inserted.address
            steps[maker] = inserted
        sources[space] = maker
    for address, step in steps.items():
        maker = sources.get(step.card.within)
        if maker is not None and maker not in step.needs:
            steps[address] = replace(step, needs=(*step.needs, maker))
    return steps, sources


def _maker(
    space: tuple[str, ...], axes: Mapping[str, Axis], steps: Mapping[str, Step]
) -> str | None:
    """Return the step whose output a single loop runs over, if it can tell the length itself."""
    over = axes[space[0]].over
    if len(space) > 1 or not isinstance(over, NodeOutput) or over.loops:
        return None
    return None if steps[over.address].card.emits else over.address


def _inserted(space: tuple[str, ...], axes: Mapping[str, Axis], steps: Mapping[str, Step]) -> Step:
    prefix, _, last = space[-1].rpartition(".")
    base = f"{prefix}.items-of-{last}" if prefix else f"items-of-{last}"
    address, number = base, 1
    while address in steps:
        number += 1
        address = f"{base}-{number}"
    card = Card(address, emits=space)
    card = replace(card, axes=closure(card, axes))
    leaves = [
        leaf
        for axis in card.axes.values()
        if axis.over is not None
        for leaf in leaves_of(axis.over)
    ]
    needs = dict.fromkeys(leaf.address for leaf in leaves if isinstance(leaf, NodeOutput))
    read = dict.fromkeys(leaf.name for leaf in leaves if isinstance(leaf, Parameter))
    return Step(card, tuple(needs), tuple(read), DEFAULT_OPTIONS, EMPTY, inserted=True)
