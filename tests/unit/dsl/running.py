"""Run a pipeline's plan here, card by card, each card through its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagger_providers import card as cards
from dagger_providers.dsl import DagFunction
from dagger_providers.execution import Resolver, open_run, run_card
from dagger_providers.model import DAG, dumps, loads, thaw
from dagger_providers.planning import plan


def outputs_of(dag: DAG, parameters: Mapping[str, Any], store: Path) -> dict[str, Any]:
    """Return the outputs of a model that went through its document first."""
    lowered = plan(loads(dumps(dag)))
    defaults = {n: thaw(p.default) for n, p in lowered.parameters.items() if not p.required}
    given = {n: json.dumps(value) for n, value in {**defaults, **parameters}.items()}
    run = open_run(str(store), "run", given)
    resolver = Resolver(run, lowered.axes)
    for group in lowered.groups:
        for index in resolver.indices(group.space):
            for address in group.steps:
                card = cards.loads(cards.dumps(lowered.steps[address].card))
                if card.function:
                    run_card(card, index, run)
    return {name: resolver.value(b, {}) for name, b in lowered.outputs.items()}


def plain_outputs(pipeline: DagFunction[..., Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the plain call gives, in the form of a run's outputs."""
    result = pipeline(**parameters)
    if result is None:
        return {}
    return dict(result) if isinstance(result, dict) else {"return_value": result}
