"""What every operator does around the node command, whatever launches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException

from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.node import (
    Node,
    Run,
    emitted,
    execution_path,
    node_folder,
    parameter_texts,
)
from dagger_providers.airflow.params import values_in
from dagger_providers.airflow.settings import default_store
from dagger_providers.card import loads
from dagger_providers.errors import DaggerProvidersError, one_line
from dagger_providers.execution import Resolver, open_run
from dagger_providers.execution.chunks import indices_in
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.hooks import applies
from dagger_providers.storage import open_store

FAILED, MISUSE = 1, 2
"""Exit statuses of the node command that are final."""

XCOM_KEY = "dagger_node"
"""Under which a task tells where its node's records lie: a full path or URI."""


def run_of(context: Mapping[str, Any], store: str | None) -> Run:
    """Return the run that a task belongs to.

    Raises:
        AirflowFailException: The run was given an unknown parameter.
    """
    dag_run = context["dag_run"]
    name = run_name(dag_run.dag_id, dag_run.run_id)
    return Run(store or default_store(), name, values_in(context))


def point_to(node: Node, index: str, run: Run, context: Mapping[str, Any]) -> None:
    """Tell where the node's records lie: the one thing that XCom carries beside loop indices."""
    context["ti"].xcom_push(key=XCOM_KEY, value=node_folder(node, index, run))


def skip_unless_applies(node: Node, index: str, run: Run) -> None:
    """Skip the task of a hook that has nothing to do.

    Raises:
        AirflowSkipException: It has not.
    """
    if not node.is_hook:
        return
    card = loads(node.card)
    context = open_run(run.store, run.run_id, parameter_texts(node, run))
    resolver = Resolver(context, card.axes)
    if not any(applies(card, one, resolver) for one in indices_in(index, card.within, resolver)):
        raise AirflowSkipException(f"{where(node, index)} does not apply")


def indices_of(node: Node, run: Run) -> list[str] | None:
    """Return the indices, or chunks of them, of the loop that a finished node feeds, if any."""
    if not node.emits:
        return None
    return emitted(node, run)


def failure_text(node: Node, index: str, run: Run) -> str:
    """Return in one line what the user's code raised; empty when no record tells, as of a chunk."""
    try:
        failure = read_failure(open_store(run.folder), execution_path(node, index))
    except DaggerProvidersError:
        return ""
    return one_line(failure) if failure is not None else ""


def where(node: Node, index: str) -> str:
    """Return a node's address with its index, as messages show it: ``fit[3]``."""
    return f"{node.address}[{index}]" if index else node.address
