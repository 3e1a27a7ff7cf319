"""What Airflow asks of a provider package; read before Airflow is configured."""

from __future__ import annotations

from typing import Any

SECTION = "dagger_providers"
"""The section of `airflow.cfg` that holds the options below."""


def get_provider_info() -> dict[str, Any]:
    """Return the provider's metadata, in the form of Airflow's `provider_info.schema.json`."""
    return {
        "package-name": "dagger-providers",
        "name": "Dagger",
        "description": "Pipelines written once in plain Python, as Airflow DAGs.",
        "integrations": [
            {
                "integration-name": "Dagger",
                "tags": ["software"],
            }
        ],
        "operators": [
            {
                "integration-name": "Dagger",
                "python-modules": [
                    "dagger_providers.airflow.operators.pod",
                    "dagger_providers.airflow.operators.process",
                ],
            }
        ],
        "plugins": [
            {"name": "dagger", "plugin-class": "dagger_providers.airflow.plugin.DaggerPlugin"}
        ],
        "config": {SECTION: _config()},
    }


def _config() -> dict[str, Any]:
    return {
        "description": "How pipelines of dagger-providers run here.",
        "options": {
            "store_uri": _option(
                "The store that holds the values and records of all runs: a folder, or any fsspec "
                "URI that workers, pods and the API server reach. Empty: the folder `dagger` in "
                "AIRFLOW_HOME.",
                "s3://bucket/dagger",
            ),
            "ui_stores": _option(
                "Other stores whose records the API server may show, separated by commas: those "
                "that pipelines name in `to_airflow(store=...)`.",
                "s3://team-a/dagger,s3://team-b/dagger",
            ),
            "launcher": _option(
                "What runs a task: `process`, a subprocess on the worker, or `kubernetes`, a pod.",
                "kubernetes",
                default="process",
            ),
            "image": _option(
                "The container image of tasks that name none, for the launcher `kubernetes`.",
                "registry.example.com/pipelines:1.4",
            ),
        },
    }


def _option(description: str, example: str, default: str = "") -> dict[str, Any]:
    return {
        "description": description,
        "version_added": "0.1.0",
        "type": "string",
        "example": example,
        "default": default,
    }
