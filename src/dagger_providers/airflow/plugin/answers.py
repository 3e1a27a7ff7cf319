"""What the plugin's routes answer: Airflow's database and the store's records, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy.orm import Session

from dagger_providers.airflow.plugin import database
from dagger_providers.airflow.plugin.comparison import Side, comparison
from dagger_providers.airflow.plugin.database import RunFacts, Version
from dagger_providers.airflow.plugin.previews import preview
from dagger_providers.airflow.plugin.records import PAGE, Execution, NodeRecord, record_of
from dagger_providers.airflow.plugin.stores import Folder, Stores, folder_of
from dagger_providers.airflow.plugin.written import Written, written_in
from dagger_providers.errors import DaggerProvidersError, MissingValueError
from dagger_providers.storage import Store, read_commit
from dagger_providers.tracking.run import FILE_NAME, read_record

_RUNS = 50

NOT_TOLD = "This task has not told of a node: it has not run, or is none."
NOT_NAMED = "{} is in none of the stores that [dagger_providers] store_uri and ui_stores name."


@dataclass(frozen=True)
class Asked:
    """The run that a request is about.

    Attributes:
        session: Airflow's database.
        dag_id: The DAG.
        run_id: Its run.
    """

    session: Session
    dag_id: str
    run_id: str

    @cached_property
    def facts(self) -> RunFacts:
        """What Airflow tells of it.

        Raises:
            MissingValueError: There is no such run.
        """
        return database.run_facts(self.session, self.dag_id, self.run_id)

    @cached_property
    def version(self) -> Version:
        """The version of the DAG that it has run by."""
        return database.version_of_run(self.session, self.facts)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The values of its parameters, as its tasks read them where its record tells."""
        return {**self.version.defaults, **self.facts.conf, **self.written.parameters}

    @cached_property
    def written(self) -> Written:
        """What its record tells; nothing when it has none, or that of an earlier run of its id."""
        if self.folder is None:
            return Written()
        try:
            found = read_record(cast("Store", self.folder))
        except DaggerProvidersError:
            return Written()
        return written_in(found, database.began(self.session, self.facts))

    @cached_property
    def folder(self) -> Folder | None:
        """Its folder, if one of its tasks has told of one, and that may be read."""
        task_id, pointer = database.any_pointer(self.session, self.facts)
        place = self.place(task_id, pointer)
        return place[0] if place else None

    @cached_property
    def stores(self) -> Stores:
        """The stores that may be read, looked up once for all that is asked."""
        return Stores()

    def place(self, task_id: str, pointer: object) -> tuple[Folder, str] | None:
        """Return the folder and the index that a task's pointer leads to; see `folder_of`."""
        return folder_of(self.dag_id, self.run_id, task_id, pointer, self.stores)

    def execution(self, folder: Folder, address: str, index: str) -> Execution:
        """Return which execution is meant."""
        root = self.written.code_root
        return Execution(folder, self.version.outline, self.parameters, address, index, root)

    def known(self, address: str) -> None:
        """Check that the run's pipeline has a node.

        Raises:
            MissingValueError: It has not.
        """
        outline = self.version.outline
        if outline is None or address not in outline.cards:
            raise MissingValueError(f"the pipeline of this run has no node {address!r}")


def graph_of_dag(session: Session, dag_id: str) -> dict[str, Any]:
    """Return the picture of the newest version of a DAG."""
    return _graph(database.version_of_dag(session, dag_id), None)


def graph_of_run(asked: Asked) -> dict[str, Any]:
    """Return the picture of the version of a DAG that a run has run by, and its record's place."""
    folder = asked.folder
    found = _graph(asked.version, asked.facts)
    return {**found, "record": folder.join(FILE_NAME) if folder else None}


def _graph(version: Version, run: RunFacts | None) -> dict[str, Any]:
    if version.drawing is None:
        raise MissingValueError(
            "this version of the DAG carries no pipeline: it was not made by to_airflow, or by an "
            "earlier dagger-providers"
        )
    told = {"version": version.number, "run": run.to_json() if run else None}
    return {**told, **version.drawing}


def states(asked: Asked) -> dict[str, Any]:
    """Return how many instances of each task are in which state."""
    tasks = database.states(asked.session, asked.facts)
    return {"version": asked.version.number, "run": asked.facts.to_json(), "tasks": tasks}


def items(asked: Asked, task_id: str, state: str, offset: int) -> dict[str, Any]:
    """Return a page of a task's instances, each with the index of its node."""
    page = database.Slice(state, offset, PAGE)
    total, found = database.instances(asked.session, asked.facts, task_id, page)
    rows = []
    for one in found:
        place = asked.place(task_id, one.pointer)
        rows.append({**one.to_json(), "index": place[1] if place else None})
    return {"run": asked.facts.to_json(), "total": total, "offset": offset, "items": rows}


def record(asked: Asked, task_id: str, map_index: int) -> dict[str, Any]:
    """Return the record of a task instance's node, and what Airflow knows of the instance."""
    found = database.instance(asked.session, asked.facts, task_id, map_index)
    pointer = found.pointer if found else ""
    place = asked.place(task_id, pointer)
    if place is None:
        problem = NOT_NAMED.format(pointer) if pointer else NOT_TOLD
        told = NodeRecord(task_id, problem=problem)
    else:
        told = record_of(asked.execution(place[0], task_id, place[1]))
    return {
        **told.to_json(),
        "run": asked.facts.to_json(),
        "task": found.to_json() if found else None,
        "tries": database.tries(asked.session, asked.facts, task_id, map_index),
    }


def execution(asked: Asked, address: str, index: str) -> dict[str, Any]:
    """Return the record of an execution of a run.

    Raises:
        MissingValueError: The run's pipeline has no such node.
    """
    asked.known(address)
    told = NodeRecord(address, index, problem=NOT_TOLD)
    if asked.folder is not None:
        told = record_of(asked.execution(asked.folder, address, index))
    return {**told.to_json(), "run": asked.facts.to_json()}


def value(asked: Asked, address: str, index: str, output: str, part: int | None) -> dict[str, Any]:
    """Return the beginning of an output.

    Raises:
        MissingValueError: There is no such output.
    """
    asked.known(address)
    folder = asked.folder
    if folder is None:
        raise MissingValueError(NOT_TOLD)
    path = asked.execution(folder, address, index).path
    artifact = read_commit(cast("Store", folder), path).outputs.get(output)
    if artifact is None:
        raise MissingValueError(f"{address} has committed no output {output!r}")
    return preview(folder, artifact, part)


def runs(session: Session, dag_id: str) -> dict[str, Any]:
    """Return the newest runs of a DAG."""
    return {"runs": [run.to_json() for run in database.latest_runs(session, dag_id, _RUNS)]}


def compared(left: Asked, right: Asked) -> dict[str, Any]:
    """Return what is equal in two runs."""
    told = {"left": left.facts.to_json(), "right": right.facts.to_json()}
    return {**told, **comparison(_side(left), _side(right))}


def _side(asked: Asked) -> Side:
    return Side(
        asked.version.outline,
        asked.folder,
        asked.parameters,
        database.states(asked.session, asked.facts),
        database.seconds(asked.session, asked.facts),
    )
