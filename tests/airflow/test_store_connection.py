"""The connection type `dagger_store`: what it gives, and who gets it."""

import json
import re
from dataclasses import replace
from importlib.util import find_spec

import pytest

from dagger_providers.planning import plan

S3 = {
    "conn_type": "dagger_store",
    "host": "s3://bucket/runs",
    "login": "AKIA",
    "password": "12345678",
    "extra": {"endpoint_url": "http://minio:9000", "client_kwargs": {"region_name": "eu"}},
}


@pytest.fixture
def hook(home):
    from dagger_providers.airflow import DaggerStoreHook

    return DaggerStoreHook


@pytest.fixture
def access(hook, monkeypatch):
    """What a connection gives."""

    def access(connection, store=None):
        monkeypatch.setenv("AIRFLOW_CONN_C", json.dumps(connection))
        return hook("c").access(store)

    return access


def test_a_connection_names_a_store_and_the_options_of_its_driver(access):
    found = access(S3)
    again = dict(json.loads(found.environment["FSSPEC_S3"]))

    assert (found.uri, found.protocol) == ("s3://bucket/runs", "s3")
    assert again == {
        "key": "AKIA",
        "secret": "12345678",
        "endpoint_url": "http://minio:9000",
        "client_kwargs": {"region_name": "eu"},
    }
    assert "12345678" not in repr(found)


def test_another_process_reads_what_this_one_gives(access):
    from fsspec.config import set_conf_env

    conf = {}
    set_conf_env(conf, access(S3).environment)

    assert conf == {"s3": access(S3).options}


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("az://c/runs", ("account_name", "account_key")),
        ("gs://b/runs", ("project", "token")),
        ("sftp://h/runs", ("username", "password")),
    ],
)
def test_drivers_have_names_of_their_own(access, host, names):
    assert tuple(access({**S3, "host": host, "extra": {}}).options) == names


def test_a_store_that_is_named_goes_before_the_connections(access):
    assert access(S3, "s3://other/runs").uri == "s3://other/runs"
    assert access({**S3, "host": None}, "s3://other/runs").protocol == "s3"


def test_options_are_this_processes_as_long_as_they_are_needed(access):
    from fsspec.config import conf

    found = access({**S3, "host": "sftp://h/runs"})
    with found.here():
        assert conf["sftp"] == found.options
    assert "sftp" not in conf


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"conn_type": "aws"}, "connection 'c' is of type 'aws', expected 'dagger_store'"),
        (
            {"conn_type": "dagger_store"},
            "connection 'c' names no store; give it a URI, such as s3://bucket/runs, as its host",
        ),
        (
            {**S3, "host": "/folder", "extra": {}},
            "connection 'c': a local store has no credentials and options, but got password, "
            "username; give a URI, such as s3://bucket/runs",
        ),
    ],
)
def test_a_connection_that_does_not_fit(access, hook, connection, told):
    from airflow.providers.common.compat.sdk import AirflowFailException

    with pytest.raises(AirflowFailException) as refused:
        access(connection)

    assert str(refused.value) == told
    assert hook("c").test_connection() == (False, told)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"store_conn_id": "none"},
            "no connection 'none'; add one of type 'dagger_store', or name another by "
            "store_conn_id",
        ),
        ({"store": "foo://b/x"}, "x: foo://b/x: no file system is known as foo://"),
    ],
)
def test_a_store_that_cannot_be_reached_fails_at_once(home, flows, given, told):
    from types import SimpleNamespace

    from airflow.providers.common.compat.sdk import AirflowFailException

    from dagger_providers.airflow.node import node_of
    from dagger_providers.airflow.operators.process import DaggerProcessOperator

    (step,) = plan(flows.talking.build()).steps.values()
    task = DaggerProcessOperator(task_id="x", node=replace(node_of(step, None), address="x"),
                                 parameters={}, **given)  # fmt: skip
    run = SimpleNamespace(dag_id="d", run_id="r", conf={})
    pushed = SimpleNamespace(xcom_push=lambda **_: None)
    with pytest.raises(AirflowFailException) as refused:
        task.execute({"dag_run": run, "ti": pushed, "params": {}})

    assert str(refused.value) == told
    assert refused.value.__suppress_context__  # the line says it all


def test_a_connection_that_works_is_told(hook, guarded):
    assert hook(guarded.conn_id).test_connection() == (
        True,
        f"{guarded.uri} can be written and read",
    )
    assert list(guarded.folder.iterdir()) == []


