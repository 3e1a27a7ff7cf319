import json
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement

from dagger_providers.card.functions import load_file
from dagger_providers.execution import Resolver, index_text, open_run
from dagger_providers.planning import plan
from dagger_providers.planning.parameters import encode_parameters

FLOWS = Path(__file__).with_name("airflow_flows.py")


def pytest_collection_modifyitems(items):
    """Airflow warns of its own dependencies; what it imports is not ours to repair."""
    here = Path(__file__).parent
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        item.add_marker(pytest.mark.airflow)
        item.add_marker(pytest.mark.filterwarnings("ignore"))
        for mark in item.iter_markers("needs"):
            needed, why = mark.args
            if not _is_installed(Requirement(needed)):
                item.add_marker(pytest.mark.skip(reason=f"{needed} {why}"))


def _is_installed(needed):
    try:
        return needed.specifier.contains(version(needed.name), prereleases=True)
    except PackageNotFoundError:
        return False


@pytest.fixture(scope="session")
def home():
    """An Airflow of this process's own; nothing may import Airflow before."""
    from dagger_providers.airflow.testing import isolate

    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
    return isolate()


@pytest.fixture(scope="session")
def flows():
    return load_file(FLOWS.name, str(FLOWS.parent))


@pytest.fixture(scope="session")
def serialization(home):
    """What writes a DAG down (`to_dict`) and reads it as Airflow's scheduler does (`from_dict`)."""
    from airflow.serialization import serialized_objects as objects

    # Airflow 3.1 has one class for both and for the scheduler's DAG.
    return getattr(objects, "DagSerialization", None) or objects.SerializedDAG


@pytest.fixture
def kill_amid():
    """Do something in a process of its own, and kill that as soon as something is true."""

    def kill_amid(work, begun):
        worker = os.fork()
        if not worker:
            try:
                work()
            finally:
                os._exit(1)  # it is no second run of the tests
        end = time.monotonic() + 60
        while not begun() and time.monotonic() < end:
            time.sleep(0.05)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        assert begun()

    return kill_amid


@pytest.fixture
def logged(home, caplog):
    """All that is logged, though this Airflow's level lets nothing pass."""
    import structlog

    caplog.set_level(logging.DEBUG)
    before = structlog.get_config()
    capture = structlog.testing.LogCapture()
    every = structlog.make_filtering_bound_logger(logging.DEBUG)
    structlog.configure(processors=[capture], wrapper_class=every, cache_logger_on_first_use=False)
    yield capture
    structlog.configure(**before)


@pytest.fixture
def guarded(monkeypatch, tmp_path):
    """A connection to a store that opens only with a password, here and in other processes."""
    from fsspec import register_implementation

    driver = load_file("guarded_store.py", str(FLOWS.parent))
    register_implementation("guarded", driver.GuardedFileSystem, clobber=True)
    path = driver.install(tmp_path / "drivers")
    monkeypatch.setenv("PYTHONPATH", path)
    for folder in reversed(path.split(":")):
        monkeypatch.syspath_prepend(folder)
    kept = {
        "conn_type": "dagger_store", "host": f"guarded://{tmp_path}/guarded", "login": "ada",
        "password": driver.SECRET,
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_THE_STORE", json.dumps(kept))
    return SimpleNamespace(
        conn_id="the_store", uri=kept["host"], folder=tmp_path / "guarded", path=path,
        secret=driver.SECRET, connection=kept,
    )  # fmt: skip


@pytest.fixture
def parsed(home, monkeypatch):
    """Parse a folder of DAG files, as Airflow's DAG processor does."""
    try:
        from airflow.dag_processing.dagbag import BundleDagBag

        named = {"bundle_name": "d"}
    except ImportError:  # Airflow 3.1
        from airflow.models.dagbag import BundleDagBag

        named = {}
    # It adds the folder for good.
    monkeypatch.setattr(sys, "path", list(sys.path))

    def parsed(path, folder=None):
        return BundleDagBag(dag_folder=path, bundle_path=folder or path, safe_mode=True, **named)

    return parsed


@dataclass
class Finished:
    """One run, and how to look at it."""

    model: Any
    run: Any
    parameters: dict[str, Any]

    @cached_property
    def plan(self):
        return plan(self.model)

    @cached_property
    def resolver(self):
        texts = encode_parameters(self.model, self.parameters)
        context = open_run(self.run.store, self.run.run_id, texts, str(FLOWS.parent))
        return Resolver(context, self.plan.axes)

    @property
    def value(self):
        return self.resolver.value(self.plan.outputs["return_value"], {})

    @property
    def executions(self):
        """What Airflow recorded as done."""
        return sorted(task.execution for task in self.run.tasks if task.state == "success")

    @property
    def states(self):
        return {(task.task_id, task.map_index): task.state for task in self.run.tasks}

    @property
    def skipped(self):
        return {task.task_id for task in self.run.tasks if task.state == "skipped"}

    @property
    def error(self):
        (error,) = (task.error for task in self.run.tasks if task.error)
        return error

    @property
    def planned(self):
        """The executions of the plan, for the lengths that the run's loops turned out to have."""
        found = []
        for group in self.plan.groups:
            for index in self.resolver.indices(group.space):
                text = f"[{index_text(index)}]" if index else ""
                found += [f"{address}{text}" for address in group.steps]
        return sorted(found)


@pytest.fixture
def run(home, flows, tmp_path):
    """Run a pipeline of the flows by `dag.test()`."""
    from dagger_providers.airflow.testing import execute

    def run(name, options=None, **parameters):
        pipeline = getattr(flows, name)
        done = execute(
            pipeline, parameters, **{"store": str(tmp_path / "store"), **(options or {})}
        )
        return Finished(pipeline.build(), done, parameters)

    return run
