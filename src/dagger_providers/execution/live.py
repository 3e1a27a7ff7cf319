"""The record of a run that an orchestrator schedules, with what became of its nodes by now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagger_providers.card import RunRecord
from dagger_providers.card.card import from_json
from dagger_providers.execution.context import open_run
from dagger_providers.execution.hooks import record_of
from dagger_providers.execution.resolve import Resolver


def as_it_is(document: Mapping[str, Any], store: str) -> dict[str, Any]:
    """Return a run's record, with the states of its nodes as the store has them.

    Its status is ``running`` as long as nothing failed and not all is done: only the orchestrator
    knows whether more is to come. A record that has its states already is given as it is.

    Args:
        document: The record.
        store: Path or URI of the store that holds all runs.

    Raises:
        FormatError: The record's card is of a later version.
    """
    told = {name: value for name, value in document.items() if name != "card"}
    if not document.get("card"):
        return told
    card = from_json(document["card"])
    texts = {name: json.dumps(value) for name, value in document["parameters"].items()}
    resolver = Resolver(open_run(store, document["run_id"], texts), card.axes)
    (asked,) = card.inputs.values()
    assert isinstance(asked, RunRecord)  # noqa: S101 - `planning.whole` makes no other
    found = record_of(asked, {}, resolver)
    over = found["status"] == "succeeded" or found["failure"]
    status = found["status"] if over else "running"
    return {**told, "status": status, "nodes": found["nodes"], "failure": found["failure"]}
