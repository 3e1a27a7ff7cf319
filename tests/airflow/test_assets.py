"""Assets that tasks write and read: what Airflow knows of them, and what their events tell."""

from pathlib import Path

import pytest

from dagger_providers import dag
from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.storage import open_store, read_commit

MODEL = "s3://lake/model"


@pytest.fixture
def to_airflow(home):
    from dagger_providers.airflow import to_airflow

    return to_airflow


@pytest.fixture
def events(home):
    """The events of an asset that one DAG's runs made, as Airflow's database has them."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    def events(run):
        with create_session() as session:
            asked = select(AssetEvent).where(AssetEvent.source_run_id == run.airflow_run_id)
            rows = session.scalars(asked.where(AssetEvent.source_dag_id == run.dag_id)).all()
            found = [(row.asset.uri, row.source_map_index, row.extra) for row in rows]
        return sorted(found, key=lambda event: event[:2])

    return events


def test_an_event_tells_where_the_output_lies_and_of_which_run(run, events):
    from dagger_providers.airflow import read_value

    done = run("learning")
    ((uri, _, extra),) = events(done.run)
    artifact = read_commit(open_store(done.run.folder), "nodes/learn").outputs["return_value"]

    assert uri == MODEL
    assert extra == {
        "run_id": done.run.run_id,
        "store": done.run.store,
        "node": "learn",
        "index": "",
        "output": "return_value",
        "value": {
            "uri": f"{done.run.folder}/{artifact.uri}",
            "sha256": artifact.sha256,
            "serializer": "json",
        },
        "bytes": artifact.size,
    }
    assert read_value(extra["value"], stores=[done.run.store]) == [2, 1]


def test_each_item_of_a_loop_has_an_event(run, events):
    done = run("learning_each", n=3)
    found = events(done.run)

    assert [(uri, at, extra["index"]) for uri, at, extra in found] == [
        ("dagger://learning-each/learn-one/return_value", n, str(n)) for n in range(3)
    ]
    assert len({extra["value"]["sha256"] for *_, extra in found}) == 3


def test_a_chunk_of_items_has_one_event_that_says_which(run, events, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    done = run("learning_each", {"dag_id": "learning-chunks"}, n=5)

    assert [extra["index"] for *_, extra in events(done.run)] == ["0:2", "2:5"]
    assert all("value" not in extra for *_, extra in events(done.run))


def test_a_task_that_failed_has_no_event(run, events):
    done = run("learning_fails")

    assert (done.run.state, events(done.run)) == ("failed", [])


def test_objects_of_airflow_are_given_beside_the_pipeline(run, events):
    from airflow.sdk import Asset

    models = Asset(name="models", uri="x-models://all", extra={"of": "sales"})
    asked = {"task_args": {"total": {"outlets": [models]}, "learn": {"outlets": {}}}}
    done = run("learning", {"dag_id": "learning-given", **asked})
    ((uri, _, extra),) = events(done.run)

    assert uri == "x-models://all"
    assert extra == {
        "run_id": done.run.run_id, "store": done.run.store, "node": "total", "index": "",
    }  # fmt: skip


def test_an_operator_of_airflows_own_writes_assets(home, tmp_path, events):
    from dagger_providers.airflow.testing import execute

    asked = {"say": {"outlets": {"return_value": "x-said://it"}}}
    pipeline = load_file("native_flows.py", str(Path(__file__).parent)).said
    done = execute(pipeline, {}, str(tmp_path / "store"), task_args=asked)
    ((uri, _, extra),) = events(done)

    assert uri == "x-said://it"
    assert open_store(extra["value"]["uri"].rpartition("/")[0]).exists("return_value.json")


@pytest.fixture
def as_scheduled(serialization):
    """What a DAG is to Airflow's scheduler."""
    return lambda dag: serialization.from_dict(serialization.to_dict(dag))


def test_a_scheduler_knows_the_assets_of_a_task(to_airflow, flows, as_scheduled):
    learn = as_scheduled(to_airflow(flows.learning)).get_task("learn")

    assert [asset.uri for asset in learn.inlets] == ["s3://lake/raw"]
    assert [asset.uri for asset in learn.outlets] == [MODEL]


def test_any_and_all_assets_start_runs(to_airflow, flows, as_scheduled):
    condition = as_scheduled(to_airflow(flows.learning)).timetable.asset_condition
    asked = condition.as_expression()

    assert [*asked] == ["any"]
    assert asked["any"][0]["asset"]["uri"] == "s3://lake/raw"
    assert [one["asset"]["uri"] for one in asked["any"][1]["all"]] == ["a", "b"]


