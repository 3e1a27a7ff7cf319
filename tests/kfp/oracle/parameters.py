"""Parameters of each type of KFP: needed, with a default, and optional.

Enums, dates and paths are texts, a dataclass is a dictionary; a part of one travels whole.
"""

from typing import Optional

from kfp import dsl
from oracle.components import function

PROGRAM = "parameters"


@function
def show(values: list) -> list: ...


@function
def show_float(value: float, rate: dict) -> str: ...


@function
def show_setting(value: dict, color: str, day: str, place: str) -> str: ...


@function
def show_strings(text: str, mode: str, note: str | None = None) -> str: ...


@dsl.pipeline(name="parameters")
def pipeline(  # noqa: PLR0917 - many are the point
    text: str,
    number: int,
    ratio: float,
    flag: bool,
    values: list,
    mapping: dict,
    note: Optional[str] = None,  # noqa: UP045 - KFP's only way
    mode: str = "fast",
    color: str = "b",
    setting: dict = {"rate": 0.5, "names": ["n"], "color": "r"},  # noqa: B006 - never changed
    day: str = "2026-01-02",
    place: str = "a/b.txt",
):
    show_strings(text=text, mode=mode, note=note)
    show(values=[number, ratio, flag, values, mapping])
    show_float(value=ratio, rate=setting)
    show_setting(value=setting, color=color, day=day, place=place)
