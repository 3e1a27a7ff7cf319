"""How the value of a card's input is written where it has a place of its own."""

from __future__ import annotations

from dagger_providers.card.bindings import (
    Binding,
    Carried,
    Element,
    ForEach,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    Parameter,
    Stored,
)
from dagger_providers.card.card import Card
from dagger_providers.serializers import SerializerSpec


def input_spec(card: Card, name: str) -> tuple[SerializerSpec, int, bool]:
    """Return how an input is written, and how many levels of partitions it has.

    A gathered list is a directory of its elements; a partitioned value is one of its items.

    Returns:
        The serializer, the levels, and whether the serializer's annotation, or its reader's where
        it has none, is that of a list of what it writes.
    """
    binding = _settled(card.inputs[name], card)
    if isinstance(binding, Item):
        over = card.axes[binding.loop].over
        if isinstance(over, NodeOutput):
            return over.serializer, 0, False
    if isinstance(binding, NodeOutput | Stored | Parameter):
        depth = _depth(binding)
        return binding.serializer, depth, depth > 0
    found, depth = _first_output(binding), _depth(binding)
    if found is None:
        return SerializerSpec("json"), depth, depth > 0
    of_item = found.serializer.annotation is not None and not found.partitioned
    return found.serializer, depth, depth > 0 and not of_item


def _settled(binding: Binding, card: Card) -> Binding:
    """Return one of the bindings that a choice may come to."""
    match binding:
        case OneOf(((_, inner), *_)) | Last(_, inner):
            return _settled(inner, card)
        case Carried(turns, name):
            return _settled(card.axes[turns].carried[name].first, card)
        case _:
            return binding


def _depth(element: Element) -> int:
    if isinstance(element, NodeOutput | Stored):
        return int(element.partitioned)
    if isinstance(element, ForEach):
        return max(map(_depth, element.items), default=0)
    if isinstance(element, ListOf):
        return 1 + max(map(_depth, element.items), default=0)
    return 0


def _first_output(element: Element) -> NodeOutput | Stored | None:
    if isinstance(element, NodeOutput | Stored):
        return element
    if isinstance(element, ListOf | ForEach):
        for item in element.items:
            found = _first_output(item)
            if found is not None:
                return found
    return None
