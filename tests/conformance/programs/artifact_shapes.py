"""Artifacts as what a switch chooses by, what a repetition begins with, and in `zip`."""

from pathlib import Path
from typing import Any

from dagger_providers import artifact, dag, loop, switch, task

DRAWING = "mode.txt -> (add | multiply); words.json -> (grow turns); zip(words.json, xs) -> [label]"

DATA = Path(__file__).parents[1] / "data"


@task
def add(settings: dict[str, Any], x: int) -> int:
    return settings["scale"]["by"] + x


@task
def multiply(settings: dict[str, Any], x: int) -> int:
    return settings["scale"]["by"] * x


@task
def grow(words: list[str]) -> dict[str, Any]:
    return {"words": [*words, words[-1]], "done": len(words) > 4}


@task
def label(word: str, x: int) -> str:
    return f"{word}-{x}"


@dag
def artifact_shapes(xs: list[int]):
    words = artifact(DATA / "words.json")
    settings = artifact(DATA / "settings.json")
    cases = {"sum": add, "product": multiply}
    return {
        "text": switch(artifact(DATA / "mode.txt"), cases)(settings, 4),
        "part": switch(settings["mode"], cases)(settings, x=5),
        "grown": loop(grow)(words)["words"],
        "labels": [label(word, x) for word, x in zip(words, xs, strict=True)],
        "pairs": [[label(word, x) for x in xs] for word in words],
    }


PIPELINE = artifact_shapes
RUNS = [
    (
        {"xs": [1, 2, 3, 4]},
        {
            "text": 7,
            "part": 8,
            "grown": ["to", "be", "or", "not", "not", "not"],
            "labels": ["to-1", "be-2", "or-3", "not-4"],
            "pairs": [[f"{word}-{x}" for x in (1, 2, 3, 4)] for word in ("to", "be", "or", "not")],
        },
    )
]
