"""`run-node REF`: build a pipeline, then run one of its nodes, or all of it, by locations."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING

from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import UsageError
from dagger_providers.execution import Locations, RunContext, index_from, open_run, run_card
from dagger_providers.execution.inputs import input_spec
from dagger_providers.model import DAG
from dagger_providers.planning import Plan, plan
from dagger_providers.runtimes.local import run_dag
from dagger_providers.serializers import load
from dagger_providers.storage import open_store, read_location, write_location

if TYPE_CHECKING:
    from dagger_providers.cli.node import Request


def run_by_name(request: Request) -> None:
    """Run what ``--node-name`` names.

    Raises:
        UsageError: A node, an input or an output does not exist, or a location is missing.
    """
    dag = build_ref(request.ref)
    node = dag.node(request.node_name)
    if isinstance(node, DAG):
        if node is not dag:
            raise UsageError(
                f"{request.node_name!r} is a nested pipeline; run its nodes one by one: "
                f"{', '.join(f'{request.node_name}.{name}' for name in node.nodes)}"
            )
        _run_whole(dag, request)
        return
    address = ".".join(part for part in request.node_name.split(".") if part)
    _run_task(plan(dag), address, request)


def _run_task(lowered: Plan, address: str, request: Request) -> None:
    card = lowered.steps[address].card
    _check("input", request.input, card.inputs, address)
    _check("output", request.output, card.outputs, address)
    if request.store:
        run = open_run(request.store, request.run_id, request.param, request.code_root or None)
        run_card(card, index_from(request.index), run, _locations(request))
        return
    values = {name for name, binding in card.inputs.items() if hasattr(binding, "data")}
    given = {*request.input, *values, *request.param}
    missing = [name for name in card.inputs if name not in given]
    missing_outputs = [name for name in card.outputs if name not in request.output]
    if missing or missing_outputs:
        wanted = [f"--input {name} LOCATION" for name in missing]
        wanted += [f"--output {name} LOCATION" for name in missing_outputs]
        raise UsageError(f"node {address!r} needs {', '.join(wanted)}")
    with tempfile.TemporaryDirectory() as folder:
        run = RunContext(open_store(folder), request.param, request.code_root or None)
        index = index_from(request.index) if request.index else (0,) * len(card.within)
        run_card(card, index, run, _locations(request))


def _locations(request: Request) -> Locations:
    return Locations(request.input, request.output, request.expect)


def _check(kind: str, given: object, known: object, address: str) -> None:
    for name in given:  # type: ignore[attr-defined]
        if name not in known:  # type: ignore[operator]
            has = ", ".join(known) or "none"  # type: ignore[call-overload]
            raise UsageError(f"node {address!r} has no {kind} {name!r}; it has: {has}")


def _run_whole(dag: DAG, request: Request) -> None:
    _check("input", request.input, dag.inputs, dag.name)
    _check("output", request.output, dag.outputs, dag.name)
    parameters = {name: json.loads(text) for name, text in request.param.items()}
    for name, location in request.input.items():
        parameters[name] = read_location(
            location, load("json"), expect=request.expect.get(name)
        )
    with tempfile.TemporaryDirectory() as folder:
        run = run_dag(dag, parameters, store=request.store or folder)
        lowered = plan(dag)
        for name, location in request.output.items():
            value = run.outputs[name]
            spec, depth = input_spec_of(lowered, name)
            write_location(location, value, load(spec), depth=depth)


def input_spec_of(lowered: Plan, name: str) -> tuple[object, int]:
    """Return how an output of a pipeline is written, and its levels of partitions."""
    from dagger_providers.card import Card

    card = Card("outputs", inputs=dict(lowered.outputs), axes=dict(lowered.axes))
    return input_spec(card, name)
