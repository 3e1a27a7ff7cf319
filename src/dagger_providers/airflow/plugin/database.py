"""What Airflow's database tells of a pipeline's runs: states, tries, its version's outline.

All answers are bounded: counts are made by the database, lists come in pages.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from airflow.models.dag_version import DagVersion
from airflow.models.dagrun import DagRun
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance as Row
from airflow.models.taskinstancehistory import TaskInstanceHistory
from airflow.models.xcom import XComModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dagger_providers.airflow.operators.running import XCOM_KEY
from dagger_providers.airflow.outlines import outline_in
from dagger_providers.airflow.plugin.drawing import drawing
from dagger_providers.errors import MissingValueError
from dagger_providers.planning.outline import Outline

LIVE = frozenset({"queued", "running", "restarting"})
"""States of a run in which more is to come."""


@dataclass(frozen=True)
class Version:
    """A version of a DAG, as far as it is shown.

    Attributes:
        number: Airflow's number of it; 0 when it has none.
        outline: The outline of its pipeline; None for a DAG that is none of ours.
        defaults: The value of each parameter that has one.
    """

    number: int
    outline: Outline | None
    defaults: Mapping[str, Any]

    @cached_property
    def drawing(self) -> dict[str, Any] | None:
        """What the front-end draws; None for a DAG that is none of ours."""
        return drawing(self.outline) if self.outline is not None else None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run, as Airflow tells of it."""

    dag_id: str
    run_id: str
    state: str
    started: str | None
    ended: str | None
    conf: Mapping[str, Any]
    created_version: Any = None

    @property
    def is_live(self) -> bool:
        """Whether more is to come."""
        return self.state in LIVE

    def to_json(self) -> dict[str, Any]:
        """Return what the front-end shows of it."""
        names = ("dag_id", "run_id", "state", "started", "ended", "is_live")
        return {name: getattr(self, name) for name in names}


def run_facts(session: Session, dag_id: str, run_id: str) -> RunFacts:
    """Return what is known of a run.

    Raises:
        MissingValueError: There is none.
    """
    found = session.scalars(
        select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    ).first()
    if found is None:
        raise MissingValueError(f"DAG {dag_id!r} has no run {run_id!r}")
    return _facts(found)


def began(session: Session, run: RunFacts) -> datetime | None:
    """Return when anything of a run first began; clearing it sets its own time anew."""
    times = []
    for model in (DagRun, Row, TaskInstanceHistory):
        asked = select(func.min(model.start_date))
        asked = asked.where(model.dag_id == run.dag_id, model.run_id == run.run_id)
        times.append(session.scalar(asked))
    return min((time for time in times if time is not None), default=None)


def latest_runs(session: Session, dag_id: str, limit: int) -> list[RunFacts]:
    """Return the newest runs of a DAG."""
    asked = select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.id.desc()).limit(limit)
    return [_facts(row) for row in session.scalars(asked)]


def _facts(row: Any) -> RunFacts:
    return RunFacts(
        row.dag_id,
        row.run_id,
        str(row.state),
        _time(row.start_date),
        _time(row.end_date),
        row.conf if isinstance(row.conf, dict) else {},
        row.created_dag_version_id,
    )


def _time(time: datetime | None) -> str | None:
    return time.isoformat(timespec="milliseconds") if time is not None else None


# The version of a DAG

_KEPT = 32
_versions: OrderedDict[Any, Version] = OrderedDict()
_lock = Lock()
"""Requests are answered in threads."""


def version_of_dag(session: Session, dag_id: str) -> Version:
    """Return the newest version of a DAG.

    Raises:
        MissingValueError: There is no such DAG.
    """
    asked = select(DagVersion.id).where(DagVersion.dag_id == dag_id)
    newest = session.scalars(asked.order_by(DagVersion.version_number.desc()).limit(1)).first()
    return _version(session, newest, dag_id)


def version_of_run(session: Session, run: RunFacts) -> Version:
    """Return the newest version of a DAG that a task of a run has run by.

    Raises:
        MissingValueError: Airflow has kept none.
    """
    used = select(Row.dag_version_id).where(Row.dag_id == run.dag_id, Row.run_id == run.run_id)
    asked = select(DagVersion.id).where(DagVersion.id.in_(used.distinct()))
    newest = session.scalars(asked.order_by(DagVersion.version_number.desc()).limit(1)).first()
    newest = newest or run.created_version
    return _version(session, newest, run.dag_id) if newest else version_of_dag(session, run.dag_id)


def _version(session: Session, version_id: Any, dag_id: str) -> Version:
    with _lock:
        if version_id in _versions:
            _versions.move_to_end(version_id)
            return _versions[version_id]
    asked = select(SerializedDagModel).where(SerializedDagModel.dag_version_id == version_id)
    row = session.scalars(asked).first() if version_id else None
    if row is None:
        raise MissingValueError(f"Airflow keeps no version of DAG {dag_id!r}")
    numbered = select(DagVersion.version_number).where(DagVersion.id == version_id)
    data = row.data or {}
    made = Version(session.scalars(numbered).first() or 0, outline_in(data), _defaults(data))
    with _lock:
        _versions[version_id] = made
        if len(_versions) > _KEPT:
            _versions.popitem(last=False)
    return made


