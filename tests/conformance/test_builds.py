"""Building is a pure function of the code: the same documents in every process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from conformance.catalog import failing, programs
from dagger_providers.dsl.find import build_ref
from dagger_providers.model import dumps, loads
from dagger_providers.planning import plan
from dagger_providers.planning.lowering import LOOPS, lowering_of

REFS = [f"{module.__name__}:PIPELINE" for module in programs()]
REFS += [f"{run.module.__name__}:PIPELINE" for run in failing()]

BUILD = """
import json, sys
from dagger_providers.argo import workflow
from dagger_providers.card import dumps as card
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import CapabilityError
from dagger_providers.model import dumps
from dagger_providers.planning import plan
if sys.argv[1:] == ["kfp"]:
    from dagger_providers.kfp import compile


def compiled(compile, dag):
    try:
        return compile(dag, store="s3://b/runs", image="i:1")
    except CapabilityError as refusal:
        return str(refusal)


def made(dag):
    if sys.argv[1:] == ["kfp"]:
        return compiled(compile, dag)
    cards = [card(step.card) for step in plan(dag).steps.values()]
    groups = [list(group.steps) for group in plan(dag).groups]
    return [dumps(dag), cards, groups, compiled(workflow, dag)]


json.dump({ref: made(build_ref(ref)) for ref in json.load(sys.stdin)}, sys.stdout)
"""


@pytest.mark.parametrize(
    "made",
    [
        pytest.param([], id="models, plans and Argo's manifests"),
        pytest.param(["kfp"], id="KFP's manifests", marks=pytest.mark.kfp),
    ],
)
def test_any_hash_seed_gives_the_same(made: list[str]) -> None:
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, [tests, os.environ.get("PYTHONPATH")]))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD, *made],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            text=True,
        )
        for seed in ("0", "1", "4294967295")
    ]
    first, *others = [json.loads(one.communicate(json.dumps(REFS))[0]) for one in running]

    assert list(first) == REFS
    for other in others:
        assert [ref for ref in REFS if other[ref] != first[ref]] == []


@pytest.mark.parametrize("ref", REFS)
def test_a_model_survives_its_document(ref: str) -> None:
    dag = build_ref(ref)

    assert loads(dumps(dag)) == dag
    assert dumps(loads(dumps(dag))) == dumps(dag)


@pytest.mark.parametrize("ref", REFS)
def test_one_container_runs_several_nodes_only_where_the_program_asks_for_it(ref: str) -> None:
    """A hard shape is no reason: only `loop`, which engines lack, and `group`."""
    lowered = plan(build_ref(ref))
    source = Path(str(import_module(ref.partition(":")[0]).__file__)).read_text()
    asked = re.search(r"\bloop\(|\bgroup=", source) is not None

    for target in LOOPS:
        assert ("one container" in lowering_of(lowered, target)) == asked, target
