"""Run a pipeline by the local engine of KFP's SDK, as the local runtime does: with a run record."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from logging import getLogger
from pathlib import Path
from typing import Any

from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.execution import Resolver, open_run
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.kfp.compiler import to_yaml
from dagger_providers.kfp.containers import RUN_ID
from dagger_providers.kfp.emit import Manifest, manifest
from dagger_providers.kfp.parameters import arguments
from dagger_providers.kfp.record import Ending, record
from dagger_providers.model import DAG
from dagger_providers.planning import Plan, nested_plan
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.parameters import encode_parameters
from dagger_providers.runtimes.local.run import DEFAULT_STORE, new_run_id
from dagger_providers.runtimes.local.scheduler import states
from dagger_providers.testing.host_docker import docker_engine
from dagger_providers.testing.kfp_engine import Runner, check_compared
from dagger_providers.testing.kfp_local import run_spec
from dagger_providers.testing.launches import Launch
from dagger_providers.tracking import Event, Listener, Run, claim, now, silent, write_record

RUNTIME = "kfp-local"
"""What run records call it."""


def run_by_kfp(
    dag: DAG,
    parameters: Mapping[str, Any],
    *,
    store: str | None = None,
    run_id: str | None = None,
    image: str | None = None,
    listen: Listener = silent,
) -> Run:
    """Run a pipeline by KFP's local engine.

    Args:
        dag: The pipeline.
        parameters: Values of its parameters by name.
        store: Folder or URI that holds all runs; by default ``DAGGER_STORE``, else ``.dagger``.
        run_id: The run's name; by default the pipeline's name and the time.
        image: The image of tasks that name none. With it, a Docker engine that has it runs the
            containers; else their commands are started as processes of this machine.
        listen: Hears what happens while it happens.

    Raises:
        UsageError: A parameter or an option is wrong; nothing has run.
        CapabilityError: KFP cannot do what the pipeline asks for; nothing has run.
        MissingExtraError: The extra ``kfp-sdk`` is not installed.
    """
    texts = encode_parameters(dag, parameters)
    root = os.fspath(store or os.environ.get("DAGGER_STORE") or DEFAULT_STORE)
    root = root if "://" in root else str(Path(root).absolute())
    runner = _runner(image)
    code_root = None if runner == "docker" else dag.code_root
    made = manifest(dag, Target(root, image or "local", code_root))
    given = arguments(dag, parameters)
    check_compared(dag, given)
    name = new_run_id(dag.name) if run_id is None else run_id
    context = open_run(root, name, texts, dag.code_root)
    lowered = nested_plan(dag)
    begun = Run(name, dag.name, RUNTIME, context.store.uri, parameters=texts, started=now())
    begun.nodes = states(lowered)
    if not claim(context.store, begun):
        raise UsageError(f"there is a run {name!r} in {root} already; give another run id")
    listen(Event("run", dag.name, total=len(begun.nodes)))
    told = _Told(lowered, Resolver(context, lowered.axes), listen)
    ending = Ending(ok=False, reason="it was interrupted", started=begun.started)
    try:
        with tempfile.TemporaryDirectory(prefix="kfp-local-") as apart:
            ran = run_spec(
                to_yaml(_named(made, name)), given, runner=runner, tell=told,
                pipeline_root=apart if "://" in root else root,
            )  # fmt: skip
        ending = Ending(ran.ok, ran.reason, begun.started)
    finally:
        result = record(dag, root, name, texts, ending, RUNTIME)
        write_record(context.store, result)
    listen(Event("end", dag.name, message=result.status))
    return result


def _named(made: Manifest, run_id: str) -> Manifest:
    """Give a compiled pipeline the id of its run, in the place of the engine's own."""
    spec = made.spec
    for dag in (spec.root.dag, *(component.dag for component in spec.components.values())):
        for task in dag.tasks.values():
            if RUN_ID in task.inputs.parameters:
                constant = task.inputs.parameters[RUN_ID].runtime_value.constant
                constant.string_value = run_id
    return made


def _runner(image: str | None) -> Runner:
    if image is None:
        return "host"
    found, why = docker_engine([image if ":" in image.rpartition("/")[2] else f"{image}:latest"])
    if not found:
        getLogger(__name__).warning("no Docker engine: %s; containers are processes here", why)
    return "docker" if found else "host"


@dataclass(slots=True)
class _Told:
    """Tells a listener of the containers of a run."""

    plan: Plan
    resolver: Resolver
    listen: Listener
    _began: dict[int, float] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def __call__(self, launch: Launch) -> None:
        """Tell of a container that starts, or has ended."""
        card = launch.card
        if card is None or not card.executes:
            return
        address, index = card.address, launch.index
        if launch.status is None:
            self._began[id(launch)] = time.monotonic()
            self._count(address, index)
            self.listen(Event("started", address, index))
            return
        seconds = time.monotonic() - self._began[id(launch)]
        if launch.status:
            message = one_line(launch.problem())
            self.listen(Event("failed", address, index, seconds=seconds, message=message))
        elif not launch.is_idle:
            self.listen(Event("done", address, index, seconds=seconds))

    def _count(self, address: str, index: str) -> None:
        """Tell how often a node runs, when it first does; not where a container runs several."""
        if address in self._known or not index or is_chunk(index):
            return
        self._known.add(address)
        with suppress(DaggerProvidersError):
            found = self.resolver.indices(self.plan.step(address).card.within)
            self.listen(Event("group", address, total=sum(1 for _ in found)))
