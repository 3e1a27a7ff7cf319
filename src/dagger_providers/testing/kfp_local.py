"""Run a compiled KFP pipeline by the SDK's local engine, and tell what the engine ran.

The engine is KFP's own, `kfp.local` with its ``DockerRunner``. Where a Docker engine answers that
has the pipeline's images, it runs the containers; else `HostClient` starts their commands as
processes, and the result says so. Whether a task is done is read from its exit status and from the
store, not from the engine's word alone: `kfp.local` takes a container that vanished for a success.

As a program, ``python -m dagger_providers.testing.kfp_local`` reads a JSON list of jobs from its
standard input and prints one JSON object for each, in a line; see `main`.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import DaggerProvidersError, one_line
from dagger_providers.kfp.compiler import compile
from dagger_providers.kfp.parameters import from_json
from dagger_providers.testing.executions import name_of
from dagger_providers.testing.host_docker import docker_client, own_user
from dagger_providers.testing.kfp_engine import (
    Runner,
    check_compared,
    choose_engine,
    contained,
    run_engine,
)
from dagger_providers.testing.launches import Launch, Recorder

_one_at_a_time = threading.Lock()
"""`kfp.local` keeps its configuration, its logging and even `print` in module state."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One container that the engine ran.

    Attributes:
        node: The address of the node; empty when it runs none.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        problem: Why its work is not done, in one line; empty when it is.
    """

    node: str
    index: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The execution's name: ``fit[0.2]``."""
        return name_of(self.node, self.index)


@dataclass(frozen=True, slots=True)
class LocalRun:
    """What became of a pipeline on KFP's local engine.

    Attributes:
        ok: Whether the engine says so, and every container did its work.
        reason: What failed first, in one line.
        run_id: The id that the engine gave the run.
        tasks: The containers that it started, in that order, but hooks that did not apply.
        outputs: The pipeline's outputs by the engine's account.
        engine: What ran the containers.
        log: The engine's log, with the containers' output.
    """

    ok: bool
    reason: str
    run_id: str
    tasks: tuple[TaskRun, ...]
    outputs: Mapping[str, Any]
    engine: str
    log: str


def run_spec(
    spec: str | os.PathLike[str],
    arguments: Mapping[str, Any],
    *,
    pipeline_root: str | os.PathLike[str],
    runner: Runner = "auto",
    user: str = "",
    tell: Callable[[Launch], None] | None = None,
) -> LocalRun:
    """Run a compiled pipeline or component.

    Args:
        spec: The YAML file, or its text.
        arguments: Values as KFP takes them; see `dagger_providers.kfp.arguments`.
        pipeline_root: A folder for the engine's files. With a Docker engine it is all that
            containers share with this machine: a local store must lie in it.
        runner: ``docker``: a Docker engine; ``host``: processes; ``auto``: the first if it can.
        user: Who runs containers, by number: ``1000:1000``; by default who runs this process, to
            whom the folder belongs.
        tell: Hears of each container when it starts, and again when it has ended.

    Raises:
        MissingExtraError: The SDK is not installed.
        UsageError: ``docker`` was asked for, and no Docker engine answers.
    """
    text = spec if isinstance(spec, str) and "\n" in spec else Path(spec).read_text()
    recorder = Recorder(tell=tell)
    log = io.StringIO()
    # KFP is imported in the body: it looks for the `docker` package then.
    with _one_at_a_time, docker_client(lambda: recorder.client(make())):
        engine, make = choose_engine(runner, text)
        root = str(Path(pipeline_root).absolute())
        with closing(make()) as client:
            who = user or own_user(client)
        with contained(log):
            outputs, said = run_engine(text, arguments, root, who)
    launches = [launch for launch in recorder.launches if not launch.is_idle]
    tasks = tuple(_task(launch) for launch in launches)
    # A container that is started again has the same command; its last end counts.
    last = {one.command: task for one, task in zip(launches, tasks, strict=True)}
    problem = next((f"{task.name}: {task.problem}" for task in last.values() if task.problem), "")
    run_id = next((r for one in recorder.launches if (r := one.option("--run-id"))), "")
    reason = one_line(problem or said)
    return LocalRun(not reason, reason, run_id, tasks, outputs, engine, log.getvalue())


def _task(launch: Launch) -> TaskRun:
    return TaskRun(launch.node, launch.index, launch.problem())


# As a program


def main() -> None:
    """Read jobs from the standard input, run each, and print one JSON line for each.

    A job is ``{"ref", "parameters", "store"}``, optionally with ``"image"``, ``"user"`` and
    ``"any_callable"`` (see `run_spec` and `read_document`); with an image, containers of it run:
    a pipeline as ``FILE.py[:NAME]`` or ``module[:NAME]``, JSON values, and a folder or URI. The
    answer is ``{"status": "succeeded"|"failed"|"refused", "reason", "folder", "engine", "seconds",
    "tasks"}``; ``folder`` is the run's in the store, ``tasks`` are the engine's containers that did
    their work, each ``node`` or ``node[index]``, those of steps that planning added included.
    """
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        for job in json.load(sys.stdin):
            answers.write(json.dumps(_answer(job)) + "\n")
            answers.flush()


def _answer(job: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _ran(job)
    except DaggerProvidersError as error:
        return {"status": "refused", "reason": one_line(error)}
    except Exception as error:  # a user's file that raises is no end for the other jobs
        return {"status": "failed", "reason": one_line(f"{type(error).__name__}: {error}")}


def _ran(job: Mapping[str, Any]) -> dict[str, Any]:
    store = str(job["store"])
    dag = build_ref(job["ref"], any_callable=bool(job.get("any_callable")))
    image = job.get("image")
    # An image has the code in its working folder; processes find it where it lies here.
    root = None if image else dag.code_root
    text = compile(dag, store=store, image=image or "local", code_root=root)
    arguments = from_json(dag, job.get("parameters") or {})
    check_compared(dag, arguments)
    shared = tempfile.mkdtemp(prefix="kfp-local-") if "://" in store else store
    runner: Runner = "docker" if image else "host"
    started = time.perf_counter()
    run = run_spec(text, arguments, pipeline_root=shared, runner=runner, user=job.get("user") or "")
    return {
        "status": "succeeded" if run.ok else "failed",
        "reason": run.reason,
        "folder": f"{store}/runs/{run.run_id}" if run.run_id else "",
        "engine": run.engine,
        "seconds": round(time.perf_counter() - started, 3),
        "tasks": [task.name for task in run.tasks if not task.problem],
    }


if __name__ == "__main__":
    main()
