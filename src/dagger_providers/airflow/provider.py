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
                    "dagger_providers.airflow.operators.container",
                    "dagger_providers.airflow.operators.pod",
                    "dagger_providers.airflow.operators.process",
                ],
            }
        ],
        "extra-links": ["dagger_providers.airflow.links.NodeLink"],
        # No triggers: deferred pods are waited for by those of KubernetesPodOperator.
        "hooks": [
            {
                "integration-name": "Dagger",
                "python-modules": ["dagger_providers.airflow.hooks.store"],
            }
        ],
        "connection-types": [store_connection()],
        "bundles": [
            {"integration-name": "Dagger", "python-modules": ["dagger_providers.airflow.bundles"]}
        ],
        "asset-uris": [
            {
                "schemes": ["dagger"],
                "handler": "dagger_providers.airflow.asset_uris.sanitize_uri",
                "factory": "dagger_providers.airflow.asset_uris.create_asset",
            }
        ],
        "cli": ["dagger_providers.airflow.cli.get_commands"],
        "task-decorators": [
            {"name": "dagger", "class-name": "dagger_providers.airflow.taskflow.dagger_task"}
        ],
        "plugins": [
            {"name": "dagger", "plugin-class": "dagger_providers.airflow.plugin.DaggerPlugin"}
        ],
        "config": {SECTION: _config()},
    }


def store_connection() -> dict[str, Any]:
    """Return the connection type of a store and its form, in the form of the same schema."""
    return {
        "connection-type": "dagger_store",
        "hook-class-name": "dagger_providers.airflow.hooks.store.DaggerStoreHook",
        "hook-name": "Dagger store",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {
                "host": "Store",
                "login": "Key",
                "password": "Secret",
                "extra": "Other options of the fsspec driver (JSON)",
            },
            "placeholders": {
                "host": "s3://bucket/dagger",
                "extra": '{"client_kwargs": {"region_name": "eu-central-1"}}',
            },
        },
        "conn-fields": {
            "endpoint_url": {
                "label": "Endpoint URL",
                "description": "Of a store that is not the cloud's own, such as MinIO or Ceph.",
                "schema": {"type": ["string", "null"]},
            },
        },
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
            "store_conn_id": _option(
                "A connection of type `dagger_store`, which holds the store's URI, unless "
                "`store_uri` gives it, and its credentials. Empty: workers and pods have "
                "credentials of their own, or need none.",
                "dagger_store_default",
            ),
            "store_secret": _option(
                "A Kubernetes Secret, in the namespace of the pods, whose keys become environment "
                "variables of theirs: the store's credentials. Empty: one is made for each pod, "
                "when `store_conn_id` is set.",
                "dagger-store",
            ),
            "ui_stores": _option(
                "Other stores whose records the API server may show, separated by commas: those "
                "that pipelines name in `to_airflow(store=..., store_conn_id=...)`. Each is a URI, "
                "the id of a connection of type `dagger_store`, whose store it is, or "
                "CONNECTION@URI, a store with the credentials of a connection.",
                "s3://team-a/dagger,team_b_store,team_c@s3://team-c/dagger",
            ),
            "launcher": _option(
                "What runs a task: `process`, a subprocess on the worker, `container`, a container "
                "of a Docker or Podman engine, or `kubernetes`, a pod.",
                "kubernetes",
                default="process",
            ),
            "image": _option(
                "The container image of tasks that name none, for the launchers with containers.",
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
