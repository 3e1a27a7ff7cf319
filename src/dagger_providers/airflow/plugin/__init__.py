"""Airflow's plugin: for each task instance, what its node wrote, as the store's records tell it.

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


class DaggerPlugin(AirflowPlugin):
    """Adds a tab to the page of a task instance, and the API behind it."""

    name = "dagger"
    external_views = [  # noqa: RUF012 - Airflow's own declaration
        {
            "name": "Dagger",
            "href": f"{_base}{URL_PREFIX}/view/{{DAG_ID}}/{{RUN_ID}}/{{TASK_ID}}/{{MAP_INDEX}}",
            "destination": "task_instance",
            "url_route": "dagger",
        }
    ]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The application that the API server mounts."""
        from dagger_providers.airflow.plugin.app import make_app

        return [{"app": make_app(), "url_prefix": URL_PREFIX, "name": "Dagger"}]
