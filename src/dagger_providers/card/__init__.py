"""What one container needs to run one node, as plain data."""

from dagger_providers.card.axes import Axis, Choice, State
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
    RunRecord,
    Step,
    Told,
    Value,
)
from dagger_providers.card.card import Card, OutputCard, Policy, Stage, Turns, dumps, loads

__all__ = [
    "Axis",
    "Binding",
    "Card",
    "Carried",
    "Choice",
    "Element",
    "ForEach",
    "Item",
    "Last",
    "ListOf",
    "NodeOutput",
    "OneOf",
    "OutputCard",
    "Parameter",
    "Policy",
    "RunRecord",
    "Stage",
    "State",
    "Step",
    "Told",
    "Turns",
    "Value",
    "dumps",
    "loads",
]
