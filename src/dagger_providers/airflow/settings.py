"""What a deployment sets for all pipelines, in the section ``[dagger_providers]``."""

from __future__ import annotations

from pathlib import PurePath

from airflow.configuration import AIRFLOW_HOME, conf

from dagger_providers.airflow.provider import SECTION


def default_store() -> str:
    """Return the store of pipelines that name none: ``store_uri``, else a folder of Airflow's."""
    return option("store_uri") or str(PurePath(AIRFLOW_HOME) / "dagger")


def readable_stores() -> list[str]:
    """Return the stores whose records the API server may show."""
    more = [uri.strip() for uri in option("ui_stores").split(",")]
    return [default_store(), *filter(None, more)]


def option(name: str) -> str:
    """Return an option's text; empty when it is not set."""
    return str(conf.get(SECTION, name, fallback="") or "")