def test_a_connection_that_does_not_work_tells_no_secret(access, hook, guarded):
    access({**guarded.connection, "password": "wrong-one", "host": "guarded:///wrong-one"})

    worked, told = hook("c").test_connection()

    assert not worked
    assert re.fullmatch(r"guarded:///\*\*\*/\.connection-test-[\w-]+: Permission denied", told)


def test_secrets_are_masked_in_logs(access):
    from airflow.sdk.log import redact

    access({**S3, "extra": {"session_token": "of-a-session"}})

    assert redact("12345678 of-a-session") == "*** ***"


@pytest.mark.parametrize(
    ("store", "taken"),
    [
        ("s3://b/x", True),
        pytest.param(
            "s3a://b/x",
            True,
            marks=pytest.mark.skipif(find_spec("s3fs") is None, reason="needs the extra s3"),
        ),
        ("memory://b/x", False),
        ("/srv/x", False),
    ],
)
def test_options_are_for_the_driver_of_the_connection_only(access, store, taken):
    found = access(S3, store)

    assert found.driver == (found.options if taken else {})


def test_a_process_reaches_its_store_by_a_connection(run, guarded, flows):
    done = run("mapped", {"store": None, "store_conn_id": guarded.conn_id}, n=2)

    assert done.run.store == guarded.uri
    assert done.run.state == "success"
    assert (guarded.folder / "runs" / done.run.run_id / "nodes" / "total").is_dir()


def test_a_deployment_names_its_connection(run, guarded, monkeypatch, home):
    from dagger_providers.airflow.settings import access_to, default_store

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_CONN_ID", guarded.conn_id)

    assert default_store() == guarded.uri
    assert access_to(f"{guarded.uri}/more").uri == f"{guarded.uri}/more"
    assert access_to(f"{guarded.uri}/more").options["password"] == guarded.secret
    assert run("talking", {"store": None}).run.state == "success"


def test_the_connections_form_is_what_airflow_shows(home):
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService
    from airflow.providers_manager import ProvidersManager

    form = {one.connection_type: one for one in HookMetaService.hook_meta_data()}["dagger_store"]
    fields = form.standard_fields
    known = ProvidersManager().hooks["dagger_store"]

    assert (known.connection_id_attribute_name, form.hook_name) == ("store_conn_id", "Dagger store")
    assert known.connection_testable
    assert (fields.url_schema.hidden, fields.port.hidden, fields.host.hidden) == (True, True, False)
    assert (fields.host.title, fields.host.placeholder) == ("Store", "s3://bucket/dagger")
    assert form.extra_fields["endpoint_url"]["schema"]["title"] == "Endpoint URL"


@pytest.mark.parametrize(
    ("entry", "store", "conn_id"),
    [
        ("s3://bucket/runs", "s3://bucket/runs", None),
        ("/srv/of@home", "/srv/of@home", None),
        ("sftp://ada@host/runs", "sftp://ada@host/runs", None),
        ("team_b", None, "team_b"),
        ("team_b@s3://bucket/runs", "s3://bucket/runs", "team_b"),
        ("team_b@sftp://ada@host/runs", "sftp://ada@host/runs", "team_b"),
    ],
)
def test_a_store_to_be_shown_is_named_by_uri_by_connection_or_by_both(
    home, monkeypatch, entry, store, conn_id
):
    from dagger_providers.airflow.settings import readable

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", f" , {entry} ,")
    assert readable() == [(None, None), (store, conn_id)]


@pytest.mark.parametrize("entry", ["the_store", "the_store@{uri}"])
def test_pages_show_what_a_pipeline_keeps_by_a_connection_of_its_own(
    run, guarded, monkeypatch, entry
):
    from dagger_providers.airflow.plugin.previews import preview
    from dagger_providers.airflow.plugin.stores import folder_of
    from dagger_providers.storage import read_commit

    done = run("mapped", {"store": None, "store_conn_id": guarded.conn_id}, n=2).run
    pointer = f"{done.folder}/nodes/total"
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", entry.format(uri=guarded.uri))
    # The deployment has another one of the same kind, and with other credentials.
    other = {**guarded.connection, "host": "guarded:///other", "password": "wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(other))
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_CONN_ID", "other")

    folder, index = folder_of(done.dag_id, done.airflow_run_id, "total", pointer)
    written = read_commit(folder, "nodes/total").outputs["return_value"]

    assert index == ""
    assert preview(folder, written)["kind"] == "json"
    assert guarded.secret not in repr(folder)
    assert guarded.secret not in repr(folder._store)


def test_a_connection_that_is_not_there_hides_no_other_store(run, guarded, monkeypatch):
    from dagger_providers.airflow.plugin.stores import folder_of

    done = run("talking", {"store": None, "store_conn_id": guarded.conn_id}).run
    given = (done.dag_id, done.airflow_run_id, "talk")
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "gone,the_store")

    assert folder_of(*given, f"{done.folder}/nodes/talk")[0].root == guarded.uri


