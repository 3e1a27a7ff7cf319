"""Functions that bodies run, each noting its calls; and cards with bodies that run them."""

from __future__ import annotations

from typing import Any

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Carried,
    Choice,
    NodeOutput,
    OutputCard,
    Parameter,
    Policy,
    Stage,
    State,
    Turns,
    Value,
)
from dagger_providers.card.card import with_axes
from dagger_providers.serializers import SerializerSpec

JSON = SerializerSpec("json")
NUMBER = Parameter("n", JSON)
OUT = {"out": OutputCard((), JSON)}
calls: list[Any] = []
fails_at: list[int] = []


def count(x: int, by: int = 1) -> dict[str, Any]:
    calls.append(x)
    if x in fails_at:
        raise ValueError(f"at {x}")
    return {"x": x + by, "done": x + by >= 5}


def once(x: int) -> int:
    calls.append(x)
    return x + 1


def unclear(x: int) -> dict[str, Any]:
    return {"x": x, "done": "yes"}


def output(address: str, *loops: str, path: Any = ()) -> NodeOutput:
    return NodeOutput(address, "out", loops, JSON, path=path)


def repeated(
    function: Any = count, first: Binding = NUMBER, within: tuple[str, ...] = (),
    limit: int = 10, **more: Any,
) -> Card:  # fmt: skip
    """Return the card of a repetition of one function, which takes ``x`` and gives it again."""
    space = (*within, "r.turns")
    then = output("r.turn", *space, path=(("key", "x"),))
    axes = {
        **{name: Axis(Value([1, 2])) for name in within},
        "r.turns": Axis(within=within, turns="r", carried={"x": State(first, then)}),
    }
    turn = Card(
        "r.turn",
        f"{__name__}:{function.__name__}",
        within=space,
        inputs={"x": Carried("r.turns", "x")},
        outputs=OUT,
    )
    until = output("r.turn", *space, path=(("key", "done"),))
    card = Card(
        "r",
        within=within,
        inputs={"x": first},
        body=(Stage(space, (turn,)),),
        turns=Turns("r.turns", until, limit, **more),
    )
    return with_axes(card, axes)


def grouped(retries: int = 0) -> Card:
    """Return the card of a group: one step, then three behind a loop, one behind a guard."""
    axes = {
        "xs": Axis(Parameter("xs", JSON)),
        "s.a": Axis(output("first"), choice=Choice("s", "a", (("a", 2),), "b")),
        "s.b": Axis(output("first"), choice=Choice("s", "b", (("a", 2),), "b")),
    }
    policy = Policy(retries=retries)
    first = Card("first", f"{__name__}:once", inputs={"x": Value(1)}, outputs=OUT, policy=policy)
    each = Card("each", f"{__name__}:once", within=("xs",), inputs={"x": Value(10)}, outputs=OUT)
    chosen = Card("s.a", f"{__name__}:once", within=("s.a",), inputs={"x": Value(20)}, outputs=OUT)
    other = Card("s.b", f"{__name__}:once", within=("s.b",), inputs={"x": Value(30)}, outputs=OUT)
    stages = (
        Stage((), (first,)),
        Stage(("xs",), (each,)),
        Stage(("s.a",), (chosen,)),
        Stage(("s.b",), (other,)),
    )
    return with_axes(Card("g", body=stages), axes)
