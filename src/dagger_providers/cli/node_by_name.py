"""`run-node REF`: build a pipeline, then run one of its nodes, or all of it, by locations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dagger_providers.card import Binding, Card, Carried, Item, NodeOutput, Parameter
from dagger_providers.cli.exports import export
from dagger_providers.cli.node_options import Request
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import UsageError
from dagger_providers.execution import Resolver, index_from, run_card
from dagger_providers.model import DAG, Task, children
from dagger_providers.planning import plan
from dagger_providers.planning.parameters import encode_defaults, encode_given
from dagger_providers.planning.reading import leaves_of
from dagger_providers.runtimes.local import run_dag
from dagger_providers.serializers import load
from dagger_providers.storage import CommitRecord, read_location


def run_by_name(request: Request) -> Mapping[str, Any]:
    """Run what ``--node-name`` names.

    Returns:
        Sha256, serializer and size of what was written at plain locations, by output.

    Raises:
        UsageError: A node, an input or an output does not exist, or a location is missing.
    """
    dag = build_ref(request.ref, any_callable=request.allow_any_callable)
    node = dag.node(request.node_name)
    if node is dag:
        return _run_whole(dag, request)
    if isinstance(node, Task):
        address = ".".join(part for part in request.node_name.split(".") if part)
        return _run_task(dag, address, request)
    inner = ", ".join(f"{request.node_name}.{name}" for name in children(node))
    raise UsageError(f"{request.node_name!r} is {_KIND[node.kind]} one by one: {inner}")


_KIND = {
    "dag": "a nested pipeline; run its nodes",
    "switch": "a switch; run its branches",
    "repeat": "a repetition; run its turns",
}


def _run_task(dag: DAG, address: str, request: Request) -> Mapping[str, Any]:
    card = plan(dag).card(address)
    request.code_root = request.code_root or dag.code_root or ""
    request.param = {**encode_defaults(dag), **encode_given(dag, _parameters(request))}
    if request.store:
        index = index_from(request.whole_index)
        return _located(run_card(card, index, request.context(), request.locations()))
    wanted = [f"--input {name} LOCATION" for name in _without_value(card, request)]
    wanted += [f"--output {name} LOCATION" for name in card.outputs if name not in request.output]
    if wanted:
        raise UsageError(f"node {address!r} needs {', '.join(wanted)}")
    with tempfile.TemporaryDirectory() as folder:
        counted = [axis for axis in card.within if not card.axes[axis].is_guard]
        index = index_from(request.whole_index) if request.index else (0,) * len(counted)
        return _located(run_card(card, index, request.context(folder), request.locations()))


def _located(record: CommitRecord) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.extra.get("located", {})
    return found


def _without_value(card: Card, request: Request) -> Iterator[str]:
    """Yield the inputs that have no location, and read what only a run's store could give."""
    for name, binding in card.inputs.items():
        if name not in request.input and not _is_given(binding, card, request.param):
            yield name


def _is_given(binding: Binding, card: Card, parameters: Mapping[str, str]) -> bool:
    if isinstance(binding, Carried):
        return False
    for leaf in leaves_of(binding):
        match leaf:
            case NodeOutput():
                return False
            case Parameter(name) if name not in parameters:
                return False
            case Item(loop):
                over = card.axes[loop].over
                if over is None or not _is_given(over, card, parameters):
                    return False
            case _:
                pass
    return True


def _run_whole(dag: DAG, request: Request) -> Mapping[str, Any]:
    _check_names("input", request.input, dag)
    _check_names("output", request.output, dag)
    parameters = _parameters(request)
    for name, location in request.input.items():
        expected = request.expect.get(name)
        if isinstance(location, tuple):
            parameters[name] = [read_location(one, load("json")) for one in location]
        else:
            parameters[name] = read_location(location, load("json"), expect=expected)
    with tempfile.TemporaryDirectory() as folder:
        store = request.store or folder
        run = run_dag(dag, parameters, store=store, run_id=request.run_id or None)
        lowered = plan(dag)
        outputs = Card("outputs", inputs=lowered.outputs, axes=lowered.axes)
        resolver = Resolver(request.context(folder), lowered.axes)
        return export(outputs, resolver, request, run.outputs)


def _check_names(kind: str, given: Iterable[str], dag: DAG) -> None:
    known = dag.inputs if kind == "input" else dag.outputs
    for name in given:
        if name not in known:
            has = ", ".join(known) or "none"
            raise UsageError(f"pipeline {dag.name!r} has no {kind} {name!r}; it has: {has}")


def _parameters(request: Request) -> dict[str, object]:
    return {name: _value(name, text) for name, text in request.param.items()}


def _value(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        raise UsageError(f"--param {name} takes JSON, got {text!r:.80}") from None
