"""A model written by hand, as py-dagger's users know it; it has no plain call."""

from typing import Any

from dagger_providers import (
    DAG,
    ForEach,
    FromItem,
    FromKey,
    FromList,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    Loop,
    Task,
)

DRAWING = "numbers -> [triple] -> total"
PLAIN = "a model made by hand has no plain call"


def numbers(n: int) -> dict[str, Any]:
    return {"values": list(range(n)), "count": n}


def triple(x: int) -> int:
    return 3 * x


def total(values: list[int], count: int) -> str:
    return f"{sum(values)} of {count}"


handwritten = DAG(
    name="handwritten",
    inputs={"n": FromParam(default=4)},
    nodes={
        "numbers": Task(
            numbers,
            inputs={"n": FromParam()},
            outputs={"values": FromKey("values"), "count": FromKey("count")},
        ),
        "triple": Task(
            triple,
            inputs={"x": FromItem("each")},
            outputs={"tripled": FromReturnValue()},
            within=("each",),
        ),
        "total": Task(
            total,
            inputs={
                "values": FromList([ForEach("each", [FromNodeOutput("triple", "tripled")])]),
                "count": FromNodeOutput("numbers", "count"),
            },
            outputs={"shown": FromReturnValue()},
        ),
    },
    loops={"each": Loop(over=FromNodeOutput("numbers", "values"))},
    outputs={"shown": FromNodeOutput("total", "shown")},
)

PIPELINE = handwritten
RUNS = [({}, {"shown": "18 of 4"}), ({"n": 0}, {"shown": "0 of 0"})]
