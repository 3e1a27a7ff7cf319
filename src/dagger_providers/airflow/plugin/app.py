"""The plugin's web application: pages, and the JSON that they show."""
# No annotations of the future here: FastAPI reads those of routes.

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.configuration import conf
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from dagger_providers.airflow.plugin import answers
from dagger_providers.airflow.plugin.answers import Asked
from dagger_providers.airflow.plugin.page import HEADERS, page, static_file
from dagger_providers.errors import DaggerProvidersError, MissingValueError, one_line

_ENTITIES = (DagAccessEntity.XCOM, DagAccessEntity.RUN, DagAccessEntity.TASK_INSTANCE)


def make_app(prefix: str) -> FastAPI:
    """Return the application.

    Every route asks who is there; those of a DAG for the right to read its runs, task instances and
    XComs.

    Args:
        prefix: Where it is mounted, below Airflow's own address.
    """
    app = FastAPI(
        title="Dagger",
        dependencies=[Depends(get_user)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(DaggerProvidersError, _told)
    app.state.prefix = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + prefix
    guards = [Depends(requires_access_dag(method="GET", access_entity=one)) for one in _ENTITIES]
    of_dags = APIRouter(dependencies=guards)
    for path, route in _DATA.items():
        of_dags.add_api_route(path, route)
    for path, route in _PAGES.items():
        of_dags.add_api_route(path, route, response_class=HTMLResponse)
    app.include_router(of_dags)
    app.add_api_route("/static/{name}", _static)
    return app


def _told(_: Request, error: Exception) -> JSONResponse:
    status = 404 if isinstance(error, MissingValueError) else 422
    return JSONResponse({"detail": one_line(error)}, status)


def _static(name: str) -> Response:
    found = static_file(name)
    if found is None:
        raise HTTPException(404, "there is no such file")
    data, kind = found
    return Response(data, media_type=kind, headers={**HEADERS, "Cache-Control": "no-cache"})


# Data


def _asked(dag_id: str, run_id: str, session: SessionDep) -> Asked:
    return Asked(session, dag_id, run_id)


_Run = Annotated[Asked, Depends(_asked)]
_Offset = Annotated[int, Query(ge=0)]
_Index = Annotated[str, Query(pattern=r"^\d{0,9}(\.\d{1,9})*(:\d{1,9})?$")]
_Part = Annotated[int | None, Query(ge=0)]


def _graph_of_dag(dag_id: str, session: SessionDep) -> dict[str, Any]:
    return answers.graph_of_dag(session, dag_id)


def _graph(run: _Run) -> dict[str, Any]:
    return answers.graph_of_run(run)


def _states(run: _Run) -> dict[str, Any]:
    return answers.states(run)


def _items(run: _Run, task_id: str, state: str = "", offset: _Offset = 0) -> dict[str, Any]:
    return answers.items(run, task_id, state, offset)


def _record(run: _Run, task_id: str, map_index: int) -> dict[str, Any]:
    return answers.record(run, task_id, map_index)


def _execution(run: _Run, address: str, index: _Index = "") -> dict[str, Any]:
    return answers.execution(run, address, index)


def _preview(
    run: _Run, address: str, output: str, index: _Index = "", part: _Part = None
) -> dict[str, Any]:
    return answers.value(run, address, index, output, part)


def _runs(dag_id: str, session: SessionDep) -> dict[str, Any]:
    return answers.runs(session, dag_id)


def _comparison(dag_id: str, left: str, right: str, session: SessionDep) -> dict[str, Any]:
    return answers.compared(Asked(session, dag_id, left), Asked(session, dag_id, right))


_DATA: dict[str, Callable[..., Any]] = {
    "/graphs/{dag_id}": _graph_of_dag,
    "/graphs/{dag_id}/{run_id}": _graph,
    "/states/{dag_id}/{run_id}": _states,
    "/items/{dag_id}/{run_id}/{task_id}": _items,
    "/records/{dag_id}/{run_id}/{task_id}/{map_index}": _record,
    "/executions/{dag_id}/{run_id}/{address}": _execution,
    "/previews/{dag_id}/{run_id}/{address}/{output}": _preview,
    "/runs/{dag_id}": _runs,
    "/comparisons/{dag_id}/{left}/{right}": _comparison,
}


# Pages


def _page(request: Request, view: str, **facts: str) -> HTMLResponse:
    return HTMLResponse(page(view, request.app.state.prefix, **facts), headers=HEADERS)


def _view_of_dag(request: Request, dag_id: str) -> HTMLResponse:
    return _page(request, "graph", dag=dag_id)


def _view_of_run(request: Request, dag_id: str, run_id: str) -> HTMLResponse:
    return _page(request, "graph", dag=dag_id, run=run_id)


def _view(request: Request, dag_id: str, run_id: str, task_id: str, map_index: int) -> HTMLResponse:
    return _page(request, "record", dag=dag_id, run=run_id, task=task_id, map=str(map_index))


def _compare(request: Request, dag_id: str) -> HTMLResponse:
    return _page(request, "compare", dag=dag_id)


_PAGES: dict[str, Callable[..., Any]] = {
    "/view/{dag_id}": _view_of_dag,
    "/view/{dag_id}/{run_id}": _view_of_run,
    "/view/{dag_id}/{run_id}/{task_id}/{map_index}": _view,
    "/compare/{dag_id}": _compare,
}
