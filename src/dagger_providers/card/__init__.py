"""What one container needs to run one node, as plain data."""

from dagger_providers.card.bindings import (
    Binding,
    Element,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    Parameter,
    Step,
    Value,
)
from dagger_providers.card.card import Axis, Card, OutputCard, Policy, dumps, loads

__all__ = [
    "Axis",
    "Binding",
    "Card",
    "Element",
    "ForEach",
    "Item",
    "ListOf",
    "NodeOutput",
    "OutputCard",
    "Parameter",
    "Policy",
    "Step",
    "Value",
    "dumps",
    "loads",
]