def _defaults(serialized: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of a serialized DAG's parameters."""
    from airflow.serialization.serialized_objects import BaseSerialization

    found: dict[str, Any] = {}
    for name, param in serialized.get("dag", {}).get("params", ()):
        value = BaseSerialization.deserialize(param.get("default"))
        if isinstance(value, bool | int | float | str | list | dict):
            found[name] = value
    return found


# Task instances


def states(session: Session, run: RunFacts) -> dict[str, dict[str, int]]:
    """Return how many instances of each task are in each state: ``none`` where Airflow has none."""
    asked = (
        select(Row.task_id, Row.state, func.count())
        .where(Row.dag_id == run.dag_id, Row.run_id == run.run_id)
        .group_by(Row.task_id, Row.state)
    )
    found: dict[str, dict[str, int]] = {}
    for task_id, state, count in session.execute(asked):
        found.setdefault(task_id, {})[_state(state)] = count
    return found


def seconds(session: Session, run: RunFacts) -> dict[str, float]:
    """Return how long the instances of each task took, added up."""
    asked = (
        select(Row.task_id, func.sum(Row.duration))
        .where(Row.dag_id == run.dag_id, Row.run_id == run.run_id)
        .group_by(Row.task_id)
    )
    return {task_id: round(total, 3) for task_id, total in session.execute(asked) if total}


def _state(state: Any) -> str:
    return str(state) if state else "none"


@dataclass(frozen=True, slots=True)
class Instance:
    """One task instance."""

    task_id: str
    map_index: int
    state: str
    try_number: int
    started: str | None
    seconds: float | None
    pointer: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what the front-end shows of it."""
        names = ("task_id", "map_index", "state", "try_number", "started", "seconds")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Slice:
    """Which of many task instances are asked for.

    Attributes:
        state: Those in this state only; empty for all.
        offset: How many of these come before.
        limit: How many at most.
    """

    state: str
    offset: int
    limit: int


def instances(
    session: Session, run: RunFacts, task_id: str, page: Slice
) -> tuple[int, list[Instance]]:
    """Return some of a task's instances, and how many there are in all."""
    asked = select(Row).where(
        Row.dag_id == run.dag_id, Row.run_id == run.run_id, Row.task_id == task_id
    )
    if page.state == "none":
        asked = asked.where(Row.state.is_(None))
    elif page.state:
        asked = asked.where(Row.state == page.state)
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    ordered = asked.order_by(Row.map_index).offset(page.offset).limit(page.limit)
    rows = list(session.scalars(ordered))
    told = pointers(session, run, task_id, [row.map_index for row in rows])
    return total, [_instance(row, told.get(row.map_index, "")) for row in rows]


def instance(session: Session, run: RunFacts, task_id: str, map_index: int) -> Instance | None:
    """Return one task instance, if there is one."""
    asked = select(Row).where(
        Row.dag_id == run.dag_id,
        Row.run_id == run.run_id,
        Row.task_id == task_id,
        Row.map_index == map_index,
    )
    row = session.scalars(asked).first()
    if row is None:
        return None
    told = pointers(session, run, task_id, [map_index])
    return _instance(row, told.get(map_index, ""))


def _instance(row: Any, pointer: str) -> Instance:
    return Instance(
        row.task_id,
        row.map_index,
        _state(row.state),
        row.try_number,
        _time(row.start_date),
        round(row.duration, 3) if row.duration is not None else None,
        pointer,
    )


_TRIES = 20


def tries(session: Session, run: RunFacts, task_id: str, map_index: int) -> list[dict[str, Any]]:
    """Return Airflow's earlier tries of a task instance, the latest of them, oldest first."""
    history = TaskInstanceHistory
    asked = (
        select(history.try_number, history.state, history.start_date, history.duration)
        .where(
            history.dag_id == run.dag_id,
            history.run_id == run.run_id,
            history.task_id == task_id,
            history.map_index == map_index,
        )
        .order_by(history.try_number.desc())
        .limit(_TRIES)
    )
    found = [
        {
            "number": number,
            "state": _state(state),
            "started": _time(started),
            "seconds": round(took, 3) if took is not None else None,
        }
        for number, state, started, took in session.execute(asked)
    ]
    return found[::-1]


# What tasks told of their nodes


def pointers(
    session: Session, run: RunFacts, task_id: str, map_indexes: Sequence[int]
) -> dict[int, str]:
    """Return where task instances say that their nodes' records lie; see `records.folder_of`."""
    if not map_indexes:
        return {}
    asked = XComModel.get_many(
        run_id=run.run_id, dag_ids=run.dag_id, task_ids=task_id, key=XCOM_KEY,
        map_indexes=map_indexes,
    )  # fmt: skip
    rows: Any = session.scalars(asked)
    found = {row.map_index: XComModel.deserialize_value(row) for row in rows}
    return {at: value for at, value in found.items() if isinstance(value, str)}


def any_pointer(session: Session, run: RunFacts) -> tuple[str, str]:
    """Return a task of a run and where it says that its node's records lie; empty: none has."""
    asked = XComModel.get_many(run_id=run.run_id, dag_ids=run.dag_id, key=XCOM_KEY, limit=1)
    row: Any = session.scalars(asked).first()
    value = XComModel.deserialize_value(row) if row is not None else None
    return (row.task_id, value) if isinstance(value, str) else ("", "")
