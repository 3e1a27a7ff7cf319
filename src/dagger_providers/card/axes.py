"""Axes: what a node's executions are counted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagger_providers.card import bindings
from dagger_providers.card.bindings import Binding
from dagger_providers.errors import ModelError, NoCaseError
from dagger_providers.serializers.records import EMPTY, Record

SEVERAL = "*"
"""What an engine is told of a choice for several items that chose differently: it is to start every
branch, which runs the items that are its own."""


class Choice(Record):
    """Which case of a switch an axis stands for.

    Attributes:
        switch: The switch's address, for messages.
        case: The case's name.
        cases: The name and the value of every case, in order.
        default: The name of the case for any other value; empty when there is none.
    """

    switch: str
    case: str
    cases: tuple[tuple[str, Any], ...]
    default: str = ""


def selector_value(value: Any) -> str | int | bool:
    """Return what a switch compares: an enum's member counts as its value.

    Raises:
        NoCaseError: It is no str, int or bool.
    """
    from enum import Enum

    plain = value.value if isinstance(value, Enum) else value
    if type(plain) not in {str, int, bool}:
        raise NoCaseError(f"a switch selects by str, int or bool, not by {value!r:.80}")
    return plain  # type: ignore[no-any-return]


def check_cases(values: list[Any]) -> None:
    """Check that each case of a switch can be told from the others.

    Raises:
        ModelError: Two are the same, or some are bool and some int.
    """
    if {bool, int} <= {type(value) for value in values}:
        raise ModelError(
            "a switch has cases of bool and of int, which Python takes for the same (True is 1): "
            "use one of them"
        )
    for number, value in enumerate(values):
        if any(type(value) is type(other) and value == other for other in values[:number]):
            raise ModelError(f"a switch has two cases for {value!r}")


def case_of(value: Any, choice: Choice) -> str:
    """Return the name of the case for a selector's value; type and value must be the same.

    Raises:
        NoCaseError: There is no case for it, and no default.
    """
    plain = selector_value(value)
    for name, expected in choice.cases:
        if type(plain) is type(expected) and plain == expected:
            return name
    if choice.default:
        return choice.default
    known = ", ".join(repr(expected) for _, expected in choice.cases)
    raise NoCaseError(
        f"switch {choice.switch!r} has no case for {plain!r} and no default; its cases: {known}"
    )


class State(Record):
    """What the turns of a repetition hand on under one name.

    Attributes:
        first: What the first turn gets.
        then: What a later turn gets, read from the turn before; None: what the first got.
        mapping: The mapping that a turn gave, when it may lack the name: then the value stays.
    """

    first: Binding
    then: Binding | None = None
    mapping: Binding | None = None


class Axis(Record):
    """A loop, a guard or the turns of a repetition.

    A guard is an axis of no or one item: what stands under it runs or does not. It takes no
    position in an index.

    Attributes:
        over: The list whose items a loop takes, or the selector of a switch.
        zips: Loops that run in step under this one; they must be equally long.
        within: The axes around it, outermost first.
        choice: Of a guard: it is open where the selector ``over`` chooses this case.
        survives: Of a guard: the address of a node; it is open where that node did not fail.
        turns: The address of the repetition whose turns it counts.
        carried: What these turns hand on, by name.
    """

    over: Binding | None = None
    zips: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    choice: Choice | None = None
    survives: str = ""
    turns: str = ""
    carried: Mapping[str, State] = EMPTY

    @property
    def is_guard(self) -> bool:
        """Whether it has at most one item, and no position in an index."""
        return self.choice is not None or bool(self.survives)


def to_json(axis: Axis) -> dict[str, Any]:
    """Return an axis as JSON data, without what has its default."""
    document: dict[str, Any] = {}
    if axis.over is not None:
        document["over"] = bindings.to_json(axis.over)
    if axis.zips:
        document["zips"] = list(axis.zips)
    if axis.within:
        document["within"] = list(axis.within)
    if axis.choice is not None:
        document |= {"switch": axis.choice.switch, "case": axis.choice.case}
        document["cases"] = [list(case) for case in axis.choice.cases]
        if axis.choice.default:
            document["default"] = axis.choice.default
    if axis.survives:
        document["survives"] = axis.survives
    if axis.turns:
        document["turns"] = axis.turns
        document["carried"] = {name: _state_json(state) for name, state in axis.carried.items()}
    return document


def _state_json(state: State) -> dict[str, Any]:
    parts = {"first": state.first, "then": state.then, "in": state.mapping}
    return {name: bindings.to_json(part) for name, part in parts.items() if part is not None}


def from_json(document: Mapping[str, Any]) -> Axis:
    """Read what `to_json` wrote."""
    over = document.get("over")
    return Axis(
        bindings.from_json(over) if over is not None else None,
        tuple(document.get("zips", ())),
        tuple(document.get("within", ())),
        _choice(document) if "case" in document else None,
        document.get("survives", ""),
        document.get("turns", ""),
        {name: _state(state) for name, state in document.get("carried", {}).items()},
    )


def _state(document: Mapping[str, Any]) -> State:
    parts = {name: bindings.from_json(part) for name, part in document.items()}
    return State(parts["first"], parts.get("then"), parts.get("in"))


def _choice(document: Mapping[str, Any]) -> Choice:
    cases = tuple((name, value) for name, value in document["cases"])
    return Choice(document["switch"], document["case"], cases, document.get("default", ""))
