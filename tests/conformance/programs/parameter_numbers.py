"""Numbers given as the other kind, alone and inside: each becomes what its parameter's type is.

JSON, forms and JavaScript do not tell 3 from 3.0; the code of tasks does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dagger_providers import dag, task

DRAWING = "each parameter -> show; [rates] -> show"


@dataclass(frozen=True)
class Setting:
    rate: float
    steps: tuple[int, ...] = ()


@task
def show(values: list[Any]) -> list[str]:
    return [str(value) for value in values]


@task
def show_setting(setting: Setting, settings: dict[str, Setting]) -> str:
    return f"{setting} {settings}"


@task
def show_float(rate: float) -> str:
    return str(rate)


@dag
def parameter_numbers(  # noqa: PLR0917 - many are the point
    rate: float,
    count: int | None,
    counts: list[int],
    rates: dict[str, float],
    grid: list[dict[str, list[float]]],
    either: int | float,
    lists: list[int] | list[float],
    free: Any,
    setting: Setting,
    settings: dict[str, Setting],
    share: float = 1,
    shares: tuple[float, int] = (1, 2),
):
    return {
        "shown": show([rate, count, counts, rates, grid, either, lists, free, share, shares]),
        "settings": show_setting(setting, settings),
        "mapped": [show_float(one) for one in grid[0]["x"]],
        "rate": rate,
    }


PIPELINE = parameter_numbers
RUNS = [
    (
        {
            "rate": 3,
            "count": 4.0,
            "counts": [1.0, 2],
            "rates": {"b": 3, "a": 0.5},
            "grid": [{"x": [1, 2.5, -0.0]}, {}],
            "either": 3.0,
            "lists": [1.0, 2.0],
            "free": [1, 2.0],
            "setting": Setting(1, (2,)),
            "settings": {"s": Setting(2.0)},
        },
        {
            "shown": [
                "3.0",
                "4",
                "[1, 2]",
                "{'b': 3.0, 'a': 0.5}",
                "[{'x': [1.0, 2.5, -0.0]}, {}]",
                "3.0",
                "[1.0, 2.0]",
                "[1, 2.0]",
                "1.0",
                "(1.0, 2)",
            ],
            "settings": "Setting(rate=1.0, steps=(2,)) {'s': Setting(rate=2.0, steps=())}",
            "mapped": ["1.0", "2.5", "-0.0"],
            "rate": 3.0,
        },
    ),
    (
        {
            "rate": 2.0,
            "count": None,
            "counts": [],
            "rates": {},
            "grid": [{"x": [7]}],
            "either": 3,
            "lists": [1, 2],
            "free": 3.0,
            "setting": Setting(0.5),
            "settings": {},
            "share": 2,
            "shares": (3, 4),
        },
        {
            "shown": [
                "2.0",
                "None",
                "[]",
                "{}",
                "[{'x': [7.0]}]",
                "3",
                "[1, 2]",
                "3.0",
                "2.0",
                "(3.0, 4)",
            ],
            "settings": "Setting(rate=0.5, steps=()) {}",
            "mapped": ["7.0"],
            "rate": 2.0,
        },
    ),
]
