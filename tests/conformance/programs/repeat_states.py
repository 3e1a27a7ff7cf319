"""States that JSON does not give back: a data frame and a dataclass, each written on its own."""

from dataclasses import dataclass
from typing import TypedDict

import pandas as pd

from dagger_providers import dag, loop, task

DRAWING = "rows -> (trim: frame, model, until few) -> describe; frame -> out"


@dataclass
class Model:
    mean: float
    turns: int = 0


class State(TypedDict):
    rows: pd.DataFrame
    model: Model
    few: bool


@task
def load(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


@task
def trim(rows: pd.DataFrame, model: Model, keep: int) -> State:
    """Drop the value that is farthest from the mean."""
    mean = float(rows.x.mean())
    near = rows.drop(index=(rows.x - mean).abs().idxmax()).reset_index(drop=True)
    return {"rows": near, "model": Model(mean, model.turns + 1), "few": len(near) <= keep}


@task
def describe(rows: pd.DataFrame, model: Model) -> str:
    return f"{list(rows.x)} {model.mean:.2f} after {model.turns}"


@dag
def repeat_states(values: list[float], keep: int):
    found = loop(trim, until="few")(load(values), Model(0.0), keep)
    return {
        "shown": describe(found["rows"], found["model"]),
        "rows": found["rows"],
        "model": found["model"],
        "turns": found["model"].turns,
    }


PIPELINE = repeat_states
RUNS = [
    (
        {"values": [1.0, 2.0], "keep": 5},
        {
            "shown": "[2.0] 1.50 after 1",
            "rows": pd.DataFrame({"x": [2.0]}),
            "model": Model(1.5, 1),
            "turns": 1,
        },
    ),
    (
        {"values": [1.0, 2.0, 9.0, 3.0, -4.0], "keep": 2},
        {
            "shown": "[2.0, 3.0] 2.00 after 3",
            "rows": pd.DataFrame({"x": [2.0, 3.0]}),
            "model": Model(2.0, 3),
            "turns": 3,
        },
    ),
]
