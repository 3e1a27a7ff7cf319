"""The plugin's web application: a node's record as JSON and as a page."""
# No annotations of the future here: FastAPI reads those of routes that are made in a function.

from dataclasses import asdict
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.models.xcom import XComModel
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from dagger_providers.airflow.operators.running import XCOM_KEY
from dagger_providers.airflow.plugin.page import page
from dagger_providers.airflow.plugin.records import NodeRecord, TaskInstance, record_of

_PLACE = "/{dag_id}/{run_id}/{task_id}/{map_index}"
# Nothing but the page's own style: what it shows comes from other people's tasks.
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def make_app() -> FastAPI:
    """Return the application; every route asks for the right to read the DAG's XComs."""
    may_read = Depends(requires_access_dag(method="GET", access_entity=DagAccessEntity.XCOM))
    app = FastAPI(title="Dagger", dependencies=[may_read], openapi_url=None)

    @app.get(f"/records{_PLACE}")
    def record(
        dag_id: str, run_id: str, task_id: str, map_index: int, session: SessionDep
    ) -> dict[str, Any]:
        """Return a node's record; see `NodeRecord`."""
        return asdict(_found(TaskInstance(dag_id, run_id, task_id, map_index), session))

    @app.get(f"/view{_PLACE}", response_class=HTMLResponse)
    def view(
        dag_id: str, run_id: str, task_id: str, map_index: int, session: SessionDep
    ) -> HTMLResponse:
        """Return the page of a node's record."""
        found = _found(TaskInstance(dag_id, run_id, task_id, map_index), session)
        return HTMLResponse(page(found), headers=_HEADERS)

    return app


def _found(instance: TaskInstance, session: Session) -> NodeRecord:
    rows = XComModel.get_many(
        run_id=instance.run_id,
        dag_ids=instance.dag_id,
        task_ids=instance.task_id,
        map_indexes=instance.map_index,
        key=XCOM_KEY,
    )
    row: Any = session.scalars(rows).first()
    return record_of(instance, XComModel.deserialize_value(row) if row is not None else None)
