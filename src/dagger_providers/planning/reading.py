"""What the bindings of a card read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Carried,
    Element,
    ForEach,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    Parameter,
    RunRecord,
    State,
    Stored,
    Value,
)


def parts_of(element: Element) -> tuple[Element, ...]:
    """Return the bindings that a binding is made of."""
    match element:
        case ListOf(items=items) | ForEach(items=items):
            return items
        case OneOf(cases):
            return tuple(binding for _, binding in cases)
        case Last(value=value):
            return (value,)
        case RunRecord(parameters=parameters):
            return tuple(parameters.values())
        case _:
            return ()


def _named(element: Element) -> tuple[str, ...]:
    """Return the axes that a binding itself names."""
    match element:
        case ForEach(loop=axis) | Item(loop=axis) | Carried(turns=axis) | Last(turns=axis):
            return (axis,)
        case OneOf(cases):
            return tuple(guard for guard, _ in cases)
        case NodeOutput(loops=loops):
            return loops
        case RunRecord(within=within, nodes=nodes):
            return (*within, *(axis for told in nodes for axis in told.space))
        case _:
            return ()


def leaves_of(element: Element) -> Iterator[Value | Parameter | NodeOutput | Stored | Item]:
    """Yield the simple bindings that a binding is made of, or itself.

    What a repetition carries is not among them: the repetition reads it, for its first turn.
    """
    if isinstance(element, Value | Parameter | NodeOutput | Stored | Item):
        yield element
    for inner in parts_of(element):
        yield from leaves_of(inner)


def axes_of(element: Element) -> Iterator[str]:
    """Yield the axes that a binding and its parts name."""
    yield from _named(element)
    for inner in parts_of(element):
        yield from axes_of(inner)


def closure(card: Card, axes: Mapping[str, Axis], *, carried: bool = True) -> dict[str, Axis]:
    """Return all axes that a card's space and bindings need to be understood.

    Args:
        card: The card.
        axes: All axes.
        carried: Whether to follow also what the turns of a repetition hand on.
    """
    wanted = list(dict.fromkeys((*card.within, *card.emits, *card.decides)))
    for binding in card.inputs.values():
        wanted.extend(axes_of(binding))
    found: dict[str, Axis] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        axis = found[name] = axes[name]
        wanted.extend((*axis.within, *axis.zips))
        for read in _read_by(axis, carried=carried):
            wanted.extend(axes_of(read))
    return found


def _read_by(axis: Axis, *, carried: bool) -> Iterator[Element]:
    if axis.over is not None:
        yield axis.over
    for state in axis.carried.values() if carried else ():
        yield from _of_state(state)


def _of_state(state: State) -> Iterator[Binding]:
    for read in (state.first, state.then, state.mapping):
        if read is not None:
            yield read


def gathered_by(card: Card) -> frozenset[str]:
    """Return the nodes of which a card reads several items at once, not only its own."""
    found: set[tuple[str, str]] = set()
    for binding in card.inputs.values():
        _gathered(binding, frozenset(), card.axes, found)
    return frozenset(address for address, _ in found)


def gathered_over(card: Card) -> frozenset[tuple[str, str]]:
    """Return such nodes, each with the loop that it is gathered over; also of what loops walk."""
    found: set[tuple[str, str]] = set()
    for binding in _bindings(card, card.axes):
        _gathered(binding, frozenset(), card.axes, found)
    for stage in card.body:
        for inner in stage.cards:
            found |= gathered_over(inner)
    return frozenset(found)


def _gathered(
    element: Element,
    entered: frozenset[str],
    axes: Mapping[str, Axis],
    found: set[tuple[str, str]],
) -> None:
    if isinstance(element, NodeOutput):
        found.update((element.address, loop) for loop in entered.intersection(element.loops))
    if isinstance(element, ForEach):
        entered |= frozenset(_in_step(element.loop, axes))
    for inner in parts_of(element):
        _gathered(inner, entered, axes, found)


def _in_step(loop: str, axes: Mapping[str, Axis]) -> Iterator[str]:
    yield loop
    for joined in axes[loop].zips:
        yield from _in_step(joined, axes)


def needs_of(card: Card) -> dict[str, None]:
    """Return the addresses of the nodes that a card reads, or that its axes ask.

    What a turn of a repetition hands on is there when the next one begins: nobody waits for it.
    """
    axes = closure(card, card.axes, carried=False) if card.axes else card.axes
    leaves = _leaves(card, axes)
    found = {leaf.address: None for leaf in leaves if isinstance(leaf, NodeOutput)}
    for axis in axes.values():
        asked = axis.survives or axis.turns
        if asked and asked != card.address:
            found[asked] = None
    return found


def parameters_of(card: Card) -> dict[str, None]:
    """Return the names of the parameters that a card reads.

    The state that the last turn of a repetition was given may be what the first turn was given.
    """
    found = {leaf.name: None for leaf in _leaves(card, card.axes) if isinstance(leaf, Parameter)}
    for state in _states_of(card):
        for read in _of_state(state):
            found |= {leaf.name: None for leaf in leaves_of(read) if isinstance(leaf, Parameter)}
    return found


def artifacts_of(card: Card) -> dict[Stored, None]:
    """Return what a card and its body read that no node has written."""
    cards = (card, *card.every())
    leaves = (leaf for one in cards for leaf in _leaves(one, one.axes))
    return {leaf: None for leaf in leaves if isinstance(leaf, Stored)}


def _leaves(
    card: Card, axes: Mapping[str, Axis]
) -> Iterator[Value | Parameter | NodeOutput | Stored | Item]:
    for binding in _bindings(card, axes):
        yield from leaves_of(binding)


def _bindings(card: Card, axes: Mapping[str, Axis]) -> Iterator[Binding]:
    yield from card.inputs.values()
    yield from (axis.over for axis in axes.values() if axis.over is not None)


def _states_of(card: Card) -> Iterator[State]:
    """Yield what repetitions hand on that a card reads, and that those states read."""
    waiting: list[Element] = list(_bindings(card, card.axes))
    seen: set[tuple[str, str]] = set()
    while waiting:
        element = waiting.pop()
        waiting.extend(parts_of(element))
        if isinstance(element, Carried) and (element.turns, element.name) not in seen:
            seen.add((element.turns, element.name))
            state = card.axes[element.turns].carried.get(element.name)
            if state is not None:  # else the repetition is still being made, and reads it itself
                waiting.extend(_of_state(state))
                yield state
