"""What the commands ``airflow dagger ...`` do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow.cli.simple_table import AirflowConsole

from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.node import Run
from dagger_providers.airflow.provider import SECTION, get_provider_info
from dagger_providers.airflow.settings import access_to, option
from dagger_providers.errors import DaggerProvidersError, MissingValueError, one_line
from dagger_providers.execution import index_from, node_path
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.live import as_it_is
from dagger_providers.storage import Store, open_store, read_commit
from dagger_providers.tracking import read_record

if TYPE_CHECKING:
    from argparse import Namespace


def settings(args: Namespace) -> None:
    """Show the provider's options as they are in force, and try the store."""
    access = access_to()
    with access.here():
        problem = _problem(access.uri)
    known = get_provider_info()["config"][SECTION]["options"]
    shown = {name: option(name) for name in known}
    shown["store_uri"] = f"{access.uri} ({problem or 'can be written'})"
    rows = [{"option": f"[{SECTION}] {name}", "value": value} for name, value in shown.items()]
    AirflowConsole().print_as(rows, output=args.output)
    if problem:
        raise SystemExit(1)


def _problem(uri: str) -> str:
    """Return why a store cannot be written, in one line; empty when it can."""
    name = f"probe-{os.urandom(8).hex()}"
    try:
        store = open_store(uri)
        store.write_atomic(name, b"")
        store.remove(name)
    except DaggerProvidersError as error:
        return one_line(error)
    return ""


def results(args: Namespace) -> None:
    """Show the outputs that a DAG run's nodes committed, and what failed."""
    access = access_to(args.store)
    run = Run(access.uri, run_name(args.dag_id, args.run_id))
    try:
        with access.here():
            rows = list(_rows(open_store(run.folder), args.task_id, args.index))
    except DaggerProvidersError as error:
        raise SystemExit(f"airflow dagger results: {one_line(error)}") from None
    if not rows:
        what = f"of task {args.task_id} " if args.task_id else ""
        raise SystemExit(f"airflow dagger results: nothing {what}is recorded in {run.folder}")
    AirflowConsole().print_as(rows, output=args.output)


def record(args: Namespace) -> None:
    """Show the record of a DAG run, with the states of its nodes as they are now."""
    access = access_to(args.store)
    run = Run(access.uri, run_name(args.dag_id, args.run_id))
    try:
        with access.here():
            found = as_it_is(read_record(open_store(run.folder)), run.store)
    except MissingValueError:
        raise SystemExit(f"airflow dagger record: no run is recorded in {run.folder}") from None
    except DaggerProvidersError as error:
        raise SystemExit(f"airflow dagger record: {one_line(error)}") from None
    text = json.dumps({"folder": run.folder, **found}, indent=2, ensure_ascii=False)
    sys.stdout.write(f"{text}\n")


def _rows(store: Store, task: str | None, index: str) -> Iterator[dict[str, Any]]:
    paths = [node_path(task, index_from(index))] if task else _executions(store, "nodes")
    for path in paths:
        name = path.removeprefix("nodes/")
        try:
            record = read_commit(store, path)
        except MissingValueError:
            failure = read_failure(store, path)
            if failure is not None:
                yield _row(name, f"failed: {one_line(failure, 100)}")
            continue
        for output, artifact in record.outputs.items():
            place = store.join(artifact.uri)
            yield _row(name, "done", output, artifact.size, artifact.sha256[:12], place)
        if not record.outputs:
            yield _row(name, "done")


def _row(
    node: str, state: str, output: str = "", size: Any = "", sha256: str = "", location: str = ""
) -> dict[str, Any]:
    return {
        "node": node,
        "state": state,
        "output": output,
        "bytes": size,
        "sha256": sha256,
        "location": location,
    }


def _executions(store: Store, folder: str) -> Iterator[str]:
    """Yield the folders of executions: those of items lie in that of their node."""
    for name in store.list(folder):
        path = f"{folder}/{name}"
        if name.startswith("attempt-") or not store.is_directory(path):
            continue
        yield path
        yield from _executions(store, path)
