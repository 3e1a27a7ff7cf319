"""An edge whose two ends are annotated must fit; what is not certain is let through."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType, Protocol, TypedDict, TypeVar

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, ConfigDict, EmailStr, PositiveInt

from dagger_providers import (
    DAG,
    FromItem,
    FromKey,
    FromList,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    Loop,
    Task,
    dag,
    loop,
    switch,
    task,
)
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import BuildError
from dagger_providers.planning import check_wiring, plan


class Color(Enum):
    red = "r"


class Mode(StrEnum):
    fast = "fast"


class Level(IntEnum):
    low = 1


class Point(NamedTuple):
    x: int
    name: str


class Rates(TypedDict):
    low: int
    high: float


class Wider(Rates):
    name: str


@dataclass
class Setting:
    rate: float
    names: list[str]

    @property
    def first(self) -> str:
        return self.names[0]


@dataclass
class Derived(Setting):
    more: int = 0


class Model(BaseModel):
    count: int
    setting: Setting


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Mixin:
    pass


class Estimator:
    pass


class Classifier(Mixin, Estimator):
    pass


class Named(Protocol):
    name: str


T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
UserId = NewType("UserId", int)
Many = list["Many"] | int


def edge(given: Any, wanted: Any, *, pickled: bool = False) -> Any:
    """A pipeline in which a task that takes ``wanted`` reads one that returns ``given``."""

    def give():
        raise NotImplementedError

    def take(x):
        raise NotImplementedError

    give.__annotations__ = {"return": given}
    take.__annotations__ = {"x": wanted, "return": int}
    first, second = task(serializer="pickle" if pickled else None)(give), task(take)

    @dag
    def flow() -> Any:
        return second(first())

    return flow


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (pd.DataFrame, int),
        (str, int),
        (float, int),
        (float, bool),
        (int, Decimal),
        (int, None),
        (None, int),
        (None, list[int]),
        (dict[str, Any], Model),
        (dict[str, Any], Setting),
        (Model, dict),
        (Setting, Derived),
        (Model, Setting),
        (str, date),
        (date, datetime),
        (str, Path),
        (Path, str),
        (str, Color),
        (str, Mode),
        (int, Level),
        (Color, str),
        (Literal["a", "b"], Literal["c"]),
        (Literal["a"], int),
        (int, Literal["a"]),
        (int | None, str),
        (int | None, str | date),
        (int, list[int]),
        (list[int], int),
        (list[int], pd.DataFrame),
        (list[int], dict[str, int]),
        (list[str], list[int]),
        (list[str], Iterable[int]),
        (list[list[str]], Sequence[Sequence[int]]),
        (Iterator[str], list[int]),
        (Iterator[int], tuple[int, ...]),
        (Sequence[int], tuple[int, ...]),
        (list[int], tuple[int, ...]),
        (tuple[int, str], tuple[int, int]),
        (tuple[int, str], tuple[int]),
        (tuple[int, ...], list[int]),
        (tuple[int, str], list[int]),
        (list[int], set[int]),
        (set[str], set[int]),
        (dict[str, str], dict[str, int]),
        (dict[str, str], Mapping[str, int]),
        (dict[str, int], list[str]),
        (dict[str, str], Rates),
        (Rates, dict[str, str]),
        (Rates, Wider),
        (Rates, Setting),
        (list[Rates], list[Model]),
        (str, Iterable[int]),
        (Annotated[str, "text"], PositiveInt),
        (UserId, str),
        (str, Bound),
        (bytes, str),
    ],
)
def test_an_edge_that_surely_does_not_fit_is_refused(given: Any, wanted: Any) -> None:
    with pytest.raises(BuildError, match="argument 'x' of node 'take' takes") as refused:
        edge(given, wanted).build()

    assert "the result of node 'give' is" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (int, int),
        (int, float),
        (int, complex),
        (int, bool),
        (bool, int),
        (Any, int),
        (int, Any),
        (int, object),
        (int, T),
        (int, Bound),
        (UserId, int),
        (int, UserId),
        (PositiveInt, int),
        (None, None),
        (int | None, int),
        (int, int | None),
        (int | str, str | date),
        (Level, int),
        (Mode, str),
        (Color, Enum),
        (Color, Color),
        (Literal["a", "b"], Literal["b", "c"]),
        (Literal["a"], str),
        (str, Literal["a"]),
        (str, Literal["a", 1]),
        (str, EmailStr),
        (Derived, Setting),
        (Setting, Named),
        (datetime, date),
        (Path, Path),
        (Point, tuple[int, str]),
        (Point, tuple),
        (Wider, Rates),
        (Rates, dict),
        (Rates, dict[str, float]),
        (Rates, Mapping[str, Any]),
        (dict[str, int], Rates),
        (dict[str, Any], Rates),
        (list, list[int]),
        (list[Any], list[int]),
        (list[int], list),
        (list[int], list[float]),
        (list[int], Sequence[float]),
        (list[int], Iterable[int]),
        (list[int], Iterator[int]),
        (Iterator[int], Iterator[int]),
        (Iterator[int], list[int]),
        (Iterable[int], Sequence[int]),
        (Sequence[int], list[int]),
        (Mapping[str, int], dict[str, int]),
        (tuple[int, str], tuple[int | None, str]),
        (tuple[int, ...], tuple[int, int]),
        (tuple[int, ...], Sequence[int]),
        (str, Sequence[str]),
        (str, Iterable[Any]),
        (dict[str, int], Iterable[str]),
        (pd.DataFrame, pd.DataFrame),
        (pd.DataFrame, Iterable[str]),
        (list[pd.DataFrame], Iterable[pd.DataFrame]),
    ],
)
def test_an_edge_that_may_fit_is_built(given: Any, wanted: Any) -> None:
    assert "take" in edge(given, wanted).build().nodes


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (np.int64, int),
        (np.float32, float),
        (int, np.int64),
        (Fraction, float),
        (Estimator, Classifier),
        (Mixin, Estimator),
        (np.ndarray, Iterable[int]),
        (Callable[[int], int], Callable[[str], str]),
        (Setting, Derived),
        (Many, Many),
        (Many, list[list[int]]),
    ],
)
def test_a_pickled_value_may_be_of_a_subclass(given: Any, wanted: Any) -> None:
    assert "take" in edge(given, wanted, pickled=True).build().nodes


@pytest.mark.parametrize(
    ("given", "wanted"), [(np.ndarray, pd.DataFrame), (Estimator, int), (np.float64, int)]
)
def test_a_pickled_value_of_another_class_is_refused(given: Any, wanted: Any) -> None:
    with pytest.raises(BuildError, match="argument 'x' of node 'take' takes"):
        edge(given, wanted, pickled=True).build()


@pytest.mark.parametrize(
    ("given", "wanted", "text"),
    [
        (
            pd.DataFrame,
            int,
            "pipeline 'flow': argument 'x' of node 'take' takes int, but the result of node 'give' "
            "is DataFrame; correct the annotation that is wrong, or convert the value in a task "
            "between them",
        ),
        (list[str], str, "the result of node 'give' is list[str]; loop over it, or take one item"),
        (str, list[str], "the result of node 'give' is str; give it in a list"),
        (dict, Model, "is dict; annotate it as Model where it comes from"),
        (Point, type("Point", (), {}), "these are two classes, of "),
    ],
)
def test_a_refusal_says_what_to_do(given: Any, wanted: Any, text: str) -> None:
    with pytest.raises(BuildError) as refused:
        edge(given, wanted).build()

    assert text in str(refused.value)


@task
def rates() -> Rates:
    raise NotImplementedError


@task
def model() -> Model:
    raise NotImplementedError


@task
def setting() -> Setting:
    raise NotImplementedError


@task
def point() -> Point:
    raise NotImplementedError


@task
def table() -> dict[str, Model]:
    raise NotImplementedError


@task
def pair() -> tuple[int, list[str]]:
    raise NotImplementedError


@task
def numbers() -> list[int]:
    raise NotImplementedError


@task
def opened() -> Open:
    raise NotImplementedError


@task
def maybe() -> Rates | None:
    raise NotImplementedError


@task
def frame() -> pd.DataFrame:
    raise NotImplementedError


@task
def take_int(x: int) -> int:
    raise NotImplementedError


@task
def take_text(x: str) -> str:
    raise NotImplementedError


@task
def take_texts(x: list[str]) -> str:
    raise NotImplementedError


@task
def take_ints(x: Iterable[int]) -> int:
    raise NotImplementedError


@task
def take_day(x: date) -> int:
    raise NotImplementedError


@task
def take_setting(x: Setting) -> int:
    raise NotImplementedError


@task
def whatever(x):
    raise NotImplementedError


def flow_of(body: Callable[[], Any]) -> Any:
    def flow() -> Any:
        return body()

    return dag(flow)


REFUSED_PARTS = {
    "key": (lambda: take_text(rates()["low"]), "['low'] of the result of node 'rates' is int"),
    "no_key": (lambda: take_int(rates()["mid"]), "it has no key 'mid', but low, high"),
    "key_as_attribute": (lambda: take_int(rates().low), "no attribute 'low': write ['low']"),
    "attribute": (lambda: take_text(model().count), ".count of the result of node 'model' is int"),
    "no_attribute": (lambda: whatever(model().size), "no attribute 'size', but count, setting"),
    "attribute_as_key": (lambda: whatever(setting()["rate"]), "Setting has no keys"),
    "nested": (lambda: take_int(model().setting.names), ".setting.names of the result"),
    "no_nested": (lambda: whatever(model().setting.x), "but .setting of it is Setting: it has no"),
    "named_tuple": (lambda: take_int(point().name), ".name of the result of node 'point' is str"),
    "position": (lambda: take_int(point()[1]), "[1] of the result of node 'point' is str"),
    "no_position": (lambda: whatever(pair()[2]), "it has 2 parts, none at 2"),
    "tuple": (lambda: take_int(pair()[1]), "[1] of the result of node 'pair' is list[str]"),
    "mapping": (lambda: take_int(table()["a"]), "['a'] of the result of node 'table' is Model"),
    "list": (lambda: take_text(numbers()[0]), "[0] of the result of node 'numbers' is int"),
    "list_by_name": (lambda: whatever(numbers()["a"]), "its parts have numbers, no key 'a'"),
    "optional": (lambda: take_text(maybe()["low"]), "['low'] of the result of node 'maybe' is int"),
}
BUILT_PARTS = {
    "key": lambda: take_int(rates()["low"]),
    "attribute": lambda: take_int(model().count),
    "property": lambda: take_int(setting().first),
    "nested": lambda: take_texts(model().setting.names),
    "named_tuple": lambda: take_text(point()[1]),
    "from_the_end": lambda: take_texts(pair()[-1]),
    "mapping": lambda: take_setting(table()["a"].setting),
    "open_model": lambda: take_int(opened().anything),
    "unannotated": lambda: take_int(whatever(1)["a"].b[3]),
    "optional": lambda: take_int(maybe()["low"]),
    "frame": lambda: whatever(frame().columns),
}


@pytest.mark.parametrize("name", REFUSED_PARTS)
def test_a_part_that_does_not_fit_is_refused(name: str) -> None:
    body, text = REFUSED_PARTS[name]
    with pytest.raises(BuildError) as refused:
        flow_of(body).build()

    assert text in str(refused.value)


@pytest.mark.parametrize("name", BUILT_PARTS)
def test_a_part_that_may_fit_is_built(name: str) -> None:
    assert flow_of(BUILT_PARTS[name]).build().nodes


@dag
def doubled(x: int):
    return take_int(x)


@dag
def told(x):
    return take_text(x)


@dag
def several(x: int):
    return {"text": take_text("a"), "number": take_int(x)}


@dag
def promised() -> int:
    return whatever(1)


@dag
def listing(xs: list[int]):
    return [take_int(x) for x in xs]


@dag
def of_text(xs: list[str]):
    return [take_int(x) for x in xs]


@dag
def of_words(text: str):
    return [take_text(x) for x in text]


@dag
def of_a_mapping(entries: dict[str, int]):
    return [take_text(x) for x in entries]


@dag
def a_day(day: str):
    return take_day(day)


@dag
def returns_text() -> int:
    return take_text("a")


@dag
def returns_texts() -> list[int]:
    return [take_text("a"), take_text("b")]


@dag
def returns_keys() -> Rates:
    return {"low": take_int(1), "high": take_text("a")}


REFUSED_FLOWS = {
    "parameter": (a_day, "argument 'x' of node 'take-day' takes date, but parameter 'day' is str"),
    "item_of_a_parameter": (of_text, "takes int, but an item of parameter 'xs' is str"),
    "loop_over_text": (
        of_words,
        "loops over parameter 'text', but that is str, which is one value",
    ),
    "loop_over_a_mapping": (of_a_mapping, "dict[str, int], which has named parts"),
    "loop_over_a_frame": (
        flow_of(lambda: [whatever(x) for x in frame()]),
        "loops over the result of node 'frame', but that is DataFrame, which is one value",
    ),
    "loop_over_a_number": (flow_of(lambda: [whatever(x) for x in take_int(1)]), "has no items"),
    "loop_over_a_model": (flow_of(lambda: [whatever(x) for x in model()]), "has named parts"),
    "item": (
        flow_of(lambda: [take_text(x) for x in numbers()]),
        "takes str, but an item of the result of node 'numbers' is int",
    ),
    "item_of_a_gathered_list": (
        flow_of(lambda: [take_text(y) for y in [take_int(x) for x in numbers()]]),
        "takes str, but the result of node 'take-int' is int",
    ),
    "fan_in": (
        flow_of(lambda: take_texts([take_text("a"), take_int(1)])),
        "takes list[str], but an element does not fit: the result of node 'take-int' is int",
    ),
    "fan_in_of_a_loop": (
        flow_of(lambda: take_texts([take_int(x) for x in numbers()])),
        "takes list[str], but an element does not fit",
    ),
    "lazy_fan_in": (
        flow_of(lambda: take_ints([take_text("a")])),
        "takes Iterable[int], but an element does not fit",
    ),
    "list_for_one": (flow_of(lambda: take_int([take_int(1)])), "but it is given a list"),
    "literal": (flow_of(lambda: take_int("a")), "takes int, but it is given 'a'"),
    "literal_in_a_list": (flow_of(lambda: take_texts(["a", 1])), "but it is given ['a', 1]"),
    "literal_in_a_fan_in": (flow_of(lambda: take_ints([take_int(1), "b"])), "it is given 'b'"),
    "nested_parameter": (
        flow_of(lambda: doubled(take_text("a"))),
        "argument 'x' of node 'doubled' takes int, but the result of node 'take-text' is str",
    ),
    "through_an_unannotated_parameter": (
        flow_of(lambda: told(take_int(1))),
        "pipeline 'told': argument 'x' of node 'take-text' takes str, but the result of node "
        "'take-int' is int",
    ),
    "nested_result": (
        flow_of(lambda: take_text(doubled(1))),
        "takes str, but the result of node 'take-int' is int",
    ),
    "nested_key": (
        flow_of(lambda: take_int(several(1)["text"])),
        "takes int, but the result of node 'take-text' is str",
    ),
    "nested_list": (
        flow_of(lambda: take_text(listing([1]))),
        "takes str, but a list of results is list[int]",
    ),
    "annotated_result": (
        flow_of(lambda: take_text(promised())),
        "takes str, but the result of node 'promised' is int",
    ),
    "own_result": (returns_text, "its result is annotated as int, but the result of node 'take-"),
    "own_results": (returns_texts, "annotated as list[int], but an element does not fit"),
    "own_key": (returns_keys, "result 'high' is annotated as float, but the result of node"),
}


@task
def take_either(x: list[str] | list[int] | None) -> int:
    raise NotImplementedError


BUILT_FLOWS = {
    "fan_in_of_a_union": flow_of(lambda: take_either([take_int(1), take_int(2)])),
    "parameter": listing,
    "nested": flow_of(lambda: take_int(doubled(take_int(1)))),
    "nested_key": flow_of(lambda: take_text(several(1)["text"])),
    "nested_list": flow_of(lambda: take_ints(listing([1]))),
    "loop_over_a_tuple": flow_of(lambda: [take_int(x) for x in edge_of_tuple()]),
    "unannotated": flow_of(lambda: take_int(whatever(take_text("a")))),
    "literals": flow_of(lambda: [take_int(True), take_ints([1]), take_texts([])]),
    "empty_fan_in": flow_of(lambda: take_texts([take_text(x) for x in []])),
}


class State(TypedDict):
    x: int
    done: bool


class Misnamed(TypedDict):
    x: str
    done: str


@task
def chosen() -> str:
    raise NotImplementedError


@task
def color() -> Color:
    raise NotImplementedError


@task
def turn(x: int) -> State:
    raise NotImplementedError


@task
def bad_turn(x: int) -> Misnamed:
    raise NotImplementedError


@task
def bad_until(x: str) -> Misnamed:
    raise NotImplementedError


@task
def any_turn(x: int) -> dict[str, Any]:
    raise NotImplementedError


@dag
def turns(x: int):
    return {"x": take_int(x), "done": whatever(x)}


REFUSED_COMPOSITIONS = {
    "branch": (
        lambda: switch(chosen(), {"a": take_int, "b": take_text})(take_int(1)),
        "argument 'x' of node 'switch.b' takes str, but the result of node 'take-int' is int",
    ),
    "literal": (
        lambda: switch(chosen(), {"a": take_int})("x"),
        "argument 'x' of node 'switch.a' takes int, but it is given 'x'",
    ),
    "nested_branch": (
        lambda: switch(chosen(), {"a": doubled, "b": doubled})(take_text("a")),
        "argument 'x' of node 'switch.a' takes int, but the result of node 'take-text' is str",
    ),
    "result": (
        lambda: take_int(switch(chosen(), {"a": take_int, "b": told})(whatever(1))),
        "takes int, but the result of node 'take-text' is str",
    ),
    "selector": (
        lambda: switch(whatever_float(), {"a": take_int}, default=take_int)(1),
        "switch 'switch' chooses by int | str, but the result of node 'whatever-float' is float",
    ),
    "no_case": (
        lambda: switch(chosen(), {1: take_int, 2: take_int})(1),
        "switch 'switch' chooses by Literal[1, 2], but the result of node 'chosen' is str",
    ),
    "first_turn": (
        lambda: take_int(loop(turn)(x=chosen())["x"]),
        "argument 'x' of node 'turn' takes int, but the result of node 'chosen' is str",
    ),
    "first_turn_of_a_pipeline": (
        lambda: take_int(loop(turns)(x=chosen())["x"]),
        "argument 'x' of node 'turns' takes int, but the result of node 'chosen' is str",
    ),
    "next_turn": (
        lambda: loop(bad_turn)(x=1)["x"],
        "['x'] of the result of node 'bad-turn' is the next turn's 'x', as int, but it is str",
    ),
    "until": (
        lambda: loop(bad_until)(x="a")["x"],
        "['done'] of the result of node 'bad-until' ends the loop, as bool, but it is str",
    ),
    "turn": (
        lambda: take_text(loop(turn)(x=1)["x"]),
        "takes str, but ['x'] of the result of node 'turn.turn' is int",
    ),
    "turn_of_a_pipeline": (
        lambda: take_text(loop(turns)(x=1)["x"]),
        "takes str, but the result of node 'take-int' is int",
    ),
    "loop_over_a_switch": (
        lambda: [take_text(x) for x in switch(chosen(), {"a": numbers, "b": numbers})()],
        "takes str, but an item of the result of node 'switch.a' is int",
    ),
}
BUILT_COMPOSITIONS = {
    "branches": lambda: switch(chosen(), {"a": take_int, "b": take_text})(whatever(1)),
    "result": lambda: take_int(switch(chosen(), {"a": take_int, "b": doubled})(take_int(1))),
    "enum": lambda: switch(color(), {"r": take_int})(1),
    "turn": lambda: take_int(loop(turn)(x=1)["x"]),
    "turn_of_a_pipeline": lambda: take_int(loop(turns)(x=1)["x"]),
    "any_turn": lambda: take_text(loop(any_turn)(x=1)["x"]),
}


@task
def whatever_float() -> float:
    raise NotImplementedError


@pytest.mark.parametrize("name", REFUSED_COMPOSITIONS)
def test_a_switch_or_a_loop_is_refused(name: str) -> None:
    body, text = REFUSED_COMPOSITIONS[name]
    with pytest.raises(BuildError) as refused:
        flow_of(body).build()

    assert text in str(refused.value)


@pytest.mark.parametrize("name", BUILT_COMPOSITIONS)
def test_a_switch_or_a_loop_is_built(name: str) -> None:
    assert flow_of(BUILT_COMPOSITIONS[name]).build().nodes


SCRIPT = """
from dagger_providers import dag, task

