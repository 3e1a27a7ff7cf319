"""What we compile has the graph that an expert gave the same program by hand, with KFP's SDK.

Who wrote `oracle` had not seen what we compile. Steps that planning inserts are contracted: what
reads them reads what they read.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from kfp import compiler
from same_graph import are_same, by_card, by_command, drawn
from spec_graph import graph_of

from dagger_providers import kfp
from dagger_providers.kfp.parameters import native
from dagger_providers.model import DAG
from dagger_providers.planning import nested_plan

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

OTHERWISE = {
    "loop_over_a_branch": "the SDK cannot loop over what one of several branches gives, so that by "
    "hand each branch has the loop",
    "nested_lists": "the list that a nested pipeline returns is walked in a loop of its own; by "
    "hand it is one more step of the loop that made it",
    "switch_in_mapped_pipelines": "the SDK cannot collect what one of several branches gives, so "
    "that by hand each branch has what reads it",
}
"""Programs of which the SDK cannot say what they say, and how they were written instead."""

PROGRAMS = sorted(
    file.stem
    for file in Path(__file__).with_name("oracle").glob("*.py")
    if file.stem != "components" and file.stem not in OTHERWISE
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_graph_is_what_an_expert_wrote(name: str, tmp_path: Path) -> None:
    dag = program(name)

    ours = graph_of(compiled(dag), by_card(nested_plan(dag)))
    theirs = graph_of(by_hand(name, tmp_path), by_command)

    assert are_same(ours, theirs), f"ours: {drawn(ours)}\ntheirs: {drawn(theirs)}"


@pytest.mark.parametrize("name", [*PROGRAMS, *OTHERWISE])
def test_the_parameters_are_what_an_expert_wrote(name: str, tmp_path: Path) -> None:
    dag = program(name)
    ours = compiled(dag)["root"].get("inputDefinitions", {}).get("parameters", {})
    theirs = by_hand(name, tmp_path)["root"].get("inputDefinitions", {}).get("parameters", {})

    assert list(ours) == list(theirs)
    sources = nested_plan(dag).parameters
    for parameter, slot in theirs.items():
        assert ours[parameter].get("isOptional", False) == slot.get("isOptional", False)
        if native(sources[parameter]) is None:  # else KFP would change the value
            assert ours[parameter]["parameterType"] == "STRING"
        else:
            assert ours[parameter]["parameterType"] == slot["parameterType"]


def test_there_are_enough_of_them() -> None:
    assert len(PROGRAMS) >= 30


@pytest.mark.parametrize("name", OTHERWISE)
def test_those_that_differ_do(name: str, tmp_path: Path) -> None:
    dag = program(name)
    ours = graph_of(compiled(dag), by_card(nested_plan(dag)))
    theirs = graph_of(by_hand(name, tmp_path), by_command)

    assert not are_same(ours, theirs)


def program(name: str) -> DAG:
    found = importlib.import_module(f"conformance.programs.{name}").PIPELINE
    return found if isinstance(found, DAG) else found.build()


def compiled(dag: DAG) -> Any:
    return next(yaml.safe_load_all(kfp.compile(dag, image="i", store="s3://bucket")))


def by_hand(name: str, folder: Path) -> Any:
    file = folder / "sdk.yaml"
    compiler.Compiler().compile(importlib.import_module(f"oracle.{name}").pipeline, str(file))
    return yaml.safe_load(file.read_text())
