"""The link from a task instance to what its node wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.providers.common.compat.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class NodeLink(BaseOperatorLink):
    """Leads to the plugin's tab: outputs, previews, lineage."""

    name = "Inputs and outputs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the address of the tab of a task instance."""
        base = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
        dag, run, task = (
            quote(one, safe="") for one in (ti_key.dag_id, ti_key.run_id, ti_key.task_id)
        )
        at = ti_key.map_index
        mapped = "" if at in {None, -1} else f"/mapped/{at}"
        return f"{base}/dags/{dag}/runs/{run}/tasks/{task}{mapped}/plugin/dagger"
