"""Models are values: nothing in them changes, and they compare and hash whole."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import pytest

from dagger_providers.errors import ModelError
from dagger_providers.model import (
    DAG,
    FromKey,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    FrozenMapping,
    Loop,
    Options,
    Task,
    freeze,
    thaw,
)


def test_what_was_passed_in_may_change_later() -> None:
    inputs: dict[str, Any] = {"x": FromValue(1)}
    data = {"list": [1, {"a": 2}]}
    runtime_options: dict[str, Any] = {"kfp": {"labels": {"a": "1"}}}
    task = Task("f", inputs, runtime_options=runtime_options)
    value = FromValue(data)
    inputs["y"] = FromValue(2)
    data["list"].append(3)
    runtime_options["kfp"]["labels"]["b"] = "2"
    assert list(task.inputs) == ["x"]
    assert thaw(value.value) == {"list": [1, {"a": 2}]}
    assert thaw(task.runtime_options) == {"kfp": {"labels": {"a": "1"}}}


def test_nothing_in_a_model_can_be_changed() -> None:
    task = Task("f", {"x": FromValue([1])}, options=Options(env={"A": "1"}))
    with pytest.raises(TypeError, match="Task is immutable: make another one"):
        task.function = "g"
    with pytest.raises(TypeError, match="Task is immutable"):
        del task.function
    for mapping in (task.inputs, task.options.env, task.runtime_options):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["a"] = 1  # type: ignore[index]
        with pytest.raises(TypeError, match="does not support item deletion"):
            del mapping["a"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FromReturnValue(), FromReturnValue(partitioned=True)),
        (FromReturnValue(), FromReturnValue(serializer="pickle")),
        (FromKey("a"), FromKey("a", partitioned=True)),
        (FromKey("a"), FromKey("a", of=FromKey("b"))),
        (FromValue(1), FromValue(True)),
        (FromValue(1), FromValue(1.0)),
        (FromValue([0]), FromValue([False])),
        (FromValue({"a": 1, "b": 2}), FromValue({"b": 2, "a": 1})),
        (FromParam(default=1), FromParam(default=True)),
        (FromParam(), FromParam(default=None)),
        (FromNodeOutput("n"), FromNodeOutput("n", path=(("key", "a"),))),
        (Task("f"), Task("f", within=("l",))),
        (Task("f"), Task("f", options=Options(retries=1))),
        (Task("f"), None),
        (DAG({"n": Task("f")}), DAG({"n": Task("f")}, name="other")),
        (Loop(FromParam("x")), Loop(FromParam("x"), within=("l",))),
    ],
)
def test_what_differs_is_not_equal(one: Any, other: Any) -> None:
    assert one != other
    assert one == one.model_copy()
    assert hash(one) == hash(one.model_copy())
    assert one in {one}
    assert other not in {one}


def test_models_can_be_pickled() -> None:
    dag = DAG({"n": Task("f", {"x": FromValue([1, {"a": None}])})})
    assert pickle.loads(pickle.dumps(dag)) == dag


def test_a_frozen_mapping_keeps_its_order() -> None:
    mapping = FrozenMapping({"b": 1, "a": 2})
    assert list(mapping) == ["b", "a"]
    assert list(mapping.items()) == [("b", 1), ("a", 2)]
    assert mapping == {"a": 2, "b": 1}
    assert repr(mapping) == "{'b': 1, 'a': 2}"
    assert mapping.get("c", 3) == 3


def test_freezing_and_thawing() -> None:
    data = {"a": [1, 2.5, None, True, {"b": "c"}]}
    assert thaw(freeze(data)) == data
    assert thaw(freeze(data)) is not data


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(90, 90), (1.5, 1.5), ("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("2d", 172800)],
)
def test_durations(written: Any, seconds: float) -> None:
    assert Options(timeout=written).timeout == seconds
    assert Options(timeout=timedelta(seconds=seconds)).timeout == seconds


@pytest.mark.parametrize("written", ["1", "500m", "0.5", 2, 0.25])
def test_quantities(written: Any) -> None:
    options = Options(resources={"cpu": written, "memory": "2Gi"})
    assert options.resources is not None
    assert options.resources.cpu == str(written)


@pytest.mark.parametrize("name", ["", "-a", "_a", "a b", "a\n", "a" * 65, "ä"])
def test_names(name: str) -> None:
    with pytest.raises(ModelError, match="is no valid name"):
        DAG({name: Task("f")})
