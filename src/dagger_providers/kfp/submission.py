"""Submit a pipeline to a KFP server, and wait for what becomes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagger_providers.errors import DaggerProvidersError, RunFailed, ServerError, TaskFailed
from dagger_providers.execution import index_from
from dagger_providers.kfp.client import DEFAULT_EXPERIMENT, Client, connect
from dagger_providers.kfp.cron import check_cron
from dagger_providers.kfp.emit import manifest
from dagger_providers.kfp.parameters import arguments
from dagger_providers.kfp.progress import ENDED, Progress, failed_tasks, reason_of
from dagger_providers.kfp.record import Ending, begin, keep, record, texts_of, utc_text
from dagger_providers.model import DAG
from dagger_providers.planning import nested_plan
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.source import dag_of
from dagger_providers.tracking import Event, Listener, Run, silent
from dagger_providers.tracking.run import FILE_NAME

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two looks at a run."""
_LOST = 24
"""Looks in a row that may fail: two minutes of a server that restarts."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A run on a KFP server.

    Attributes:
        run_id: KFP's id of it, which is also its name in the store.
        url: Its page.
        folder: The folder in the store where its values lie.
    """

    run_id: str
    url: str
    folder: str
    _dag: DAG = field(repr=False)
    _store: str = field(repr=False)
    _client: Client = field(repr=False)

    @property
    def record(self) -> str:
        """Where its record lies."""
        return f"{self.folder}/{FILE_NAME}"

    @property
    def _engine(self) -> dict[str, str]:
        return {"name": "kfp", "run_id": self.run_id, "url": self.url}

    def wait(
        self, timeout: float | None = None, *, check: bool = True, listen: Listener = silent
    ) -> Run:
        """Wait until it is over, and fetch what it gave back from the store.

        Args:
            timeout: Seconds after which to give up; the run goes on.
            check: Whether a failed run raises.
            listen: Hears what happens while it happens.

        Returns:
            The run, as a local one; its outputs are read from the store when they are asked for.
            Its record is written to the store, where `runs show` finds it.

        Raises:
            ServerError: The time is over, or the server has not answered for minutes.
            UsageError: The server does not know the run.
            StorageError: The run is over, and its store cannot be read.
            RunFailed: The run failed; raised from what its container told of the exception.
        """
        progress = Progress(nested_plan(self._dag), listen)
        progress.begin()
        try:
            ended = _watch(lambda: self._client.run(self.run_id), progress, timeout)
        except ServerError as error:
            error.add_note(f"the run may go on: {self.url}")
            raise
        except KeyboardInterrupt as error:
            error.add_note(f"the run goes on: {self.url}")
            raise
        config = ended.runtime_config
        texts = texts_of(self._dag, (config and config.parameters) or {})
        try:
            result = record(self._dag, self._store, self.run_id, texts, _ending(ended), "kfp")
        except DaggerProvidersError as error:
            error.add_note(f"the run is over, {ended.state}: {self.url}")
            raise
        result.engine = self._engine
        keep(result)
        listen(Event("end", self._dag.name, message=result.status))
        if result.failure and check:
            told = result.failure
            text = f"{told['node']} failed: {result.reason}"
            cause = TaskFailed(told["type"], told["message"], told["traceback"])
            raise RunFailed(text, result, told["address"], index_from(told["index"])) from cause
        return result


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Runs by a schedule, on a KFP server.

    Attributes:
        recurring_run_id: KFP's id of the schedule.
        url: Its page.
        runs: The folder in the store where each run has its own, named by KFP's id of it.
    """

    recurring_run_id: str
    url: str
    runs: str


def submit(  # noqa: PLR0913 - each is an option of the command line too
    pipeline: Pipeline,
    parameters: Mapping[str, Any] | None = None,
    *,
    store: str,
    host: str | None = None,
    image: str | None = None,
    code_root: str | None = None,
    experiment: str | None = None,
    run_name: str | None = None,
    namespace: str | None = None,
    credentials: Any = None,
) -> Submitted:
    """Compile a pipeline and start a run of it on a KFP server.

    Its record is written to the store, if that can be reached from here: `runs show` tells by it
    how far the run is.

    Args:
        pipeline: A function decorated by `dagger_providers.dag`, or a model.
        parameters: Values of its parameters by name.
        store: The store that holds all runs, as containers reach it; see `compile`.
        host: The server's address; by default ``KF_PIPELINES_ENDPOINT``.
        image: The image of tasks that name none.
        code_root: The folder in the image that ``file.py:name`` functions are relative to.
        experiment: The experiment to put the run in, which is made when there is none of that name;
            by default ``KF_PIPELINES_DEFAULT_EXPERIMENT_NAME``, else "Default".
        run_name: What KFP's pages call the run; by default the pipeline's name and the time.
        namespace: Your namespace, where the server has several users.
        credentials: What `kfp.Client` takes as such; by default the environment tells, as
            ``dagger-providers submit --help`` says.

    Raises:
        CapabilityError: KFP cannot do what the pipeline asks for.
        UsageError: A parameter or an option is wrong, or the server refuses it.
        ServerError: The server cannot be reached, or failed.
        MissingExtraError: The extra ``kfp-sdk`` is not installed.
    """
    dag = dag_of(pipeline)
    given = arguments(dag, parameters or {})
    spec = _compiled(dag, store, image, code_root)
    client = connect(host, namespace, credentials)
    made = client.create_run(
        client.experiment(_experiment(experiment)), run_name or _name(dag), spec, given
    )
    run = _submitted(dag, store, client, str(made.run_id))
    begin(dag, run.folder, run.run_id, texts_of(dag, given), run._engine)
    return run


def submitted(
    pipeline: Pipeline,
    run_id: str,
    *,
    store: str,
    host: str | None = None,
    namespace: str | None = None,
    credentials: Any = None,
) -> Submitted:
    """Return a run that was submitted before, to wait for it.

    Args:
        pipeline: What was submitted.
        run_id: KFP's id of the run.
        store: The store that it was submitted with.
        host: See `submit`.
        namespace: See `submit`.
        credentials: See `submit`.

    Raises:
        UsageError: The server does not know the run.
        ServerError: The server cannot be reached, or failed.
        MissingExtraError: The extra ``kfp-sdk`` is not installed.
    """
    client = connect(host, namespace, credentials)
    client.run(run_id)
    return _submitted(dag_of(pipeline), store, client, run_id)


def schedule(  # noqa: PLR0913 - each is an option of the command line too
    pipeline: Pipeline,
    cron: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    store: str,
    host: str | None = None,
    image: str | None = None,
    code_root: str | None = None,
    experiment: str | None = None,
    run_name: str | None = None,
    namespace: str | None = None,
    credentials: Any = None,
) -> Scheduled:
    """Compile a pipeline and let a KFP server run it by a schedule.

    Args:
        pipeline: A function decorated by `dagger_providers.dag`, or a model.
        cron: When: six fields, the seconds first (``"0 30 6 * * 1-5"``), or a word as ``@daily``.
        parameters: Values of its parameters by name, in each run.
        store: See `submit`.
        host: See `submit`.
        image: See `submit`.
        code_root: See `submit`.
        experiment: See `submit`.
        run_name: What KFP's pages call the schedule.
        namespace: See `submit`.
        credentials: See `submit`.

    Raises:
        CapabilityError: KFP cannot do what the pipeline asks for.
        UsageError: A parameter, an option or the schedule is wrong, or the server refuses it.
        ServerError: The server cannot be reached, or failed.
        MissingExtraError: The extra ``kfp-sdk`` is not installed.
    """
    dag = dag_of(pipeline)
    checked = check_cron(cron)
    given = arguments(dag, parameters or {})
    spec = _compiled(dag, store, image, code_root)
    client = connect(host, namespace, credentials)
    made = client.create_recurring_run(
        client.experiment(_experiment(experiment)), run_name or _name(dag), spec, given, checked
    )
    found = str(made.recurring_run_id)
    url = f"{client.pages}/#/recurringrun/details/{found}"
    return Scheduled(found, url, f"{store.rstrip('/')}/runs")


def _compiled(dag: DAG, store: str, image: str | None, code_root: str | None) -> Any:
    from google.protobuf import json_format

    made = manifest(dag, Target(store, image, code_root))
    spec = json_format.MessageToDict(made.spec)
    return {"pipeline_spec": spec, "platform_spec": made.platform} if made.platform else spec


def _submitted(dag: DAG, store: str, client: Client, run_id: str) -> Submitted:
    url = f"{client.pages}/#/runs/details/{run_id}"
    return Submitted(run_id, url, f"{store.rstrip('/')}/runs/{run_id}", dag, store, client)


def _experiment(given: str | None) -> str:
    return given or os.environ.get("KF_PIPELINES_DEFAULT_EXPERIMENT_NAME") or DEFAULT_EXPERIMENT


def _name(dag: DAG) -> str:
    return f"{dag.name} {time.strftime('%Y-%m-%d %H:%M:%S')}"


def _watch(look: Callable[[], Any], tell: Callable[[Any], None], timeout: float | None) -> Any:
    """Look at a run until it is over, and return what KFP knows of it."""
    last = None if timeout is None else time.monotonic() + timeout
    pause, lost = _FIRST_PAUSE, 0
    while True:
        try:
            found = look()
        except ServerError:
            lost += 1
            if lost == _LOST:
                raise
        else:
            lost = 0
            tell(found)
            if found.state in ENDED:
                return found
        if last is not None and time.monotonic() + pause > last:
            raise ServerError(f"the run is not over after {timeout:g} s, for which it was waited")
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _ending(run: Any) -> Ending:
    ok = run.state == "SUCCEEDED"
    failed = ", ".join(dict.fromkeys(failed_tasks(run)))
    told = reason_of(run) or (f"these tasks failed: {failed}" if failed else "")
    reason = "" if ok else f"the run is {run.state}{': ' if told else ''}{told}"
    return Ending(ok, reason, utc_text(run.created_at), utc_text(run.finished_at))
