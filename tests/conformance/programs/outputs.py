"""What a pipeline gives back: lists of lists, parts, parameters, literals, one result twice."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "xs -> [split] -> out; parameter, literal, part -> out"


@task
def split(x: str) -> list[str]:
    return list(x)


@task
def made() -> dict[str, Any]:
    return {"a": 1, "b": [None, {"c": True}]}


@dag
def outputs(xs: list[str], ratio: float = 0.5):
    found = made()
    parts = [split(x) for x in xs]
    return {
        "parts": parts,
        "mixed": [found["a"], "literal", parts, [ratio]],
        "part": found["b"],
        "whole": found,
        "same": found,
        "parameter": xs,
        "number": ratio,
        "literal": [1, None, {"k": 0.25}],
    }


PIPELINE = outputs
RUNS = [
    (
        {"xs": ["ab", ""]},
        {
            "parts": [["a", "b"], []],
            "mixed": [1, "literal", [["a", "b"], []], [0.5]],
            "part": [None, {"c": True}],
            "whole": {"a": 1, "b": [None, {"c": True}]},
            "same": {"a": 1, "b": [None, {"c": True}]},
            "parameter": ["ab", ""],
            "number": 0.5,
            "literal": [1, None, {"k": 0.25}],
        },
    )
]
