"""Our record of a run that Airflow schedules: what Airflow calls the run, and where its page is."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from airflow.configuration import conf

from dagger_providers.airflow.node import Node, Run
from dagger_providers.card import Card, RunRecord
from dagger_providers.card.card import to_json
from dagger_providers.errors import DaggerProvidersError
from dagger_providers.storage import open_store
from dagger_providers.tracking import Run as Recorded
from dagger_providers.tracking import claim, now
from dagger_providers.tracking.run import FILE_NAME


def record_run(node: Node, run: Run, dag_run: Any) -> None:
    """Write a run's record if it has none: the first of its tasks does.

    One that cannot be written keeps no task from running: pods may reach a store that workers do
    not.
    """
    if node.whole is None:
        return
    with suppress(DaggerProvidersError):
        store = open_store(run.folder)
        if not store.exists(FILE_NAME):
            claim(store, _recorded(node.whole, node.code_root or "", run, dag_run))


def _recorded(whole: Card, code_root: str, run: Run, dag_run: Any) -> Recorded:
    (told,) = whole.inputs.values()
    assert isinstance(told, RunRecord)  # noqa: S101 - `planning.whole` makes no other
    return Recorded(
        run_id=run.run_id,
        pipeline=told.pipeline,
        runtime="airflow",
        folder=run.folder,
        parameters={name: json.dumps(value) for name, value in run.parameters.items()},
        started=now(),
        engine=engine_of(dag_run.dag_id, dag_run.run_id),
        card=to_json(whole),
        code_root=code_root,
    )


def engine_of(dag_id: str, run_id: str) -> dict[str, str]:
    """Return what Airflow calls a run, and the URL of its page."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    page = f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
    return {"name": "airflow", "dag_id": dag_id, "run_id": run_id, "url": page}
