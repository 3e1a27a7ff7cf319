"""What a deployment sets for all pipelines, in the section ``[dagger_providers]``."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from airflow.configuration import AIRFLOW_HOME, conf

from dagger_providers.airflow.access import Access
from dagger_providers.airflow.provider import SECTION
from dagger_providers.errors import one_line
from dagger_providers.storage import open_store

_log = logging.getLogger(__name__)


def access_to(store: str | None = None, conn_id: str | None = None) -> Access:
    """Return how a task reaches its store.

    Args:
        store: Path or URI of the store; by default that of the connection, else ``store_uri``,
            else a folder of Airflow's.
        conn_id: The connection that holds its credentials; by default ``store_conn_id``, if any.

    Raises:
        AirflowFailException: There is no such connection, or it does not fit.
    """
    connection = conn_id or option("store_conn_id")
    if not connection:
        return Access(store or option("store_uri") or str(PurePath(AIRFLOW_HOME) / "dagger"))
    # Few deployments have one; and what shows records imports no hook.
    from dagger_providers.airflow.hooks.store import DaggerStoreHook

    return DaggerStoreHook(connection).access(store or (None if conn_id else option("store_uri")))


def store_named(conn_id: str | None = None) -> str | None:
    """Return what is known of the store of pipelines that name none, when a DAG is made.

    Empty: there is none. None: a connection tells, which is looked up only when a task runs.
    """
    named = "" if conn_id else option("store_uri")
    return named or (None if conn_id or option("store_conn_id") else "")


def default_store() -> str:
    """Return the store of pipelines that name none; see `access_to`."""
    return access_to().uri


def readable() -> list[tuple[str | None, str | None]]:
    """Return the stores whose records the API server may show, each as `access_to` takes it.

    The first is the deployment's own, the others are those of ``ui_stores``: ``URI``,
    ``CONNECTION``, or ``CONNECTION@URI``.
    """
    written = (entry.strip() for entry in option("ui_stores").split(","))
    return [(None, None), *(_named(entry) for entry in written if entry)]


def _named(entry: str) -> tuple[str | None, str | None]:
    conn_id, _, uri = entry.partition("@")
    if "/" in conn_id or conn_id.startswith("~"):  # as in sftp://user@host/runs
        return entry, None
    return uri or None, conn_id


def stores_by_uri() -> list[str]:
    """Return where the stores lie that the deployment's own credentials are for.

    These are its own, and those that ``ui_stores`` names by their URI alone.

    Raises:
        AirflowException: The deployment's own connection does not exist, or does not fit.
    """
    return [default_store(), *(store for store, conn_id in readable() if store and not conn_id)]


def stores_by_connection() -> Iterator[Access]:
    """Yield how the stores are reached for which ``ui_stores`` names a connection."""
    return reached((store, conn_id) for store, conn_id in readable() if conn_id)


def reached(named: Iterable[tuple[str | None, str | None]]) -> Iterator[Access]:
    """Yield how stores of ``ui_stores`` are reached; what is wrong with one is only logged.

    They may be other teams': nothing of theirs keeps a task from running or a page from showing.

    Args:
        named: The stores, as `readable` returns them.
    """
    for store, conn_id in named:
        try:
            access = access_to(store, conn_id)
            open_store(access.uri)
        except Exception as error:  # the Task SDK's own are no AirflowException
            told = one_line(f"{conn_id or store}: {error}")
            _log.warning("[dagger_providers] ui_stores, %s", told)
        else:
            yield access


def option(name: str) -> str:
    """Return an option's text; empty when it is not set."""
    return str(conf.get(SECTION, name, fallback="") or "")
