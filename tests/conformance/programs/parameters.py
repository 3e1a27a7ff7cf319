"""Parameters of many types, given as their types, each read as its task's annotation says."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from dagger_providers import dag, task

DRAWING = "each parameter -> show"


class Color(Enum):
    red = "r"
    blue = "b"


@dataclass(frozen=True)
class Setting:
    rate: float
    names: list[str]
    color: Color = Color.red


@task
def show(values: list[Any]) -> list[str]:
    return [repr(value) for value in values]


@task
def show_float(value: float, rate: float) -> str:
    return f"{value!r} {rate!r}"


@task
def show_setting(value: Setting, color: Color, day: date, place: Path) -> str:
    return f"{value.rate!r} {value.names} {value.color.name} {color.name} {day:%d.%m.} {place.name}"


@task
def show_strings(text: str, mode: str, note: str | None) -> str:
    return f"{text!r} {mode!r} {note!r}"


@dag
def parameters(  # noqa: PLR0917 - many are the point
    text: str,
    number: int,
    ratio: float,
    flag: bool,
    values: list[Any],
    mapping: dict[str, Any],
    note: str | None = None,
    mode: Literal["fast", "slow"] = "fast",
    color: Color = Color.blue,
    setting: Setting = Setting(0.5, ["n"]),
    day: date = date(2026, 1, 2),
    place: Path = Path("a/b.txt"),
):
    return {
        "strings": show_strings(text, mode, note),
        "values": show([number, ratio, flag, values, mapping]),
        "ratio": show_float(ratio, setting.rate),
        "setting": show_setting(setting, color, day, place),
        "text": text,
    }


_TEXT = 'it\'s "quoted"\n\ttwo lines \u00e9\u4e16\U0001f409 {{ x }} $HOME %s \\ 1'

PIPELINE = parameters
RUNS = [
    (
        {
            "text": _TEXT,
            "number": 2**53 - 1,
            "ratio": 2,
            "flag": False,
            "values": [1, 2.0, None, "x", [True]],
            "mapping": {"z": 1, "a": {"k": [0.5]}},
        },
        {
            "strings": f"{_TEXT!r} 'fast' None",
            "values": [
                "9007199254740991",
                "2.0",
                "False",
                "[1, 2.0, None, 'x', [True]]",
                "{'z': 1, 'a': {'k': [0.5]}}",
            ],
            "ratio": "2.0 0.5",
            "setting": "0.5 ['n'] red blue 02.01. b.txt",
            "text": _TEXT,
        },
    ),
    (
        {
            "text": "123",
            "number": -1,
            "ratio": 1e300,
            "flag": True,
            "values": [],
            "mapping": {},
            "note": "null",
            "mode": "slow",
            "color": Color.red,
            "setting": Setting(1.0, [], Color.blue),
            "day": date(2024, 2, 29),
            "place": Path("c"),
        },
        {
            "strings": "'123' 'slow' 'null'",
            "values": ["-1", "1e+300", "True", "[]", "{}"],
            "ratio": "1e+300 1.0",
            "setting": "1.0 [] blue red 29.02. c",
            "text": "123",
        },
    ),
]
