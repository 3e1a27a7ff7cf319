"""The record that is made of what containers left in the store.

The local runtime leaves the same there, and knows what became of it.
"""

import json
from datetime import date
from importlib import import_module

import pytest

from dagger_providers import kfp
from dagger_providers.kfp.record import Ending, record, texts_of
from dagger_providers.planning.parameters import encode_parameters
from dagger_providers.runtimes.local import run_dag
from dagger_providers.tracking import Run

GOOD = ["group_chain", "repeat_in_loops", "switch_in_a_loop", "left_out", "hooks", "nested_maps"]
BAD = ["no_case", "not_done", "raises_in_a_turn", "unequal_zip", "hooks_on_failure"]


def both(module: str, tmp_path) -> tuple[Run, Run]:
    """A run of a conformance program as the local runtime has it, and as the store tells it."""
    program = import_module(f"conformance.{module}")
    given = program.RUNS[-1][0] if hasattr(program, "RUNS") else program.PARAMETERS
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    given = {name: str(scratch) if v == "SCRATCH" else v for name, v in given.items()}
    dag = program.PIPELINE.build()
    known = run_dag(dag, given, store=tmp_path, run_id="one", check=False)
    texts = encode_parameters(dag, given)
    ending = Ending(known.status == "succeeded", "KFP says so")
    return known, record(dag, str(tmp_path), "one", texts, ending, "kfp")


@pytest.mark.parametrize("program", GOOD)
def test_nodes_and_outputs_are_those_of_the_run(program, tmp_path):
    known, found = both(f"programs.{program}", tmp_path)

    assert found.status == "succeeded"
    assert (found.identities, found.places) == (known.identities, known.places)
    for address, node in known.nodes.items():
        told = found.nodes[address]
        assert (told.status, told.items, told.done) == (node.status, node.items, node.done)
        assert (told.cached, told.left_out) == (node.cached, node.left_out)


@pytest.mark.parametrize("program", BAD)
def test_the_first_failure_is_that_of_the_run(program, tmp_path):
    known, found = both(f"failing.{program}", tmp_path)

    for name in ("node", "address", "index", "type", "message", "exit_status"):
        assert found.failure[name] == known.failure[name]
    assert "failed" in {node.status for node in found.nodes.values()}
    assert not found.outputs


def test_a_result_that_is_gone_fails_a_run_that_succeeded(tmp_path):
    program = import_module("conformance.programs.chain")
    given = program.RUNS[0][0]
    dag = program.PIPELINE.build()

    found = record(dag, str(tmp_path), "none", encode_parameters(dag, given), Ending(ok=True), "k")

    assert found.status == "failed"
    assert found.failure["type"].endswith("MissingValueError")


def test_parameters_come_back_from_what_kfp_was_given(flow):
    color = flow("typed").__wrapped__.__globals__["Color"]
    pipeline = flow("typed")
    given = {
        "text": 'it\'s "quoted" {{ x }}',
        "number": -(2**53),
        "ratio": 2,
        "flag": False,
        "values": [1, 2.0, None, "{{$}}", [True], 2**60],
        "mapping": {"b": 1, "a": {"z": 2.5}},
        "color": color.BLUE,
        "day": date(2026, 2, 3),
    }
    dag = pipeline.build()
    sent = json.loads(json.dumps(kfp.arguments(pipeline, given)))
    doubled = {n: float(v) if type(v) is int else v for n, v in sent.items()}  # as a struct does

    found = {name: json.loads(text) for name, text in texts_of(dag, doubled).items()}

    expected = encode_parameters(dag, given)
    assert found == {name: json.loads(text) for name, text in expected.items()}
    assert type(found["number"]) is int
