"""Compile a pipeline to a small DAG file that imports none of its code; needs no Airflow."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from dagger_providers.airflow.refusals import LAUNCHERS, check, check_launcher
from dagger_providers.errors import UsageError
from dagger_providers.model import dumps
from dagger_providers.planning import plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.manifests import write
from dagger_providers.planning.source import check_output, dag_of, files_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

_TEXT = '''"""The pipeline {name!r} as an Airflow DAG; `dagger-providers compile` wrote it."""

from pathlib import Path

from dagger_providers.airflow import to_airflow
from dagger_providers.model import loads

model = Path(__file__).with_name({model}).read_text(encoding="utf-8")
dag = to_airflow(
    loads(model),
{arguments}
)
'''


def dag_file(  # noqa: PLR0913 - each is an option of a deployment
    pipeline: Pipeline,
    path: str | os.PathLike[str],
    *,
    dag_id: str | None = None,
    store: str | None = None,
    store_conn_id: str | None = None,
    launcher: str = LAUNCHERS[0],
    image: str | None = None,
    code_root: str | None = None,
) -> str:
    """Compile a pipeline to a DAG file, and its model, which that reads, to a JSON file beside it.

    To parse the file, Airflow imports neither the pipeline's code nor what that imports. The
    schedule and other arguments of the DAG are the pipeline's ``runtime_options["airflow"]``. The
    same pipeline gives the same bytes, in any process.

    Args:
        pipeline: A function decorated by `dagger_providers.dag`, or a model.
        path: The DAG file to write, ``NAME.py``: its model is ``NAME.json``.
        dag_id: The DAG's id; by default the pipeline's name.
        store: Path or URI of the store; by default the connection's, else the deployment's.
        store_conn_id: A connection of type ``dagger_store``, which holds the store's credentials,
            and its URI; by default the deployment's, if any.
        launcher: What runs a task: ``process``, a subprocess on the worker, ``container`` or
            ``kubernetes``, a pod.
        image: The container image of tasks that name none; by default the deployment's.
        code_root: The folder that ``file.py:name`` functions are relative to where tasks run; by
            default that of the pipeline's file for ``process``, and the image's working directory
            for pods.

    Returns:
        The text of the DAG file.

    Raises:
        CapabilityError: Airflow cannot run it; the message says what to write instead.
        UsageError: There is no such launcher, or the path does not end with ``.py``, or is that of
            a file that the pipeline comes from.
        StorageError: The files cannot be written.
    """
    place = Path(path)
    if place.suffix != ".py":
        raise UsageError(f"a DAG file has the name NAME.py, got {place}")
    beside = place.with_suffix(".json")
    model = dag_of(pipeline)
    for file in (place, beside):
        check_output(file, files_of(model))
    lowered = plan(model)
    check_launcher(launcher)
    refuse(check(model, lowered, Deployment(launcher, store, image), dag_id, store_conn_id))
    if code_root is None and launcher == "process":
        code_root = model.code_root
    arguments = {
        "dag_id": dag_id,
        "store": store,
        "store_conn_id": store_conn_id,
        "launcher": launcher,
        "image": image,
        "code_root": code_root,
    }
    text = _TEXT.format(
        name=model.name,
        model=_quoted(beside.name),
        arguments="\n".join(
            f"    {name}={_quoted(value)},"
            for name, value in arguments.items()
            if value is not None
        ),
    )
    # The model goes first: a DAG file without one would be an import error in between.
    write(dumps(model), beside)
    write(text, place)
    return text


def _quoted(text: str) -> str:
    """Write a text as a literal: those of JSON are Python's too."""
    return json.dumps(text, ensure_ascii=False)
