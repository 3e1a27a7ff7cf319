"""Make one step of several: they run in one container, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from dagger_providers.card import Axis, Card, Stage
from dagger_providers.card.card import with_axes
from dagger_providers.errors import ModelError
from dagger_providers.model import Options
from dagger_providers.model.frozen import EMPTY, FrozenMapping
from dagger_providers.model.options import largest
from dagger_providers.planning.groups import owners_of, stages
from dagger_providers.planning.plan import Step
from dagger_providers.planning.reading import closure, needs_of, parameters_of
from dagger_providers.serializers.records import replace


def composite(card: Card, inner: Mapping[str, Step], axes: Mapping[str, Axis]) -> Step:
    """Return the step of a card whose body is made of other steps.

    Args:
        card: The card, still without its body.
        inner: The steps of the body.
        axes: All axes of the plan.

    Raises:
        ModelError: The steps ask for different images, or for different values of a variable.
    """
    steps, members = stages(inner)
    known = closure(card, axes)
    for step in steps.values():
        known |= step.card.axes
    if card.turns is not None:
        # What its turns hand on was known only after the steps that read it were made.
        known |= closure(Card("", within=(card.turns.axis,)), axes)
    body = tuple(
        Stage(space, tuple(with_axes(steps[a].card, known) for a in addresses))
        for space, addresses in members
    )
    card = replace(card, axes=known, body=body)
    needs = needs_of(card)
    read = parameters_of(card)
    for step in steps.values():
        needs |= dict.fromkeys(step.needs)
        read |= dict.fromkeys(step.parameters)
    inside = {card.address, *steps, *owners_of(steps.values())}
    return Step(
        card,
        tuple(need for need in needs if need not in inside),
        tuple(read),
        _options(card.address, steps.values()),
        _runtime_options(card.address, steps.values()),
        description=_descriptions(steps.values()),
    )


def join_groups(
    given: Mapping[str, Step], containers: Mapping[str, str], axes: Mapping[str, Axis]
) -> dict[str, Step]:
    """Return steps, with those that share a container made one step.

    Args:
        given: The steps by address.
        containers: The address of the shared container, for each step that has one.
        axes: All axes of the plan.

    Raises:
        ModelError: A group's name is a node's too, a step outside a group stands between two
            inside, or its nodes cannot share a container.
    """
    members: dict[str, dict[str, Step]] = {}
    joined: dict[str, Step] = {}
    for address, step in given.items():
        group = containers.get(address)
        if group is None:
            joined[address] = step
        else:
            members.setdefault(group, {})[address] = step
    taken = {*given, *_prefixes(given)} if members else frozenset()
    for group, steps in members.items():
        if group in taken:
            raise ModelError(f"a group and a node are both called {group!r}; rename the group")
        space = _common([step.card.within for step in steps.values()])
        joined[group] = composite(Card(group, within=space), steps, axes)
    owners = owners_of(joined.values())
    joined = {
        address: replace(step, needs=tuple(dict.fromkeys(owners.get(n, n) for n in step.needs)))
        for address, step in joined.items()
    }
    _check_order(joined, members)
    return joined


def _prefixes(addresses: Iterable[str]) -> Iterator[str]:
    """Yield the addresses of what steps stand in."""
    for address in addresses:
        while "." in address:
            address = address.rpartition(".")[0]  # noqa: PLW2901 - from the inside to the outside
            yield address


def _common(spaces: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the axes that all spaces begin with."""
    shared: list[str] = []
    for axes in zip(*spaces, strict=False):
        if len(set(axes)) > 1:
            break
        shared.append(axes[0])
    return tuple(shared)


def _check_order(joined: Mapping[str, Step], members: Mapping[str, object]) -> None:
    graph = {a: [n for n in step.needs if n in joined] for a, step in joined.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        group = next(address for address in circle if address in members)
        between = next(address for address in circle if address != group)
        raise ModelError(
            f"group {group!r}: node {between!r} needs nodes of the group, and other nodes of the "
            "group need it: put it into the group too"
        ) from None


def _options(address: str, steps: Collection[Step]) -> Options:
    """Return what the one container of several steps needs."""
    images: dict[str, str] = {}
    env: dict[str, str] = {}
    for step in steps:
        if step.options.image:
            images[step.options.image] = step.address
        for name, value in step.options.env.items():
            if env.setdefault(name, value) != value:
                raise ModelError(
                    f"the nodes of {address!r} run in one container, and want {name} to be "
                    f"{env[name]!r} and {value!r}: give them one value"
                )
    if len(images) > 1:
        raise ModelError(
            f"the nodes of {address!r} run in one container, and want the images "
            f"{', '.join(images)}: give them one"
        )
    limits = (step.options.concurrency for step in steps)
    return Options(
        concurrency=min(filter(None, limits), default=None),
        image=next(iter(images), None),
        env=FrozenMapping(env),
        resources=largest(step.options.resources for step in steps),
    )


def _runtime_options(address: str, steps: Iterable[Step]) -> FrozenMapping[object]:
    """Return the options of one runtime that the steps agree on."""
    found = {step.runtime_options: step.address for step in steps if step.runtime_options}
    if len(found) > 1:
        raise ModelError(
            f"the nodes of {address!r} run in one container, and {', '.join(found.values())} have "
            "different runtime_options: give them the same"
        )
    return next(iter(found), EMPTY)


def _descriptions(steps: Iterable[Step]) -> str:
    """Return what the steps are for, each thing once."""
    return "\n\n".join(dict.fromkeys(filter(None, (step.description for step in steps))))
