"""What the bindings of a card read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagger_providers.card import (
    Axis,
    Card,
    Element,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    Parameter,
    Value,
)


def leaves_of(element: Element) -> Iterator[Value | Parameter | NodeOutput | Item]:
    """Yield the bindings of a list, also of lists in lists; any other binding is its own."""
    if isinstance(element, ListOf | ForEach):
        for item in element.items:
            yield from leaves_of(item)
    else:
        yield element


def loops_of(element: Element) -> Iterator[str]:
    """Yield the loops that a binding names."""
    match element:
        case ForEach(loop, items):
            yield loop
            for item in items:
                yield from loops_of(item)
        case ListOf(items=items):
            for item in items:
                yield from loops_of(item)
        case Item(loop=loop):
            yield loop
        case NodeOutput(loops=loops):
            yield from loops
        case _:
            return


def closure(card: Card, axes: Mapping[str, Axis]) -> dict[str, Axis]:
    """Return all loops that a card's space and bindings need to be understood."""
    wanted = list(dict.fromkeys((*card.within, *card.emits)))
    for binding in card.inputs.values():
        wanted.extend(loops_of(binding))
    found: dict[str, Axis] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        axis = found[name] = axes[name]
        wanted.extend((*axis.within, *axis.zips))
        if axis.over is not None:
            wanted.extend(loops_of(axis.over))
    return found


def gathered_by(card: Card) -> frozenset[str]:
    """Return the nodes of which a card reads several items at once, not only its own."""
    found: set[str] = set()
    for binding in card.inputs.values():
        _gathered(binding, frozenset(), card.axes, found)
    return frozenset(found)


def _gathered(
    element: Element, entered: frozenset[str], axes: Mapping[str, Axis], found: set[str]
) -> None:
    match element:
        case ForEach(loop, items):
            inner = entered | frozenset(_in_step(loop, axes))
            for item in items:
                _gathered(item, inner, axes, found)
        case ListOf(items=items):
            for item in items:
                _gathered(item, entered, axes, found)
        case NodeOutput(address=address, loops=loops):
            if not entered.isdisjoint(loops):
                found.add(address)
        case _:
            return


def _in_step(loop: str, axes: Mapping[str, Axis]) -> Iterator[str]:
    yield loop
    for joined in axes[loop].zips:
        yield from _in_step(joined, axes)
