"""Parameters of every type that JSON restores, by default and given, here and in a nested pipeline.

Each arrives as its annotation says: an enum as its member, a model as a model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

from pydantic import BaseModel, Field

from dagger_providers import dag, task

DRAWING = "each parameter -> show; [models] -> counted; nested(color, day) -> show"


class Color(Enum):
    red = "r"
    blue = "b"


class Mode(StrEnum):
    fast = "fast"
    slow = "slow"


class Level(IntEnum):
    low = 1
    high = 2


class Model(BaseModel):
    count: int = Field(ge=0)
    when: date | None = None


@dataclass(frozen=True)
class Setting:
    rate: float
    color: Color = Color.red
    took: timedelta = timedelta(hours=1)
    names: list[str] = field(default_factory=list)


class Rates(TypedDict, total=False):
    low: int
    day: date


class Point(NamedTuple):
    x: int
    day: date


@task
def enums(color: Color, mode: Mode, level: Level, colors: list[Color]) -> list[str]:
    return [repr(color), repr(mode), repr(level), repr(colors)]


@task
def times(day: date, at: datetime, took: timedelta) -> list[str]:
    return [repr(day), repr(at), repr(took)]


@task
def choices(
    mode: Literal["a", 1], note: str | None, last: date | None, either: date | int | str
) -> list[str]:
    return [repr(mode), repr(note), repr(last), repr(either)]


@task
def classes(setting: Setting, rates: Rates, point: Point, models: dict[str, Model]) -> list[str]:
    return [repr(setting), repr(rates), repr(point), repr(models)]


@task
def numbers(share: Annotated[float, Field(le=1)], price: Decimal) -> list[str]:
    return [repr(share), repr(price)]


@task
def counted(model: Model) -> int:
    return model.count


@task
def told(color: Color, day: date) -> str:
    return f"{color!r} {day!r}"


@dag
def inner(color: Color, day: date = date(2026, 5, 6)):
    return told(color, day)


@dag
def parameter_types(  # noqa: PLR0917 - many are the point
    color: Color = Color.red,
    mode: Mode = Mode.fast,
    level: Level = Level.low,
    colors: list[Color] = [Color.red, Color.blue],  # noqa: B006 - never changed
    day: date = date(2026, 1, 2),
    at: datetime = datetime(2026, 1, 2, 3, 4, 5),
    took: timedelta = timedelta(days=1, microseconds=1),
    choice: Literal["a", 1] = "a",
    note: str | None = None,
    last: date | None = None,
    either: date | int | str = 1,
    setting: Setting = Setting(0.5),
    rates: Rates = {"low": 1, "day": date(2026, 1, 1)},  # noqa: B006 - never changed
    point: Point = Point(1, date(2026, 1, 1)),  # noqa: B008 - never changed
    named: dict[str, Model] = {"a": Model(count=1)},  # noqa: B006, B008 - never changed
    models: list[Model] = [],  # noqa: B006 - never changed
    share: Annotated[float, Field(le=1)] = 1,
    price: Decimal = Decimal("1.10"),
) -> dict[str, Any]:
    return {
        "enums": enums(color, mode, level, colors),
        "times": times(day, at, took),
        "choices": choices(choice, note, last, either),
        "classes": classes(setting, rates, point, named),
        "numbers": numbers(share, price),
        "models": [counted(model) for model in models],
        "nested": inner(color, day),
        "literals": inner(Color.blue),
    }


PIPELINE = parameter_types
RUNS = [
    (
        {},
        {
            "enums": [
                "<Color.red: 'r'>",
                "<Mode.fast: 'fast'>",
                "<Level.low: 1>",
                "[<Color.red: 'r'>, <Color.blue: 'b'>]",
            ],
            "times": [
                "datetime.date(2026, 1, 2)",
                "datetime.datetime(2026, 1, 2, 3, 4, 5)",
                "datetime.timedelta(days=1, microseconds=1)",
            ],
            "choices": ["'a'", "None", "None", "1"],
            "classes": [
                repr(Setting(0.5)),
                "{'low': 1, 'day': datetime.date(2026, 1, 1)}",
                "Point(x=1, day=datetime.date(2026, 1, 1))",
                "{'a': Model(count=1, when=None)}",
            ],
            "numbers": ["1.0", "Decimal('1.10')"],
            "models": [],
            "nested": "<Color.red: 'r'> datetime.date(2026, 1, 2)",
            "literals": "<Color.blue: 'b'> datetime.date(2026, 5, 6)",
        },
    ),
    (
        {
            "color": Color.blue,
            "mode": Mode.slow,
            "level": Level.high,
            "colors": [],
            "day": date(2024, 2, 29),
            "at": datetime(2026, 1, 2, tzinfo=UTC),
            "took": timedelta(seconds=-90),
            "choice": 1,
            "note": "5",
            "last": date(2026, 12, 31),
            "either": "2026-01-01",
            "setting": Setting(1, Color.blue, timedelta(0), ["n"]),
            "rates": {"day": date(2020, 1, 1)},
            "point": Point(2, date(2020, 1, 1)),
            "named": {},
            "models": [Model(count=2), Model(count=3, when=date(2026, 1, 1))],
            "share": 0.25,
            "price": Decimal("1E+3"),
        },
        {
            "enums": ["<Color.blue: 'b'>", "<Mode.slow: 'slow'>", "<Level.high: 2>", "[]"],
            "times": [
                "datetime.date(2024, 2, 29)",
                "datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.timezone.utc)",
                "datetime.timedelta(days=-1, seconds=86310)",
            ],
            "choices": ["1", "'5'", "datetime.date(2026, 12, 31)", "'2026-01-01'"],
            "classes": [
                repr(Setting(1.0, Color.blue, timedelta(0), ["n"])),
                "{'day': datetime.date(2020, 1, 1)}",
                "Point(x=2, day=datetime.date(2020, 1, 1))",
                "{}",
            ],
            "numbers": ["0.25", "Decimal('1E+3')"],
            "models": [2, 3],
            "nested": "<Color.blue: 'b'> datetime.date(2024, 2, 29)",
            "literals": "<Color.blue: 'b'> datetime.date(2026, 5, 6)",
        },
    ),
]
