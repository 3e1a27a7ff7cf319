"""Run a pipeline on this machine."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any, Literal, TypeAlias

from dagger_providers.errors import RunFailed, StorageError, UsageError
from dagger_providers.execution import Resolver, RunContext, index_from, open_run
from dagger_providers.execution.batches import Failure
from dagger_providers.model import DAG
from dagger_providers.planning import Plan, plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.parameters import encode_parameters
from dagger_providers.runtimes.local.commands import Commands
from dagger_providers.runtimes.local.outcome import fail, read_outputs
from dagger_providers.runtimes.local.refusals import VARIANTS, refusals
from dagger_providers.runtimes.local.scheduler import Schedule, states
from dagger_providers.runtimes.local.workers import Here, OneByOne, Processes, Workers
from dagger_providers.storage import Store
from dagger_providers.tracking import (
    Event,
    Listener,
    Run,
    claim,
    now,
    silent,
    write_record,
)
from dagger_providers.tracking.run import FILE_NAME

Kind: TypeAlias = Literal["processes", "threads", "command"]

DEFAULT_STORE = ".dagger"
"""Where runs are kept when neither the call nor ``DAGGER_STORE`` says so."""


def run(  # noqa: PLR0913 - each is an option of the command line too
    dag: DAG,
    parameters: Mapping[str, Any],
    *,
    store: str | os.PathLike[str] | None = None,
    run_id: str | None = None,
    jobs: int = 1,
    workers: Kind = "processes",
    check: bool = True,
    listen: Listener = silent,
    cache: bool = True,
) -> Run:
    """Run a pipeline here.

    Args:
        dag: The pipeline.
        parameters: Values of its parameters by name.
        store: Folder or URI that holds all runs; by default ``DAGGER_STORE``, else ``.dagger``.
        run_id: The run's name; by default the pipeline's name and the time.
        jobs: How many items run at a time; with one, all runs in this process but tasks that have
            a timeout, which takes a process that can be ended.
        workers: What runs them when there are several: ``processes`` or ``threads``; ``command``
            runs every node by the node command in a fresh process, also with one job.
        check: Whether a failed run raises.
        listen: Hears what happens while it happens.
        cache: Whether tasks that ask for it take results from the store's cache, and put theirs
            there; not where the environment has ``DAGGER_CACHE=off``.

    Returns:
        The run; its outputs are read from the store when they are asked for.

    Raises:
        UsageError: A parameter or an option is wrong; nothing has run.
        CapabilityError: The workers cannot do what the pipeline asks for; nothing has run.
        RunFailed: A task failed; raised from the exception that it raised.
    """
    lowered = plan(dag)
    texts = encode_parameters(dag, parameters)
    root = os.fspath(store or os.environ.get("DAGGER_STORE") or DEFAULT_STORE)
    root = root if "://" in root else str(Path(root).absolute())
    name = new_run_id(dag.name) if run_id is None else run_id
    context = open_run(root, name, texts, dag.code_root, cache=cache)
    taken = f"there is a run {name!r} in {root} already; give another run id"
    if context.store.exists(FILE_NAME):
        raise UsageError(taken)
    _check_workers(dag, lowered, root, jobs, workers)
    result = Run(name, dag.name, "local", context.store.uri, parameters=texts, started=now())
    result.nodes = states(lowered)
    if not claim(context.store, result):
        raise UsageError(taken)
    listen(Event("run", dag.name, total=len(result.nodes)))
    resolver = Resolver(context, lowered.axes)
    work = _work(context, root, name, jobs, workers)
    schedule = Schedule(lowered, resolver, work, jobs, listen, result.nodes)
    try:
        failure = _execute(schedule, result, lambda: _work(context, root, name, jobs, workers))
    except KeyboardInterrupt as error:
        error.add_note(f"record: {result.record}")
        error.add_note(f"see it: dagger-providers runs show {quote(name)} --store {quote(root)}")
        raise
    listen(Event("end", dag.name, message=result.status))
    if failure is not None and check:
        told = result.failure
        text = f"{told['node']} failed: {result.reason}"
        index = index_from(told["index"])
        raise RunFailed(text, result, told["address"], index) from failure.error
    return result


def _check_workers(dag: DAG, lowered: Plan, root: str, jobs: int, workers: Kind) -> None:
    if jobs < 1:
        raise UsageError(f"jobs must be 1 or more, not {jobs}")
    if workers not in VARIANTS:
        raise UsageError(f"no workers {workers!r}; there are: {', '.join(VARIANTS)}")
    several = jobs > 1 or workers == "command"
    refuse(refusals(dag, lowered, Deployment(workers if several else "", root)))


def _work(context: RunContext, root: str, name: str, jobs: int, workers: Kind) -> Workers:
    if workers == "command":
        return Commands(context, root, name)
    if workers == "threads":
        return Here(context)
    return Processes(context) if jobs > 1 else OneByOne(Here(context), Processes(context))


def _execute(schedule: Schedule, result: Run, others: Callable[[], Workers]) -> Failure | None:
    """Run a schedule, and let the run's record tell how it ended, whatever happens.

    Args:
        schedule: What to run.
        result: What becomes of it.
        others: Makes workers for the hooks of a run that was interrupted, with its own workers.
    """
    store = schedule.resolver.run.store
    try:
        _run(schedule, others)
        failure = schedule.failure or read_outputs(result, schedule.plan, schedule.resolver)
        if failure is None:
            result.status = "succeeded"
        else:
            fail(result, failure)
    except BaseException as error:
        fail(result, Failure("", (), error))
        raise
    finally:
        schedule.work.close()
        result.end()
        _write(store, result)
    return failure


def _write(store: Store, result: Run) -> None:
    """Write the record of a run that is over; if it cannot be, what failed in the run is told."""
    try:
        write_record(store, result)
    except StorageError as error:
        if result.failure:
            error.add_note(f"{result.failure['node']} failed: {result.reason}")
        raise


def _run(schedule: Schedule, others: Callable[[], Workers]) -> None:
    try:
        schedule.run()
    except BaseException:
        work = others()
        try:
            schedule.run_hooks(work)  # a second Ctrl-C ends these too
        finally:
            work.stop()
            work.close()
        raise
    schedule.run_hooks(schedule.work)


def new_run_id(name: str) -> str:
    """Return a name for a run that no other has and that sorts by time, to the millisecond."""
    time = datetime.now(UTC).strftime("%Y%m%d-%H%M%S%f")[:-3]
    return f"{name}-{time}-{secrets.token_hex(3)}"
