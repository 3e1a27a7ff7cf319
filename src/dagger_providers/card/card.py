"""A card: all that one container needs to run one node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagger_providers.card import bindings
from dagger_providers.card.bindings import Binding, Step
from dagger_providers.errors import FormatError, one_line
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage import check_format

FORMAT = "dagger-providers.card"
MAJOR = 1


class Axis(Record):
    """What a loop runs over.

    Attributes:
        over: The list whose items it takes; None when the loop only joins others.
        zips: Loops that run in step under this one; they must be equally long.
        within: The loops around it, outermost first.
    """

    over: Binding | None = None
    zips: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class OutputCard(Record):
    """How one output is taken from the function's result and written.

    Attributes:
        path: Steps from the return value to the output.
        serializer: What writes it (each item of it, when partitioned).
        partitioned: Whether it is written item by item.
    """

    path: tuple[Step, ...]
    serializer: SerializerSpec
    partitioned: bool = False


class Policy(Record):
    """How often and how long the function is tried.

    Attributes:
        retries: Tries after the first.
        retry_delay: Seconds before the second try.
        retry_backoff: The factor by which each later delay grows.
        timeout: Seconds that one try may take; None for no limit.
    """

    retries: int = 0
    retry_delay: float = 0.0
    retry_backoff: float = 1.0
    timeout: float | None = None


class Card(Record):
    """One node, ready to run.

    Attributes:
        address: The node's dotted address.
        function: Its reference; empty for a step that only lists the indices of ``emits``.
        signature: The function's arguments when the manifest was made; see `signature_text`.
        within: The node's index space.
        axes: Every loop that a binding names.
        inputs: A binding for each argument.
        outputs: What is stored of the result.
        policy: Tries and time limits.
        emits: A space whose indices an orchestrator needs once this step is done.
    """

    address: str
    function: str = ""
    signature: str = ""
    within: tuple[str, ...] = ()
    axes: Mapping[str, Axis] = EMPTY
    inputs: Mapping[str, Binding] = EMPTY
    outputs: Mapping[str, OutputCard] = EMPTY
    policy: Policy = Policy()
    emits: tuple[str, ...] = ()


def to_json(card: Card) -> dict[str, Any]:
    """Return a card's JSON form; parts that have their default are left out."""
    document: dict[str, Any] = {"format": f"{FORMAT}/{MAJOR}", "address": card.address}
    if card.function:
        document |= {"function": card.function, "signature": card.signature}
    if card.within:
        document["within"] = list(card.within)
    if card.axes:
        document["axes"] = {name: _axis_json(axis) for name, axis in card.axes.items()}
    if card.inputs:
        document["inputs"] = {name: bindings.to_json(b) for name, b in card.inputs.items()}
    if card.outputs:
        document["outputs"] = {name: _output_json(o) for name, o in card.outputs.items()}
    policy = {
        name: value
        for name in ("retries", "retry_delay", "retry_backoff", "timeout")
        if (value := getattr(card.policy, name)) != getattr(_NO_POLICY, name)
    }
    if policy:
        document["policy"] = policy
    if card.emits:
        document["emits"] = list(card.emits)
    return document


_NO_POLICY = Policy()


def _axis_json(axis: Axis) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if axis.over is not None:
        document["over"] = bindings.to_json(axis.over)
    if axis.zips:
        document["zips"] = list(axis.zips)
    if axis.within:
        document["within"] = list(axis.within)
    return document


def _output_json(output: OutputCard) -> dict[str, Any]:
    document: dict[str, Any] = {"as": output.serializer.to_json()}
    if output.path:
        document["path"] = [list(step) for step in output.path]
    if output.partitioned:
        document["partitioned"] = True
    return document


def from_json(document: Mapping[str, Any]) -> Card:
    """Read a card's JSON form; unknown fields are ignored.

    Raises:
        FormatError: It is no card, or one of a later major version.
    """
    check_format(document, FORMAT, MAJOR, "the card")
    try:
        return _card(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"no {error}" if isinstance(error, KeyError) else one_line(error)
        raise FormatError(f"the card is broken: {problem}") from error


def _card(document: Mapping[str, Any]) -> Card:
    return Card(
        address=document["address"],
        function=document.get("function", ""),
        signature=document.get("signature", ""),
        within=tuple(document.get("within", ())),
        axes={name: _axis(axis) for name, axis in document.get("axes", {}).items()},
        inputs={n: bindings.from_json(b) for n, b in document.get("inputs", {}).items()},
        outputs={n: _output(output) for n, output in document.get("outputs", {}).items()},
        policy=Policy(
            **{
                name: value
                for name, value in document.get("policy", {}).items()
                if name in Policy.__match_args__
            }
        ),
        emits=tuple(document.get("emits", ())),
    )


def _axis(document: dict[str, Any]) -> Axis:
    over = document.get("over")
    return Axis(
        bindings.from_json(over) if over is not None else None,
        tuple(document.get("zips", ())),
        tuple(document.get("within", ())),
    )


def _output(document: dict[str, Any]) -> OutputCard:
    return OutputCard(
        tuple((kind, name) for kind, name in document.get("path", ())),
        SerializerSpec.from_json(document["as"]),
        document.get("partitioned", False),
    )


def dumps(card: Card) -> str:
    """Return a card as compact JSON text, the same for equal cards."""
    return json.dumps(to_json(card), separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> Card:
    """Read the text that `dumps` wrote.

    Raises:
        FormatError: The text is no card.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FormatError(f"the card is no JSON: {one_line(error)}") from error
    if not isinstance(document, dict):
        raise FormatError(f"the card must be a JSON object, not {type(document).__name__}")
    return from_json(document)
