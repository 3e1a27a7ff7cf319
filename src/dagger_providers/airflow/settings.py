"""What a deployment sets for all pipelines, in the section ``[dagger_providers]``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePath

from airflow.configuration import AIRFLOW_HOME, conf
from airflow.providers.common.compat.sdk import AirflowException

from dagger_providers.airflow.access import Access
from dagger_providers.airflow.provider import SECTION


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


def access_in_ui_stores(place: str) -> Access | None:
    """Return how a place is reached that lies in a store of ``ui_stores`` with a connection."""
    return next((one for one in _by_connection() if place.startswith(f"{one.uri}/")), None)


def _by_connection() -> Iterator[Access]:
    for store, conn_id in readable():
        if conn_id:
            with suppress(AirflowException):
                yield access_to(store, conn_id)


def readable_stores() -> list[str]:
    """Return where the stores lie whose records the API server may show.

    Raises:
        AirflowException: The deployment's own connection does not exist, or does not fit. One that
            only ``ui_stores`` names is left out then.
    """
    by_uri = [store for store, conn_id in readable() if store and not conn_id]
    return [default_store(), *by_uri, *(access.uri for access in _by_connection())]


def option(name: str) -> str:
    """Return an option's text; empty when it is not set."""
    return str(conf.get(SECTION, name, fallback="") or "")
