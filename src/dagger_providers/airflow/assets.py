"""Objects of Airflow for the assets that options name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import Asset
from airflow.sdk import AssetAll, AssetAny

from dagger_providers.airflow.asset_options import Named, Several


def made(named: Named) -> Any:
    """Return the object of an asset."""
    return Asset(**named.asset) if isinstance(named.asset, Mapping) else named.asset


def made_schedule(read: Any) -> Any:
    """Return a schedule as `airflow.sdk.DAG` takes it."""
    match read:
        case Named():
            return made(read)
        case Several(of, how):
            every = map(made_schedule, of)
            return AssetAny(*every) if how == "any" else AssetAll(*every)
        case _:
            return read
