"""What a recording writes into the model: names, options, outputs, literals, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import dag, task
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import BuildError
from dagger_providers.model import (
    DAG,
    FromKey,
    FromNodeOutput,
    FromParam,
    FromProperty,
    FromReturnValue,
    FromValue,
    Task,
    thaw,
)
from dagger_providers.planning import plan
from dagger_providers.serializers import SerializerSpec
from unit.dsl.running import outputs_of
from unit.dsl.traced import a, b, join, keywords, letters, once, pair, record, same, scale


def of(pipeline: DagFunction[..., Any], address: str) -> Task:
    found = pipeline.build().node(address)
    assert isinstance(found, Task)
    return found


# Names


@task
def f(x: int = 0) -> int:
    return x


@task
def f_1(x: int = 0) -> int:
    return x


@dag
def names_that_could_meet() -> None:
    f()
    f()
    f_1()


@dag
def names_by_call_order(x: str) -> Any:
    first = a(x)
    return a(b(a(first)))


@dag
def a_name_of_its_own(x: str) -> Any:
    return pair(a.options(name="mine")(x), a(x))


@task
def a_function_whose_name_is_longer_than_any_target_takes_for_the_name_of_a_node() -> int:
    return 1


@dag
def long_names() -> None:
    a_function_whose_name_is_longer_than_any_target_takes_for_the_name_of_a_node()
    a_function_whose_name_is_longer_than_any_target_takes_for_the_name_of_a_node()


@dag(name="A title, not a node's name")
def titled(x: str) -> Any:
    """Say what it is for.

    With details.
    """
    return a(x)


@dag
def titled_twice(x: str) -> Any:
    return pair(titled(x), titled.options(name="other")(x))


def test_nodes_are_named_by_their_function() -> None:
    assert list(names_that_could_meet.build().nodes) == ["f-2", "f-3", "f-1"]
    assert list(names_by_call_order.build().nodes) == ["a-1", "a-2", "b", "a-3"]
    assert list(a_name_of_its_own.build().nodes) == ["mine", "a", "pair"]
    assert list(titled_twice.build().nodes) == ["titled", "other", "pair"]
    assert len(long_names.build().nodes) == 2


def test_a_pipeline_has_a_title_and_a_description() -> None:
    dag = titled.build()
    assert dag.name == "A title, not a node's name"
    assert dag.description == "Say what it is for.\n\nWith details."
    assert names_by_call_order.build().name == "names-by-call-order"


# Options


@task(retries=1, env={"A": "1", "B": "1"}, runtime_options={"kfp": {"x": 1}}, timeout="1m")
def with_options(x: Any) -> Any:
    return x


@dag
def options_of_one_call(x: str) -> Any:
    changed = with_options.options(
        retries=3, env={"B": "2"}, runtime_options={"airflow": {"pool": "p"}}
    )
    return pair(with_options(x), changed(x))


def test_options_of_one_call() -> None:
    plain, changed = (of(options_of_one_call, f"with-options-{n}") for n in (1, 2))
    assert plain.options.retries == 1
    assert changed.options.retries == 3
    assert changed.options.timeout == plain.options.timeout == 60
    assert dict(changed.options.env) == {"A": "1", "B": "2"}
    assert dict(plain.options.env) == {"A": "1", "B": "1"}
    assert thaw(changed.runtime_options) == {"kfp": {"x": 1}, "airflow": {"pool": "p"}}


@dag
def after_others(xs: list[str]) -> Any:
    found = [a(x) for x in xs]
    return b.options(after=found)(once())


@dag
def after_in_a_loop(xs: list[str]) -> Any:
    return join([scale.options(after=[a(x)])(x) for x in xs])


def test_after() -> None:
    assert of(after_others, "b").after == ("a",)
    looped = of(after_in_a_loop, "scale")
    assert looped.after == ("a",)
    assert looped.within == ("xs",)


# Outputs


@dataclass
class Model:
    weight: float
    day: date


@task
def fit() -> Model:
    return Model(1.5, date(2024, 1, 2))


@task
def stream() -> Iterator[Model]:
    yield fit()


@task
def files() -> list[bytes]:
    return [b"a", b"b"]


@task
def odd() -> dict[str, Any]:
    return {"my key": 1, "my/key": 2, "my_key": 3, 0: 4}


@task(serializer={"a": "pickle"})
def keyed() -> dict[str, Any]:
    return {"a": {1}, "b": 1}


@task(serializer={"name": "csv", "options": {"frame": "pandas"}})
def framed() -> Any:
    return None


@task
def opaque() -> complex:
    return None


@dag
def outputs_of_all_kinds() -> Any:
    model = fit()
    return {
        "model": model,
        "weight": model.weight,
        "stream": stream(),
        "files": files(),
        "keyed": [keyed()["a"], keyed()["b"]],
        "framed": framed(),
    }


@dag
def odd_keys() -> Any:
    found = odd()
    return {"out": [found["my key"], found["my/key"], found["my_key"], found[0]]}


@dag
def unread() -> Any:
    opaque()
    return once()


@dag
def without_a_serializer() -> Any:
    return opaque()


def test_only_what_is_read_is_kept() -> None:
    assert not of(unread, "opaque").outputs
    text = (
        r"'opaque' returns complex, for which there is no serializer; name one: @task\(serializer"
    )
    with pytest.raises(BuildError, match=text):
        without_a_serializer.build()


def test_outputs_follow_annotations_and_options() -> None:
    def outputs(address: str) -> dict[str, Any]:
        return dict(of(outputs_of_all_kinds, address).outputs)

    whole = outputs("fit")
    assert whole["return_value"].serializer.annotation.endswith(":fit#return")
    assert whole["property_weight"] == FromProperty("weight")
    assert outputs("stream")["return_value"].partitioned
    spec = SerializerSpec("bytes")
    assert outputs("files") == {"return_value": FromReturnValue(serializer=spec, partitioned=True)}
    assert outputs("keyed-1") == {"key_a": FromKey("a", serializer=SerializerSpec("pickle"))}
    assert outputs("keyed-2") == {"key_b": FromKey("b")}
    assert outputs("framed")["return_value"].serializer.option("frame") == "pandas"


def test_keys_that_are_no_names(tmp_path: Path) -> None:
    assert len(of(odd_keys, "odd").outputs) == 4


@dag
def key_read_in_two_ways() -> Any:
    found = record("r")
    return {"all": join(found["parts"]), "each": [a(x) for x in found["parts"]]}


def test_an_output_that_is_looped_over_is_partitioned() -> None:
    assert dict(of(key_read_in_two_ways, "record").outputs) == {
        "key_parts": FromKey("parts", partitioned=True)
    }
    assert not of(same_read_whole, "letters").outputs["return_value"].partitioned


@dag
def same_read_whole() -> Any:
    return same(letters(2))


# Arguments and literals


@task
def literal(value: Any, day: date = date(2024, 1, 1), model: Model | None = None) -> Any:
    return value


@dag
def literals() -> Any:
    data = {"list": [1]}
    first = literal(data)
    data["list"].append(2)
    return pair(first, literal(data, date(2024, 5, 6), model=Model(1.0, date(2024, 5, 6))))


def test_a_literal_is_what_it_was_at_the_call() -> None:
    assert dict(of(literals, "literal-1").inputs) == {"value": FromValue({"list": [1]})}
    assert dict(of(literals, "literal-2").inputs) == {
        "value": FromValue({"list": [1, 2]}),
        "day": FromValue("2024-05-06"),
        "model": FromValue({"weight": 1.0, "day": "2024-05-06"}),
    }


@dag
def left_to_defaults(x: str) -> Any:
    return pair(scale(x, label="l"), keywords(x, b=1, a=2))


def test_what_the_call_leaves_out_is_left_to_python() -> None:
    scaled = of(left_to_defaults, "scale")
    assert dict(scaled.inputs) == {"x": FromParam("x"), "label": FromValue("l")}
    assert scaled.signature == "(x, *, factor=, label=)"
    assert list(of(left_to_defaults, "keywords").inputs) == ["x", "b", "a"]


@dag
def parameters(
    day: date, count: int = 3, ratio: float = 1, names: tuple[str, ...] = ("a",), free=None
) -> Any:
    return same([day, count, ratio, names, free])


def test_parameters_have_types_and_defaults() -> None:
    inputs: dict[str, Any] = dict(parameters.build().inputs)
    assert inputs["day"].required
    assert inputs["day"].serializer.annotation.endswith(":parameters#day")
    assert thaw(inputs["day"].json_schema) == {"type": "string", "format": "date"}
    assert inputs["count"] == FromParam("count", default=3, json_schema={"type": "integer"})
    assert repr(inputs["ratio"].default) == "1.0"
    assert thaw(inputs["names"].default) == ["a"]
    assert inputs["free"] == FromParam("free", default=None)


@dag
def frame_parameter(rows: bytes) -> Any:
    return a(rows)


@dag
def bad_default(count: int = "three") -> Any:  # type: ignore[assignment]
    return a(count)


def test_a_parameter_travels_as_json() -> None:
    with pytest.raises(BuildError, match=r"parameter 'rows': .* and parameters travel as JSON"):
        frame_parameter.build()
    with pytest.raises(BuildError, match=r"parameter 'count': .* \(its default\)"):
        bad_default.build()


@dag
def inner(a: int, b: int = 2, c: int = 3) -> Any:
    return same([a, b, c])


@dag
def outer(a: int) -> Any:
    return inner(a, c=20)


def test_defaults_of_a_nested_pipeline(tmp_path: Path) -> None:
    assert outputs_of(outer.build(), {"a": 10}, tmp_path) == {"return_value": [10, 2, 20]}
    nested = outer.build().nodes["inner"]
    assert isinstance(nested, DAG)
    assert dict(nested.inputs) == {"a": FromParam("a"), "b": FromValue(2), "c": FromValue(20)}
    assert outer.build().outputs["return_value"] == FromNodeOutput("inner")


# Calls outside a recording


@task
def calls_another(x: int) -> int:
    return f(x) + f_1(x)


def test_a_plain_call_is_plain_python() -> None:
    assert calls_another(2) == 4
    assert inner(1) == [1, 2, 3]
    assert titled.__doc__ == titled.__wrapped__.__doc__
    assert titled.__name__ == "titled"
    assert repr(f) == f"<task {__name__}.f>"


def test_builds_in_threads_do_not_meet() -> None:
    pipelines = [outer, literals, options_of_one_call, key_read_in_two_ways] * 5
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda pipeline: pipeline.build(), pipelines))
    assert built == [pipeline.build() for pipeline in pipelines]
    assert calls_another(2) == 4


shown: list[Any] = []


@dag
def hidden_names(x: str) -> Any:
    found = record(x)
    shown.append(getattr(found, "_repr_html_", None))
    return pair(found["name"], found["deep"]["k"])


def test_private_names_are_no_parts() -> None:
    assert list(of(hidden_names, "record").outputs) == ["key_deep_key_k", "key_name"]
    assert set(shown) == {None}


# Descriptions


@task
def told(x: int = 0) -> int:
    """Tell what
    it is for.

    And more.
    """
    return x


@task(group="g")
def told_shortly(x: int = 0) -> int:
    """Tell it shortly."""
    return x


def test_a_docstring_is_the_description_of_a_task() -> None:
    @dag
    def pipeline() -> Any:
        return f(told(told.options(name="again")()))

    assert of(pipeline, "told").description == "Tell what\nit is for.\n\nAnd more."
    assert of(pipeline, "again").description == of(pipeline, "told").description
    assert of(pipeline, "f").description == ""
    assert Task(told).description == of(pipeline, "told").description


def test_a_description_says_nothing_of_identity() -> None:
    @dag
    def pipeline() -> Any:
        return told()

    model = pipeline.build()
    silent = model.having(nodes={"told": model.node("told").having(description="")})

    assert plan(silent).steps["told"].card == plan(model).steps["told"].card
    assert plan(model).steps["told"].description.startswith("Tell what")


def test_nodes_in_one_container_are_described_together() -> None:
    @dag
    def pipeline() -> Any:
        return told.options(group="g")(told_shortly(told_shortly()))

    assert plan(pipeline.build()).steps["g"].description == (
        "Tell it shortly.\n\nTell what\nit is for.\n\nAnd more."
    )
