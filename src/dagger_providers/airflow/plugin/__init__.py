"""Airflow's plugin: the pipeline's graph, what its nodes wrote, and two runs beside each other.

Every Airflow process loads this module, so that it imports nothing but the plugin's own class; the
web application is made when the API server asks for it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

__all__ = ["DaggerPlugin"]

URL_PREFIX = "/dagger"

_base = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


def _view(name: str, destination: str, route: str, *facts: str) -> dict[str, str]:
    places = "".join(f"/{{{fact}}}" for fact in facts)
    return {
        "name": name,
        "href": f"{_base}{URL_PREFIX}/view{places}",
        "destination": destination,
        "url_route": route,
    }


class DaggerPlugin(AirflowPlugin):
    """Adds tabs to the pages of DAGs, runs and task instances, and the API behind them."""

    name = "dagger"
    external_views = [  # noqa: RUF012 - Airflow's own declaration
        _view("Pipeline", "dag", "dagger-pipeline", "DAG_ID"),
        _view("Pipeline", "dag_run", "dagger-graph", "DAG_ID", "RUN_ID"),
        _view("Dagger", "task_instance", "dagger", "DAG_ID", "RUN_ID", "TASK_ID", "MAP_INDEX"),
    ]
    react_apps = [  # noqa: RUF012
        {
            "name": "Compare runs",
            "bundle_url": f"{_base}{URL_PREFIX}/static/compare_app.js",
            "destination": "dag",
            "url_route": "dagger-compare",
        }
    ]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The application that the API server mounts."""
        from dagger_providers.airflow.plugin.app import make_app

        return [{"app": make_app(URL_PREFIX), "url_prefix": URL_PREFIX, "name": "Dagger"}]