@pytest.mark.parametrize(
    "broken",
    [
        {"conn_type": "dagger_store", "host": "foo://b/x"},
        {"conn_type": "dagger_store", "host": "s3://b/x", "extra": "[1]"},
        {"conn_type": "aws"},
    ],
)
def test_what_is_wrong_with_a_connection_of_ui_stores_is_told_in_the_log_alone(
    home, monkeypatch, caplog, broken
):
    from dagger_providers.airflow.plugin.stores import folder_of

    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", json.dumps(broken))
    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "broken,gone")

    assert folder_of("d", "r", "t", "/elsewhere/runs/airflow/d/r/nodes/t") is None
    told = [one.getMessage() for one in caplog.records if one.name.startswith("dagger_providers")]
    assert [line.partition(":")[0] for line in told] == [
        "[dagger_providers] ui_stores, broken",
        "[dagger_providers] ui_stores, gone",
    ]
    assert told[1].partition(": ")[2].startswith("no connection 'gone'; add one of type")


def test_a_connection_of_the_deployment_that_is_not_there_is_told(home, monkeypatch):
    from dagger_providers.airflow.plugin.stores import folder_of
    from dagger_providers.errors import StorageError

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__STORE_CONN_ID", "gone")

    with pytest.raises(StorageError, match=r"^no connection 'gone'; add one of type"):
        folder_of("d", "r", "t", "/elsewhere/runs/airflow/d/r/nodes/t")


@pytest.fixture
def referred(run, guarded):
    """A reference to a value in a store that opens by a connection only."""
    from dagger_providers.airflow.references import reference
    from dagger_providers.airflow.settings import access_to
    from dagger_providers.storage import open_store, read_commit

    done = run("mapped", {"store": None, "store_conn_id": guarded.conn_id}, n=2).run
    with access_to(conn_id="the_store").here():
        store = open_store(done.folder)
        return reference(store, read_commit(store, "nodes/total").outputs["return_value"])


@pytest.mark.parametrize("entry", ["the_store", "the_store@{uri}/"])
def test_a_reference_is_read_with_the_credentials_of_its_store(
    referred, guarded, monkeypatch, entry
):
    from dagger_providers.airflow import read_value

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", entry.format(uri=guarded.uri))

    assert read_value(referred) == read_value(referred, store_conn_id="the_store")


@pytest.mark.parametrize("whose", ["of the Task SDK", "of a secrets backend"])
def test_a_connection_that_may_not_be_looked_up_keeps_no_reference_from_being_read(
    referred, monkeypatch, caplog, whose
):
    from dagger_providers.airflow import DaggerStoreHook, read_value

    monkeypatch.setenv("AIRFLOW__DAGGER_PROVIDERS__UI_STORES", "of_others,the_store")
    monkeypatch.setattr(DaggerStoreHook, "get_connection", _refusing("of_others", whose))

    read = read_value([referred, referred])
    assert caplog.text.count("ui_stores, of_others: ") == 1
    assert read == [read_value(referred, store_conn_id="the_store")] * 2


def _refusing(conn_id, whose):
    """Look connections up, but one that we may not."""
    from airflow.sdk.bases.hook import BaseHook
    from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
    from airflow.sdk.execution_time.comms import ErrorResponse

    answer = ErrorResponse(error=ErrorType.GENERIC_ERROR, detail={"reason": "denied"})
    told = {"of the Task SDK": AirflowRuntimeError(answer)}
    error = told.get(whose, PermissionError("denied"))

    def get_connection(asked):
        if asked == conn_id:
            raise error
        return BaseHook.get_connection(asked)

    return staticmethod(get_connection)
