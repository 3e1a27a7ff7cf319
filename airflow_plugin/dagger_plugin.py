"""Put this file into Airflow's plugins folder where its entry points are not found.

An installed `dagger-providers` registers the plugin by itself. This file is for deployments that
bring the package by ``PYTHONPATH`` or a mounted folder, without the metadata of an installation;
beside an installed one it does nothing.
"""

from importlib.metadata import entry_points
from importlib.util import find_spec

_PLUGIN = "dagger_providers.airflow.plugin:DaggerPlugin"

if find_spec("dagger_providers") and not any(
    found.value == _PLUGIN for found in entry_points(group="airflow.plugins")
):
    from dagger_providers.airflow.plugin import DaggerPlugin  # noqa: F401