print("runs")

@task
def one() -> int:
    return 1

@task
def show(x: int) -> int:
    return x

@dag
def flow():
    return show(one())

flow.build()
"""


def test_a_build_does_not_run_its_script_again(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "script.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert ended.stdout == "runs\n"


@task
def edge_of_tuple() -> tuple[int, ...]:
    raise NotImplementedError


@pytest.mark.parametrize("name", REFUSED_FLOWS)
def test_a_pipeline_is_refused(name: str) -> None:
    pipeline, text = REFUSED_FLOWS[name]
    with pytest.raises(BuildError) as refused:
        pipeline.build()

    assert text in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", BUILT_FLOWS)
def test_a_pipeline_is_built(name: str) -> None:
    assert BUILT_FLOWS[name].build().nodes


def test_a_tuple_that_a_loop_walks_arrives_as_a_list() -> None:
    @task
    def take_tuple(x: tuple[int, ...]) -> int:
        raise NotImplementedError

    @dag
    def flow():
        found = edge_of_tuple()
        return {"each": [take_int(x) for x in found], "whole": take_tuple(found)}

    with pytest.raises(BuildError, match="which a loop walks and is kept item by item, is list"):
        flow.build()


def test_a_wrapped_function_is_read_through_its_wrapper() -> None:
    def logged(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(x):
            return function(x)

        return wrapper

    @task
    @logged
    def wrapped(x: str) -> str:
        raise NotImplementedError

    with pytest.raises(BuildError, match="argument 'x' of node 'wrapped' takes str"):
        flow_of(lambda: wrapped(take_int(1))).build()


def test_another_serializer_than_the_annotation_asks_for_is_not_judged() -> None:
    @task(serializer="csv")
    def give() -> list[int]:
        raise NotImplementedError

    assert flow_of(lambda: take_text(give())).build().nodes


def test_a_frame_arrives_as_a_frame_from_a_csv_file_too() -> None:
    @task(serializer="csv")
    def give() -> pd.DataFrame:
        raise NotImplementedError

    with pytest.raises(BuildError, match="takes int, but the result of node 'give' is DataFrame"):
        flow_of(lambda: take_int(give())).build()


def test_text_arrives_as_text() -> None:
    @task(serializer="text")
    def give():
        raise NotImplementedError

    with pytest.raises(BuildError, match="takes int, but the result of node 'give' is str"):
        flow_of(lambda: take_int(give())).build()


def plain_rates(n: int) -> Rates:
    raise NotImplementedError


def plain_take(x: str, day: date | None = None) -> str:
    raise NotImplementedError


def plain_total(xs: list[int]) -> str:
    raise NotImplementedError


def by_hand(source: Any, **more: Any) -> DAG:
    return DAG(
        nodes={
            "give": Task(
                plain_rates,
                inputs={"n": FromParam()},
                outputs={"low": FromKey("low"), "whole": FromReturnValue()},
            ),
            "take": Task(plain_take, inputs={"x": source, **more}),
        },
        inputs={"n": FromParam(default=1), "text": FromParam(default=2)},
    )


def test_what_is_made_by_hand_is_checked_when_it_is_planned() -> None:
    with pytest.raises(BuildError, match=r"takes str, but \['low'\] of the result of node 'give'"):
        plan(by_hand(FromNodeOutput("give", "low")))


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"source": FromValue(3)}, "takes str, but it is given 3"),
        ({"source": FromParam("text")}, "takes str, but the default of parameter 'text' is 2"),
        ({"source": FromList([FromValue("a")])}, "takes str, but it is given a list"),
        ({"source": FromValue("a"), "day": FromValue("soon")}, "it is given 'soon': value: exp"),
    ],
)
def test_by_hand(inputs: dict[str, Any], text: str) -> None:
    with pytest.raises(BuildError) as refused:
        check_wiring(by_hand(**inputs))

    assert text in str(refused.value)


def test_a_literal_made_by_hand_is_what_its_reader_restores() -> None:
    check_wiring(by_hand(FromValue("a"), day=FromValue("2026-01-02")))


def test_a_loop_made_by_hand() -> None:
    looped = DAG(
        nodes={
            "give": Task(
                plain_rates, inputs={"n": FromValue(1)}, outputs={"all": FromReturnValue()}
            ),
            "take": Task(plain_take, inputs={"x": FromItem("each")}, within=("each",)),
        },
        loops={"each": Loop(over=FromNodeOutput("give", "all"))},
    )
    with pytest.raises(BuildError, match="Rates, which has named parts"):
        check_wiring(looped)


def test_a_document_is_checked_when_it_is_planned(tmp_path: Path) -> None:
    reference = f"{__name__}:take_int"
    node = {"kind": "task", "function": reference, "inputs": {"x": {"kind": "value", "value": "a"}}}
    document = {"format": "dagger-providers.dag/1", "kind": "dag", "nodes": {"take": node}}
    (tmp_path / "flow.json").write_text(json.dumps(document))

    with pytest.raises(BuildError, match="takes int, but it is given 'a'"):
        plan(build_ref(str(tmp_path / "flow.json")))


def test_a_function_that_is_not_here_takes_anything() -> None:
    check_wiring(
        DAG(nodes={"take": Task("no.such.module:take", inputs={"x": FromValue("a")})}, outputs={})
    )
