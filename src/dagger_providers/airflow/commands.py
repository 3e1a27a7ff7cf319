"""What the commands ``airflow dagger ...`` do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.cli.simple_table import AirflowConsole
from airflow.providers.common.compat.sdk import AirflowException
from rich.markup import escape

from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.launchers import launcher_name
from dagger_providers.airflow.node import Run
from dagger_providers.airflow.provider import SECTION, get_provider_info
from dagger_providers.airflow.refusals import store_refusals
from dagger_providers.airflow.settings import access_to, option, readable, store_named
from dagger_providers.errors import DaggerProvidersError, MissingValueError, UsageError, one_line
from dagger_providers.execution import index_from, node_path
from dagger_providers.execution.failures import read_failure
from dagger_providers.execution.live import as_it_is
from dagger_providers.model.names import listed
from dagger_providers.planning.capabilities import Deployment
from dagger_providers.storage import Store, open_store, read_commit
from dagger_providers.tracking import read_record

if TYPE_CHECKING:
    from argparse import Namespace


def settings(args: Namespace) -> None:
    """Show the provider's options as they are in force, and try the stores."""
    known = get_provider_info()["config"][SECTION]["options"]
    shown = {name: option(name) for name in known}
    problems = {name: told for name, check in _CHECKS.items() if (told := check())}
    if "store_uri" not in problems and "store_conn_id" not in problems:
        shown["store_uri"] = f"{access_to().uri} (can be written)"
    for name, told in problems.items():
        shown[name] = f"{shown[name]} ({told})".lstrip()
    rows = [{"option": f"[{SECTION}] {name}", "value": value} for name, value in shown.items()]
    _print(rows, args.output)
    for name, told in problems.items():
        sys.stderr.write(f"airflow dagger settings: [{SECTION}] {name}: {told}\n")
    if problems:
        raise SystemExit(1)


def _about_store() -> str:
    """Return why the store of pipelines that name none cannot be used; empty when it can."""
    try:
        access = access_to()
    except AirflowException:
        return ""  # the connection's matter
    with access.here():
        return _problem(access.uri)


def _about_connection() -> str:
    try:
        access_to()
    except AirflowException as error:
        return one_line(error)
    return ""


def _about_launcher() -> str:
    try:
        launcher = launcher_name(None)
    except UsageError as error:
        return one_line(error)
    refused = next(store_refusals(Deployment(launcher, store_named())), None)
    return "" if refused is None else f"{refused.what}; {refused.instead}"


def _about_pages() -> str:
    """Return which stores of ``ui_stores`` cannot be read."""
    told = []
    for store, conn_id in readable()[1:]:
        try:
            access = access_to(store, conn_id)
            open_store(access.uri, access.driver).list("runs")
        except (AirflowException, DaggerProvidersError) as error:
            told.append(one_line(error))
    return "; ".join(told)


_CHECKS = {
    "store_uri": _about_store,
    "store_conn_id": _about_connection,
    "ui_stores": _about_pages,
    "launcher": _about_launcher,
}


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
    if args.index and not args.task_id:
        raise SystemExit("airflow dagger results: --index is of a task: name its task_id too")
    with _reading("results", args) as run:
        store = open_store(run.folder)
        rows = list(_rows(store, args.task_id, args.index))
        if not rows:
            raise SystemExit(f"airflow dagger results: {_nothing(store, args)}")
    _print(rows, args.output)


def record(args: Namespace) -> None:
    """Show the record of a DAG run, with the states of its nodes as they are now."""
    with _reading("record", args) as run:
        store = open_store(run.folder)
        try:
            found = as_it_is(read_record(store), run.store)
        except MissingValueError:
            raise SystemExit(f"airflow dagger record: {_no_run(store.uri)}") from None
    text = json.dumps({"folder": run.folder, **found}, indent=2, ensure_ascii=False)
    sys.stdout.write(f"{text}\n")


@contextmanager
def _reading(command: str, args: Namespace) -> Iterator[Run]:
    """Open the store that a command is to read; what goes wrong is told in one line."""
    try:
        access = access_to(args.store, args.store_conn_id)
        with access.here():
            yield Run(access.uri, run_name(args.dag_id, args.run_id))
    except (AirflowException, DaggerProvidersError) as error:
        raise SystemExit(f"airflow dagger {command}: {one_line(error)}") from None


def _nothing(store: Store, args: Namespace) -> str:
    """Return why there are no results to show."""
    found = [name for name in store.list("nodes") if not name.startswith("attempt-")]
    if not found:
        return _no_run(store.uri)
    if not args.task_id:
        return f"no task has written anything yet in {store.uri}; begun: {listed(found)}"
    item = f"[{args.index}]" if args.index else ""
    return f"nothing of task {args.task_id}{item} is recorded in {store.uri}; of: {listed(found)}"


def _no_run(folder: str) -> str:
    return (
        f"nothing is recorded in {folder}; check the ids, or say by --store or --store-conn-id "
        "which store the DAG names"
    )


def _rows(store: Store, task: str | None, index: str) -> Iterator[dict[str, Any]]:
    for path in _paths(store, task, index):
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


def _paths(store: Store, task: str | None, index: str) -> Iterator[str]:
    """Yield the folders of a run's executions, or of those of one task, at or below an index."""
    if not task:
        yield from _executions(store, "nodes")
        return
    path = node_path(task, index_from(index))
    yield path
    yield from _executions(store, path)


def _print(rows: list[dict[str, Any]], output: str) -> None:
    """Print rows; in a table, what stands in brackets would be taken for markup."""
    AirflowConsole().print_as(rows, output, mapper=_escaped if output == "table" else None)


def _escaped(row: dict[str, Any]) -> dict[str, Any]:
    return {name: escape(str(value)) for name, value in row.items()}


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
    for name in sorted(store.list(folder), key=_by_number):
        path = f"{folder}/{name}"
        if name.startswith("attempt-") or not store.is_directory(path):
            continue
        yield path
        yield from _executions(store, path)


def _by_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdecimal() else -1, name)
