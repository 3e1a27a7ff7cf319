"""Values of parameters that an engine holds as JSON: each becomes what a local run makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from dagger_providers import DAG, FromParam, Task, dag, task
from dagger_providers.errors import UsageError
from dagger_providers.planning.held import as_declared, declared
from dagger_providers.planning.parameters import encode_parameters


class Size(Enum):
    small = (1, 2)


class Model(BaseModel):
    x: float
    inside: list[Model] = []


@dataclass
class Setting:
    rate: float
    steps: list[int] = field(default_factory=list)


@dataclass
class Blob:
    x: bytes


class Point(NamedTuple):
    x: float
    y: int = 0


@task
def show(x: Any) -> str:
    return repr(x)


def typed(annotation: Any, *default: Any) -> Any:
    """A pipeline with a parameter ``x`` of a type."""

    def flow(x):
        return show(x)

    flow.__annotations__ = {"x": annotation}
    flow.__defaults__ = default or None
    return dag(flow)


def held(pipeline: Any, data: Any) -> str:
    """What becomes of data, as text: ``3`` is not ``3.0``."""
    return json.dumps(as_declared(declared(pipeline.build(), pipeline), "x", data))


def held_without_code(pipeline: Any, data: Any) -> str:
    """The same where the pipeline's module cannot be imported."""
    model = pipeline.build().having(function="gone.py:flow")
    return json.dumps(as_declared(declared(model), "x", data))


NUMBERS = [
    (float, 3, 3.0),
    (int, 4.0, 4),
    (int | None, 4.0, 4),
    (int | None, None, None),
    (float | None, 1, 1.0),
    (int | float, 3, 3),
    (int | float, 3.0, 3.0),
    (float | str, 3, 3.0),
    (list[int], [1.0, 2], [1, 2]),
    (dict[str, float], {"b": 3, "a": 0.5}, {"b": 3.0, "a": 0.5}),
    (list[dict[str, list[float]]], [{"a": [1]}], [{"a": [1.0]}]),
    (list[int] | list[float], [1.0], [1.0]),
    (tuple[int, float], [1.0, 2], [1, 2.0]),
    (Annotated[float, Field(le=9)], 3, 3.0),
    (Setting, {"rate": 1, "steps": [2.0]}, {"rate": 1.0, "steps": [2]}),
    (Setting | None, {"rate": 1, "steps": []}, {"rate": 1.0, "steps": []}),
    (Point, {"x": 1, "y": 2.0}, {"x": 1.0, "y": 2}),
    (Model, {"x": 1, "inside": [{"x": 2, "inside": []}]}, None),
    (Literal[1, "a"], 1, 1),
    (Any, [1, 2.0], [1, 2.0]),
]


@pytest.mark.parametrize(("annotation", "data", "expected"), NUMBERS)
def test_numbers_are_of_the_kind_that_the_type_asks_for(
    annotation: Any, data: Any, expected: Any
) -> None:
    pipeline = typed(annotation)
    local = encode_parameters(pipeline.build(), {"x": data})["x"]

    assert json.loads(held(pipeline, data)) == json.loads(local)
    assert held(pipeline, data) == json.dumps(json.loads(local))
    assert held_without_code(pipeline, data) == json.dumps(json.loads(local))
    if expected is not None:
        assert held(pipeline, data) == json.dumps(expected)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Blob, Blob(b"hi")),
        (Size, Size.small),
        (date | str, "2026-01-01"),
        (date | str, date(2026, 1, 1)),
        (datetime, datetime(2026, 1, 2, tzinfo=UTC)),
        (Setting, Setting(1)),
        (Point, Point(1)),
    ],
)
def test_what_our_json_stands_for_stays(annotation: Any, value: Any) -> None:
    pipeline = typed(annotation)
    text = json.dumps(json.loads(encode_parameters(pipeline.build(), {"x": value})["x"]))

    assert held(pipeline, json.loads(text)) == text
    assert held_without_code(pipeline, json.loads(text)) == text


def test_what_a_type_adds_is_added() -> None:
    assert held(typed(Setting), {"rate": 2}) == '{"rate": 2.0, "steps": []}'
    assert held(typed(datetime), "2026-01-02T00:00:00Z") == '"2026-01-02T00:00:00+00:00"'
    lower = Annotated[str, StringConstraints(to_lower=True)]
    assert held(typed(lower), "AbC") == '"abc"'


def test_a_default_is_validated_once() -> None:
    more = Annotated[int, AfterValidator(lambda n: n + 1)]
    pipeline = typed(more, 1)

    assert pipeline.build().inputs["x"].default == 2
    assert held(pipeline, 2) == "2"
    assert held(pipeline, 5) == "6"


def test_what_the_type_does_not_take_is_refused_as_locally() -> None:
    even = Annotated[int, AfterValidator(lambda n: n if n % 2 == 0 else int("odd"))]

    with pytest.raises(UsageError, match="parameter 'x': "):
        held(typed(even), 3)


@pytest.mark.parametrize(("kind", "data"), [("integer", 4.0), ("number", 3), ("number", 3.0)])
def test_numbers_of_a_model_by_hand_are_those_of_a_local_run(kind: str, data: Any) -> None:
    model = DAG(
        nodes={"show": Task("builtins:repr", inputs={"obj": FromParam("x")})},
        inputs={"x": FromParam("x", json_schema={"type": kind})},
        name="by-hand",
    )
    local = encode_parameters(model, {"x": data})["x"]

    assert json.dumps(as_declared(declared(model), "x", data)) == json.dumps(json.loads(local))
