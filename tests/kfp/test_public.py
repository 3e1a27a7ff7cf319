"""Public pipelines of KFP, written in our DSL: the graph that the SDK's code gives, and its runs.

Each module of `public` is one of them as a user of ours writes it, the module of its name in
`public/by_hand` as a user of the SDK does, from what it does and not from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from google.protobuf import json_format
from kfp import compiler, components
from kfp.pipeline_spec import pipeline_spec_pb2
from public_catalog import NAMES, Run, public
from same_graph import are_same, by_card, by_command, drawn
from spec_graph import graph_of

from dagger_providers import kfp
from dagger_providers.kfp.refusals import refusals
from dagger_providers.kfp.validate import problems
from dagger_providers.planning import nested_plan
from dagger_providers.planning.capabilities import Deployment

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
COMPILED = [name for name in NAMES if not hasattr(public(name), "REFUSED")]
ALIKE = [name for name in COMPILED if hasattr(import_module(f"public.by_hand.{name}"), "alike")]
IMPORTING = [name for name in COMPILED if hasattr(public(name), "OBJECTS")]
REFUSED = [name for name in NAMES if hasattr(public(name), "REFUSED")]


@pytest.fixture
def flow() -> Callable[[str], Any]:
    return lambda name: public(name).PIPELINE


@cache
def ours(name: str) -> Any:
    return next(yaml.safe_load_all(kfp.compile(public(name).PIPELINE, **PLACE)))


def graph(name: str, added: Collection[str] | None = None, made: Any = None) -> Any:
    module = public(name)
    plan = nested_plan(module.PIPELINE.build())
    without = getattr(module, "ADDED", ()) if added is None else added
    return graph_of(made or ours(name), by_card(plan, without))


@cache
def by_hand(name: str, which: str = "pipeline") -> Any:
    module = import_module(f"public.by_hand.{name}")
    with TemporaryDirectory() as folder:
        file = Path(folder, "sdk.yaml")
        compiler.Compiler().compile(getattr(module, which), str(file))
        return yaml.safe_load(file.read_text())


@pytest.mark.parametrize("name", COMPILED)
def test_our_validator_and_the_sdk_take_it(name: str) -> None:
    text = kfp.compile(public(name).PIPELINE, **PLACE)

    document = next(yaml.safe_load_all(text))
    spec = json_format.ParseDict(document, pipeline_spec_pb2.PipelineSpec())
    assert list(problems(spec)) == []
    assert components.load_component_from_text(text).pipeline_spec == spec


@pytest.mark.parametrize("name", COMPILED)
def test_its_graph_is_that_of_the_sdk(name: str) -> None:
    same = not hasattr(public(name), "DIFFERS")

    one, other = graph(name), graph_of(by_hand(name), by_command)

    assert are_same(one, other) == same, f"ours: {drawn(one)}\ntheirs: {drawn(other)}"


@pytest.mark.parametrize("name", [name for name in COMPILED if hasattr(public(name), "ADDED")])
def test_without_each_task_that_is_added_it_would_be_another(name: str) -> None:
    added = public(name).ADDED

    for task in added:
        one, other = graph(name, added - {task}), graph_of(by_hand(name), by_command)
        assert not are_same(one, other), task


@pytest.mark.parametrize("name", ALIKE)
def test_its_graph_is_that_of_the_sdk_but_for_what_it_says(name: str) -> None:
    one, other = graph(name), graph_of(by_hand(name, "alike"), by_command)

    assert are_same(one, other), f"ours: {drawn(one)}\ntheirs: {drawn(other)}"


OTHER_IMPORTERS: dict[str, Callable[[Any, str, Any], object]] = {
    "another URI": lambda _waits, _key, made: made.update(artifactUri={"constant": "s3://other"}),
    "another type": lambda _waits, _key, made: made.update(typeSchema={"schemaTitle": "other"}),
    "imported again": lambda _waits, _key, made: made.update(reimport=True),
    "nobody waits": lambda waits, key, _made: waits.remove(key),
}


@pytest.mark.parametrize("change", OTHER_IMPORTERS.values(), ids=OTHER_IMPORTERS)
@pytest.mark.parametrize("name", IMPORTING)
def test_with_other_importers_it_would_be_another(name: str, change: Callable[..., Any]) -> None:
    made = deepcopy(ours(name))
    executors = made["deploymentSpec"]["executors"]
    for task in made["root"]["dag"]["tasks"].values():
        for key in [*task.get("dependentTasks", ())]:
            importer = executors.get(f"exec-{key}", {}).get("importer")
            if importer:
                change(task["dependentTasks"], key, importer)

    same = by_hand(name, "alike" if name in ALIKE else "pipeline")
    assert not are_same(graph(name, made=made), graph_of(same, by_command))


@pytest.mark.parametrize("name", COMPILED)
def test_it_has_as_many_containers_as_it_says(name: str) -> None:
    assert (containers(ours(name)), containers(by_hand(name))) == public(name).CONTAINERS


def containers(spec: Any) -> int:
    made, executors = spec["components"], spec["deploymentSpec"]["executors"]
    labels = (made[task["componentRef"]["name"]].get("executorLabel") for task in tasks(spec))
    return sum(bool(label) and "container" in executors[label] for label in labels)


@pytest.mark.parametrize("name", COMPILED)
def test_its_loops_run_as_many_items_at_a_time(name: str) -> None:
    same = not hasattr(public(name), "AT_A_TIME")

    assert (limits(ours(name)) == limits(by_hand(name))) == same


def limits(spec: Any) -> list[int]:
    """Return how many items each loop runs at a time; 0 where there is no limit."""
    return sorted(
        task.get("iteratorPolicy", {}).get("parallelismLimit", 0)
        for task in tasks(spec)
        if {"parameterIterator", "artifactIterator"} & task.keys()
    )


def tasks(spec: Any) -> Iterator[Any]:
    for component in (spec["root"], *spec["components"].values()):
        yield from component.get("dag", {}).get("tasks", {}).values()


@pytest.mark.parametrize("name", COMPILED)
def test_the_engine_gives_what_the_plain_call_gives(
    name: str,
    run: Callable[..., Any],
    bucket: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = public(name)
    bucket |= getattr(module, "OBJECTS", {})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.chdir(scratch)
    for one in module.RUNS:
        given = {n: str(scratch) if v == "SCRATCH" else v for n, v in one.parameters.items()}
        check(one, run(name, **given))
        if one.plain and not one.fails:
            assert module.PIPELINE(**given) == one.gives


def check(expected: Run, ran: Any) -> None:
    assert ran.result.reason == expected.fails, ran.result.log
    if not expected.fails:
        assert ran.outputs == expected.gives
        assert sorted(ran.tasks) == sorted(ran.planned)
    log = ran.result.log
    assert [text for text in expected.says if text not in log] == []
    assert [text for text in expected.never if text in log] == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_kfp_takes_and_we_do_not_is_refused_by_a_row_of_the_table(name: str) -> None:
    dag = public(name).PIPELINE.build()

    found = {one.rule.name for one in refusals(dag, nested_plan(dag), Deployment(**PLACE))}

    assert found == {public(name).REFUSED}


def test_there_are_enough_of_them() -> None:
    assert len(COMPILED) >= 25
