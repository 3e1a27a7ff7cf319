"""Values of parameters: what is taken, what each becomes, and what the refusal of others says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict

import pytest
import typing_extensions
from pydantic import BaseModel, Field

from dagger_providers import dag, task
from dagger_providers.errors import BuildError, UsageError
from dagger_providers.model import thaw
from dagger_providers.planning.parameters import from_text


class Color(Enum):
    red = "r"
    one = "1"


class Size(Enum):
    small = (1, 2)
    large = (3, 4)


class Level(IntEnum):
    low = 1
    high = 2


class Model(BaseModel):
    count: int = Field(ge=0)
    when: date | None = None


@dataclass
class Blob:
    x: bytes


BASE64 = {"type": "string", "contentEncoding": "base64", "title": "X"}


@dataclass
class Setting:
    rate: float
    color: Color = Color.red


class Rates(TypedDict):
    low: int
    day: NotRequired[date]
    share: NotRequired[Annotated[float, Field(le=1)]]


class Extended(typing_extensions.TypedDict):
    day: date


class Tree(TypedDict):
    parts: list[Tree]


class Point(NamedTuple):
    x: int
    day: date = date(2026, 1, 1)


def typed(annotation: Any, **default: Any) -> Any:
    """A pipeline with a parameter ``x`` of a type, which gives what its task makes of it."""

    def show(x):
        return repr(x)

    def flow(x):
        return shown(x)

    show.__annotations__ = {"x": annotation}
    flow.__annotations__ = {"x": annotation}
    flow.__defaults__ = tuple(default.values()) or None
    shown: Callable[[Any], str] = task(show)
    return dag(flow)


VALUES = [
    (Color, Color.one, Color.one),
    (Color, "r", Color.red),
    (Size, Size.large, Size.large),
    (Level, 2, Level.high),
    (list[Color], ["r"], [Color.red]),
    (dict[Color, int], {Color.red: 1}, {Color.red: 1}),
    (date, date(2026, 2, 3), date(2026, 2, 3)),
    (date, "2026-02-03", date(2026, 2, 3)),
    (datetime, "2026-02-03T04:05:06", datetime(2026, 2, 3, 4, 5, 6)),
    (datetime, "2026-02-03T04:05:06Z", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
    (timedelta, timedelta(1), timedelta(1)),
    (timedelta, "PT5S", timedelta(seconds=5)),
    (timedelta, 1.5, timedelta(seconds=1.5)),
    (Decimal, "1.10", Decimal("1.10")),
    (Literal["a", 1], 1, 1),
    (date | None, None, None),
    (date | str, "2026-01-01", "2026-01-01"),
    (date | int, date(2026, 1, 1), date(2026, 1, 1)),
    (Model, {"count": 1, "when": "2026-01-01"}, Model(count=1, when=date(2026, 1, 1))),
    (list[Model], [Model(count=1)], [Model(count=1)]),
    (dict[str, Model], {"a": {"count": 1}}, {"a": Model(count=1)}),
    (Model | int, 3, 3),
    (Setting, {"rate": 1, "color": "1"}, Setting(1.0, Color.one)),
    (list[Setting], [Setting(0.5)], [Setting(0.5)]),
    (Rates, {"low": 1, "day": date(2026, 1, 1)}, {"low": 1, "day": date(2026, 1, 1)}),
    (list[Rates], [{"low": 1}], [{"low": 1}]),
    (Rates | None, {"low": 1}, {"low": 1}),
    (Extended, {"day": "2026-01-01"}, {"day": date(2026, 1, 1)}),
    (Blob, Blob(b"\xff"), Blob(b"\xff")),
    (Point, Point(1), Point(1)),
    (Point, {"x": 1}, Point(1)),
    (tuple[date, ...], ["2026-01-01"], (date(2026, 1, 1),)),
    (Annotated[int, Field(gt=0)], 1, 1),
]


MISTAKEN = [
    (int, True, "int"),
    (float, False, "float"),
    (bool, 1, "bool"),
    (bool, 0.0, "bool"),
    (int | None, True, "int | None"),
    (int | str, True, "int | str"),
    (Level, True, "Level"),
    (timedelta, True, "timedelta"),
    (Annotated[int, Field(gt=0)], True, "int"),
    (list[int], [1, True], "list[int]"),
    (set[int], [True], "set[int]"),
    (tuple[bool, ...], [True, 1], "tuple[bool, ...]"),
    (dict[str, int], {"a": True}, "dict[str, int]"),
    (Rates, {"low": True}, "Rates"),
    (Setting, {"rate": True}, "Setting"),
    (Point, {"x": True}, "Point"),
    (datetime, "20260131", "datetime"),
    (datetime, 5, "datetime"),
    (datetime | None, "5", "datetime | None"),
]


@pytest.mark.parametrize(("annotation", "value", "name"), MISTAKEN)
def test_a_bool_is_no_number_and_a_number_no_bool_or_date(
    annotation: Any, value: Any, name: str
) -> None:
    with pytest.raises(UsageError) as caught:
        typed(annotation).run(x=value)
    assert str(caught.value).startswith(f"parameter 'x': expected {name}, got {value!r}; ")
    with pytest.raises(BuildError, match="its default"):
        typed(annotation, x=value).build()


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (int, "5", 5),
        (int, 5.0, 5),
        (float, 5, 5.0),
        (bool, "true", True),
        (bool | int, 1, 1),
        (bool | int, True, True),
        (Any, True, True),
    ],
)
def test_what_is_meant_is_taken(annotation: Any, value: Any, expected: Any) -> None:
    assert typed(annotation).run(x=value).outputs["return_value"] == repr(expected)


def test_the_targets_check_by_the_same_rule() -> None:
    from dagger_providers import argo, kfp

    for target in (kfp, argo):
        with pytest.raises(UsageError, match="parameter 'x': expected int, got True"):
            target.arguments(typed(int), {"x": True})


@pytest.mark.parametrize(("annotation", "value", "expected"), VALUES)
def test_a_value_arrives_as_its_annotation_says(annotation: Any, value: Any, expected: Any) -> None:
    assert typed(annotation).run(x=value).outputs["return_value"] == repr(expected)


@pytest.mark.parametrize(("annotation", "value", "expected"), VALUES)
def test_a_default_arrives_as_its_annotation_says(
    annotation: Any, value: Any, expected: Any
) -> None:
    assert typed(annotation, x=value).run().outputs["return_value"] == repr(expected)


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (Color, "blue", "parameter 'x': input should be 'r' or '1', got 'blue'"),
        (Level, 3, "parameter 'x': input should be 1 or 2, got 3"),
        (date, "soon", "parameter 'x': input should be a valid date or datetime, input is too"),
        (Literal["a", "b"], "c", "parameter 'x': input should be 'a' or 'b', got 'c'"),
        (date | None, "x", "parameter 'x': input should be a valid date or datetime"),
        (date | int, None, "parameter 'x': expected date | int, got None"),
        (
            Model | int,
            {"count": "y"},
            "parameter 'x': expected Model | int, got {'count': 'y'}; Model.count: input should be",
        ),
        (Model, {"count": -1}, "parameter 'x': count: input should be greater than or equal to 0"),
        (list[Model], [{"count": 1}, {}], "parameter 'x': 1.count: field required"),
        (dict[str, Model], [], "parameter 'x': input should be a valid dictionary, got []"),
        (Setting, {"rate": "y"}, "parameter 'x': rate: input should be a valid number"),
        (Rates, {}, "parameter 'x': low: field required"),
        (Rates, {"low": 1, "z": 2}, "parameter 'x': z: extra inputs are not permitted, got 2"),
        (Rates, {"low": 1, "share": 2}, "parameter 'x': share: input should be less than or equal"),
        (Annotated[int, Field(gt=0)], 0, "parameter 'x': input should be greater than 0, got 0"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(annotation: Any, value: Any, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        typed(annotation).run(x=value)

    assert str(refused.value).startswith(text)
    assert "\n" not in str(refused.value)


def test_a_wrong_default_says_so() -> None:
    with pytest.raises(
        BuildError, match=r"parameter 'x': expected date \| int, got None \(its def"
    ):
        typed(date | int, x=None).build()


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (Color, "1", Color.one),
        (Color | None, "1", Color.one),
        (Color | None, "null", None),
        (Level, "2", Level.high),
        (date, "2026-01-02", date(2026, 1, 2)),
        (date | None, "2026-01-02", date(2026, 1, 2)),
        (timedelta, "90", timedelta(seconds=90)),
        (timedelta, "PT5S", timedelta(seconds=5)),
        (Decimal, "1.10", Decimal("1.10")),
        (str, "5", "5"),
        (str | None, "5", "5"),
        (str | None, "[1]", "[1]"),
        (str | None, "null", None),
        (int | str, "5", 5),
        (Literal["1", "b"] | None, "1", "1"),
        (Literal["a", 1], "1", 1),
        (list[str], '["1"]', ["1"]),
        (list[Model], '[{"count": 2}]', [Model(count=2)]),
        (Any, "5", 5),
    ],
)
def test_a_text_of_the_command_line_is_read(annotation: Any, text: str, expected: Any) -> None:
    pipeline = typed(annotation)
    given = from_text(pipeline.build(), {"x": text})

    assert pipeline.run(**given).outputs["return_value"] == repr(expected)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (timedelta, {"type": "number"}),
        (Decimal, {"type": "string"}),
        (Size, {"type": "string", "enum": ["small", "large"], "title": "Size"}),
        (Blob, {"properties": {"x": BASE64}}),
        (
            Point,
            {
                "type": "object",
                "properties": {
                    "x": {"type": "integer"},
                    "day": {"type": "string", "format": "date", "default": "2026-01-01"},
                },
                "required": ["x"],
            },
        ),
        (Annotated[int, Field(gt=0, description="How many")], {"exclusiveMinimum": 0}),
        (bool, {"type": "boolean"}),
    ],
)
def test_a_schema_says_what_is_written(annotation: Any, schema: dict[str, Any]) -> None:
    found = thaw(typed(annotation).build().inputs["x"].json_schema)

    assert schema.items() <= found.items()


def test_a_model_writes_what_it_holds() -> None:
    class Timed(BaseModel):
        took: timedelta

    schema = thaw(typed(Timed).build().inputs["x"].json_schema)

    assert schema["properties"]["took"]["type"] == "string"
    assert typed(Timed).run(x={"took": 5}).outputs["return_value"] == repr(Timed(took=5))


def google(x: int = 1, y: int = 2):
    """Do it.

    Args:
        x (int): The first,
            in two lines.
        y: The second.
    """
    return both(x, y)


def numpy(x: int = 1, y: int = 2):
    """Do it.

    Parameters
    ----------
    x : int
        The first,
        in two lines.
    y
        The second.
    """
    return both(x, y)


def sphinx(x: int = 1, y: int = 2):
    """Do it.

    :param int x: The first,
        in two lines.
    :param y: The second.
    """
    return both(x, y)


@task
def both(x: int, y: int) -> int:
    return x + y


@pytest.mark.parametrize("function", [google, numpy, sphinx])
def test_a_docstring_describes_parameters(function: Any) -> None:
    inputs = dag(function).build().inputs

    assert inputs["x"].description == "The first, in two lines."
    assert inputs["y"].description == "The second."


def test_an_annotation_describes_a_parameter_that_no_docstring_does() -> None:
    pipeline = typed(Annotated[int, Field(description="How  many")])

    assert pipeline.build().inputs["x"].description == "How many"


def test_a_typed_dict_that_holds_itself() -> None:
    given = {"parts": [{"parts": []}]}

    assert typed(Tree).run(x=given).outputs["return_value"] == repr(given)