def test_a_schedule_of_assets_is_handed_on(to_airflow, flows, as_scheduled):
    from airflow.sdk import Asset

    given = as_scheduled(to_airflow(flows.learning, schedule=[Asset("s3://lake/b")]))

    assert given.timetable.asset_condition.as_expression()["all"][0]["asset"]["uri"] == (
        "s3://lake/b"
    )


@pytest.mark.parametrize(
    ("schedule", "uris"),
    [
        ("s3://lake/a", ["s3://lake/a"]),
        (["s3://lake/a", {"name": "b", "uri": "s3://lake/b"}], ["s3://lake/a", "s3://lake/b"]),
    ],
)
def test_a_uri_or_a_list_of_assets_starts_runs(to_airflow, flows, schedule, uris):
    @dag(runtime_options={"airflow": {"schedule": schedule}})
    def started():
        return flows.one()

    assert [asset.uri for asset in to_airflow(started).timetable.asset_condition.objects] == uris


def test_a_uri_of_ours_has_one_form(home):
    from airflow.sdk import Asset

    from dagger_providers.airflow.asset_uris import create_asset

    full = "dagger://flights/train.fit/return_value"
    assert Asset("dagger://flights/train.fit").uri == full
    assert Asset("DAGGER://flights/train.fit/return_value/").uri == full
    assert create_asset(dag_id="flights", node="train.fit").uri == full


@pytest.mark.parametrize(
    "uri",
    ["dagger://flights", "dagger:///fit", "dagger://a/b/c/d", "dagger://a b/c", "dagger://a/b?c=d"],
)
def test_a_uri_of_ours_names_an_output(home, uri):
    from airflow.sdk import Asset

    with pytest.raises(ValueError, match="names no output of a node: write dagger://DAG_ID/NODE"):
        Asset(uri)


@pytest.mark.parametrize(
    ("outlets", "said"),
    [
        ("s3://b", "option 'outlets': expected a list of assets, got 's3://b'; see docs/airflow"),
        ([1], "option 'outlets': expected an asset: a URI or name, or {'name': ..., 'uri': ..., "),
        ([{"url": "s3://b"}], "option 'outlets': expected an asset: a URI or name, or {'name'"),
        (["dagger://a"], "option 'outlets': 'dagger://a' names no output of a node: write dagger:"),
        (["airflow://a"], "option 'outlets': 'airflow://a': the scheme 'airflow' is Airflow's own"),
        (["a", "a"], "option 'outlets': {'uri': 'a'} stands there twice; an event tells of one"),
        ({"model": "a"}, "option 'outlets' names output 'model', which nothing reads; it keeps: "
         "return_value; return the output from the pipeline, or give outlets as a list"),
    ],
)  # fmt: skip
def test_outlets_that_cannot_be_are_refused(to_airflow, flows, outlets, said):
    with pytest.raises(CapabilityError) as refused:
        to_airflow(flows.learning, task_args={"learn": {"outlets": outlets}})

    assert str(refused.value).startswith(f"airflow: task 'learn': {said}")


def test_an_asset_for_what_nothing_reads_is_refused(to_airflow, flows):
    @dag
    def unread():
        flows.learn(1)
        return flows.one()

    with pytest.raises(CapabilityError, match="names output 'return_value', which nothing reads"):
        to_airflow(unread)


def test_a_schedule_that_is_none_is_refused(to_airflow, flows):
    @dag(runtime_options={"airflow": {"schedule": {"any": ["a"], "all": ["b"]}}})
    def wrong():
        return flows.one()

    with pytest.raises(CapabilityError, match=r"option 'schedule': expected \{'all': \[...\]\}"):
        to_airflow(wrong)


def test_options_of_no_task_are_refused(to_airflow, flows):
    with pytest.raises(UsageError) as refused:
        to_airflow(flows.learning, task_args={"learned": {}})

    assert str(refused.value) == (
        "task_args names no task of pipeline 'learning': learned; its tasks: learn, total"
    )


def test_an_unknown_option_of_a_task_is_refused(to_airflow, flows):
    with pytest.raises(CapabilityError, match=r"has no 'outlet'; known: active_deadline"):
        to_airflow(flows.learning, task_args={"learn": {"outlet": []}})
