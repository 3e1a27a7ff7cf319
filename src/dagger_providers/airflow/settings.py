"""What a deployment sets for all pipelines, in the section ``[dagger_providers]``."""

from __future__ import annotations

from pathlib import PurePath

from airflow.configuration import AIRFLOW_HOME, conf

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


def readable_stores() -> list[str]:
    """Return the stores whose records the API server may show."""
    more = [uri.strip() for uri in option("ui_stores").split(",")]
    return [default_store(), *filter(None, more)]


def option(name: str) -> str:
    """Return an option's text; empty when it is not set."""
    return str(conf.get(SECTION, name, fallback="") or "")
