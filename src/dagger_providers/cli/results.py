"""Print what a run gave back, and read run records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any, TextIO

from dagger_providers.cli.launch import printing
from dagger_providers.errors import (
    DaggerProvidersError,
    MissingValueError,
    UsageError,
    one_line,
)
from dagger_providers.execution.context import place_text
from dagger_providers.execution.live import as_it_is
from dagger_providers.serializers import load, spec_for
from dagger_providers.storage import Store, open_store
from dagger_providers.tracking import Event, Run, read_record

_WIDTH = 100


def as_json(run: Run) -> dict[str, Any]:
    """Return a run as the document that ``run --json`` prints.

    An output has a URI when one node wrote it whole; a list gathered from many nodes has none.
    """
    outputs: dict[str, Any] = {}
    for name in run.outputs:
        place = run.places.get(name)
        uri = open_store(run.folder).join(place) if place else None
        outputs[name] = {"uri": uri, "sha256": run.identities[name]}
        try:
            outputs[name]["value"] = json_value(run.outputs[name])
        except DaggerProvidersError:
            continue  # not every value is JSON: its digest and its place remain
    document = {"run_id": run.run_id, "status": run.status, "outputs": outputs}
    if run.failure:
        document["failure"] = {k: run.failure[k] for k in ("node", "type", "message")}
    for word in ("cached", "left_out"):
        counts = {address: getattr(node, word) for address, node in run.nodes.items()}
        if any(counts.values()):
            document[word] = {address: count for address, count in counts.items() if count}
    return {**document, "record": run.record}


def no_run(error: str) -> dict[str, Any]:
    """Return the document that ``run --json`` prints when nothing could be run."""
    failure = {"node": None, "type": None, "message": error}
    document: dict[str, Any] = {"run_id": None, "status": "refused", "outputs": {}}
    return {**document, "failure": failure, "record": None}


def json_value(value: Any) -> Any:
    """Return a value as JSON data.

    Raises:
        SerializationError: It has no JSON form.
    """
    if isinstance(value, list):
        return [json_value(item) for item in value]
    kind = type(value)
    spec = spec_for(kind)
    stream = BytesIO()
    annotated = kind if spec is not None and spec.name == "json" else None
    load("json", annotated).write(value, stream)  # type: ignore[union-attr]
    return json.loads(stream.getvalue())


def status_of(run: Run) -> int:
    """Return the exit status that a run means: what the user's code did is never misuse."""
    if run.status == "succeeded":
        return 0
    return _INFRASTRUCTURE if run.failure["exit_status"] == _INFRASTRUCTURE else 1


_INFRASTRUCTURE = 3
"""The store failed, so that no traceback helps; see `exit_status`."""


def print_run(run: Run, out: TextIO, err: TextIO) -> None:
    """Print the outputs of a run that succeeded, and where its record lies."""
    lines = [f"{name} = {_short(run, name)}\n" for name in run.outputs]
    with printing(out):
        out.writelines(lines)
    err.write(f"record: {run.record}\n")


def print_failure(run: Run, failed: Iterable[Event], err: TextIO, *, shown: bool) -> None:
    """Print why a run failed: the traceback of the user's code, and one line at the end.

    Args:
        run: The run.
        failed: What was heard of the items that failed; the others have a line each.
        err: Where to.
        shown: Whether the traceback was printed already.
    """
    told = run.failure
    of_code = status_of(run) != _INFRASTRUCTURE and '  File "' in told["traceback"]
    if of_code and not shown:
        err.write(told["traceback"])
    for event in failed:
        if (event.address, event.index) != (told["address"], told["index"]):
            node = place_text(event.address, event.index)
            err.write(f"dagger-providers: also {node} failed: {event.message}\n")
    reason = f"{told['node']} failed: {run.reason}"
    err.write(f"dagger-providers: {reason}; record: {run.record}\n")


def _short(run: Run, name: str) -> str:
    try:
        text = " ".join(repr(run.outputs[name]).split())
    except DaggerProvidersError as error:
        return f"<cannot be shown here: {one_line(error)}>"
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def read_run(store: str, run_id: str) -> dict[str, Any]:
    """Return the record of a run; of one that Airflow schedules, with the states as they are now.

    Raises:
        UsageError: There is no such run; the message names the newest that there are.
        StorageError: The store cannot be read, or is a file.
    """
    root = open_store(store)
    try:
        return as_it_is(read_record(open_store(root.join("runs", run_id))), store)
    except MissingValueError:
        known = ", ".join(run_id for *_, run_id in _newest_first(root)[:5]) or "none"
        raise UsageError(f"no run {run_id!r} in {store}; the newest: {known}") from None


def _newest_first(root: Store) -> list[tuple[str, str, str, str]]:
    """Return when each run of a store started, its status, its pipeline and its id."""
    rows = []
    for run_id in root.list("runs"):
        try:
            record = read_record(open_store(root.join("runs", run_id)))
        except DaggerProvidersError:
            continue  # runs of orchestrators lie in folders of their own
        rows.append((record["started"], record["status"], record["pipeline"], run_id))
    return sorted(rows, reverse=True)


def run_table(store: str) -> str:
    """Return the runs of a store as lines of text, newest first.

    Raises:
        StorageError: The store cannot be read, or is a file.
    """
    lines = [
        f"{started:30} {status:10} {name:24} {run_id}"
        for started, status, name, run_id in _newest_first(open_store(store))
    ]
    header = f"{'started':30} {'status':10} {'pipeline':24} run"
    return "\n".join([header, *lines]) if lines else f"no runs in {store}"
