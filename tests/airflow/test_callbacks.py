"""Functions that Airflow calls when something became of a task or a run, and deadlines."""

from datetime import timedelta
from pathlib import Path

import pytest

from dagger_providers.errors import CapabilityError, UsageError


@pytest.fixture
def to_airflow(home):
    from dagger_providers.airflow import to_airflow

    return to_airflow


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_callbacks_of_a_task_are_called(run, tmp_path):
    log = tmp_path / "log"
    done = run("alarmed", log=str(log))

    assert done.run.state == "success"
    assert log.read_text().splitlines() == ["alarm running", "alarm success"]


def test_a_callback_is_told_of_a_failure(run, tmp_path):
    log = tmp_path / "log"
    run("alarmed", log=str(log), n=1)

    assert log.read_text().splitlines()[:2] == ["alarm running", "alarm failed"]


def test_a_callback_is_told_of_what_is_skipped(run, flows):
    told = []
    asked = {
        hook: {"on_skipped_callback": lambda context: told.append(context["ti"].task_id)}
        for hook in ("on_success", "on_failure")
    }
    done = run("hooked", {"task_args": asked}, numbers=[1])

    assert (done.run.state, done.skipped) == ("success", {"on_failure"})
    assert told == ["on_failure"]


def test_a_callback_is_told_of_another_try(run, tmp_path):
    told = []
    asked = {
        "crashes-once": {"on_retry_callback": lambda context: told.append(context["ti"].task_id)}
    }
    done = run("crashing", {"task_args": asked}, marker=str(tmp_path / "marker"))

    assert (done.run.state, told) == ("success", ["crashes-once"])


@pytest.mark.parametrize(("n", "state"), [(0, "success"), (1, "failed")])
def test_callbacks_of_runs_are_called(run, n, state, tmp_path):
    told = []
    called = {
        "on_success_callback": lambda context: told.append(("success", context["dag"].dag_id)),
        "on_failure_callback": [lambda context: told.append(("failed", context["dag"].dag_id))],
    }
    run("alarmed", called, log=str(tmp_path / "log"), n=n)

    assert told == [(state, "alarmed")]


@pytest.fixture
def asking(to_airflow, flows, tmp_path):
    """Run a pipeline that asks for options of its own."""
    from dagger_providers import DAG
    from dagger_providers.airflow.testing import run_dag_test

    def asking(name, **parameters):
        def run(**options):
            given = dict(getattr(flows, name).build()) | {"runtime_options": {"airflow": options}}
            made = to_airflow(DAG.model_validate(given), store=str(tmp_path / "store"))
            return run_dag_test(made, parameters)

        return run

    return asking


def test_a_callback_of_runs_by_its_name_is_called(asking, tmp_path):
    log = tmp_path / "log"
    asking("alarmed", log=str(log))(on_success_callback="airflow_flows:note_run")

    assert "alarmed success" in log.read_text().splitlines()


def test_callbacks_of_all_tasks_are_called(asking, tmp_path):
    log = tmp_path / "log"
    asked = asking("failing", n=2, log=str(log))
    asked(default_args={"on_failure_callback": "airflow_flows:note_run"})

    assert log.read_text().count("failing ") == 1


def test_callbacks_of_runs_are_the_dags(to_airflow, flows):
    (called,) = to_airflow(flows.alarmed).on_failure_callback

    assert called.__name__ == "note"


def test_a_callback_may_be_an_object(to_airflow, flows):
    asked = {"learn": {"on_retry_callback": print}}

    assert to_airflow(flows.learning, task_args=asked).task_dict["learn"].on_retry_callback == [
        print
    ]


@pytest.mark.parametrize(
    ("callback", "kind", "said"),
    [
        ("note", CapabilityError, "option 'on_skipped_callback': expected 'module:function', 'fil"),
        (1, CapabilityError, "option 'on_skipped_callback': expected 'module:function', 'file.py:"),
        ("airflow_flows:nothing", UsageError, "airflow_flows has no function 'nothing'"),
        ("airflow_flows:HERE", UsageError, "'airflow_flows:HERE' is no function: it is 'airflow_"),
        ("no_such_module:f", UsageError, "no module named 'no_such_module'"),
    ],
)
def test_a_callback_that_is_none_is_refused(to_airflow, flows, callback, kind, said):
    with pytest.raises(kind) as refused:
        to_airflow(flows.learning, task_args={"learn": {"on_skipped_callback": callback}})

    assert str(refused.value).removeprefix("airflow: task 'learn': ").startswith(said)


def test_a_deadline_is_airflows(to_airflow, flows):
    from airflow.sdk.definitions.deadline import DeadlineReference

    (alert,) = to_airflow(flows.hurried).deadline

    assert alert.reference == DeadlineReference.DAGRUN_QUEUED_AT
    assert alert.interval == timedelta(hours=1)
    assert (type(alert.callback).__name__, alert.callback.path) == (
        "AsyncCallback",
        "airflow_flows.late",
    )


@pytest.mark.needs("apache-airflow>=3.2", "AsyncCallback is public")
def test_a_deadline_of_airflows_own_is_handed_on(to_airflow, flows):
    from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference

    alert = DeadlineAlert(
        DeadlineReference.AVERAGE_RUNTIME(), timedelta(minutes=5), AsyncCallback(flows.late)
    )

    assert to_airflow(flows.learning, deadline=alert).deadline == [alert]


@pytest.mark.needs("apache-airflow>=3.2", "alerts have a table")
def test_airflows_database_knows_the_deadline(to_airflow, flows):
    from airflow.models.deadline_alert import DeadlineAlert
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from dagger_providers.airflow.testing.runs import register

    register(to_airflow(flows.hurried))
    with create_session() as session:
        (found,) = session.scalars(select(DeadlineAlert)).all()

        assert found.reference == {"reference_type": "DagRunQueuedAtDeadline"}
        assert found.callback_def["__data__"]["path"] == "airflow_flows.late"


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        ("1h", "option 'deadline': expected {'after': 'queued', 'logical_date' or 'average', 'int"),
        ({"after": "queued"}, "option 'deadline': expected {'after': 'queued', 'logical_date' or"),
        (
            {"after": "dawn", "interval": "1h", "callback": "m:f"},
            "option 'deadline': 'after' is 'dawn'; it may be: queued, logical_date, average; see",
        ),
        (
            {"after": "queued", "interval": "soon", "callback": "m:f"},
            "option 'deadline': 'soon' is no duration: write seconds, or like '90s', '10m', '1h'",
        ),
        (
            {"after": "queued", "interval": "1h", "callback": "m.py:f"},
            "option 'deadline': 'callback' must be 'module:function', got 'm.py:f'; see docs/air",
        ),
    ],
)
def test_a_deadline_that_is_none_is_refused(to_airflow, flows, deadline, said):
    from dagger_providers import dag

    @dag(runtime_options={"airflow": {"deadline": deadline}})
    def flow():
        return flows.one()

    with pytest.raises(CapabilityError) as refused:
        to_airflow(flow)

    assert str(refused.value).removeprefix("airflow: pipeline 'flow': ").startswith(said)
